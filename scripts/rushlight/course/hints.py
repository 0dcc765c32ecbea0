"""Hints in levels: one more each time. The level reached is kept in .rush/hints.json."""

import json

from ..basics.errors import RushError
from ..basics.files import read_json_or, write_atomic
from .blanks import find_blank
from .manifest import Task
from .tree import Tree


def next_hints(tree: Tree, task: Task, from_start: bool = False) -> list[str]:
    """The hints up to the next level; asking again gives one more, until all are out."""
    if not task.hints:
        raise RushError(f"{task.id} has no hints.", f"read the comment at {find_blank(tree, task)}.")
    path = tree.root / ".rush" / "hints.json"
    levels = read_json_or(path, {})
    levels = levels if isinstance(levels, dict) else {}
    seen = 0 if from_start else levels.get(task.id, 0)
    level = min((seen if isinstance(seen, int) else 0) + 1, len(task.hints))
    write_atomic(path, json.dumps(levels | {task.id: level}, indent=1, sort_keys=True) + "\n")
    return list(task.hints[:level])
