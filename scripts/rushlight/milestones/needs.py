"""What a milestone needs, as its milestone.json lists it: tasks, or modules of which it is only known that it uses some.

tools/reach.py finds the tasks by running it.
"""

from itertools import groupby
from typing import Iterable

from ..basics.errors import RushError
from ..basics.terminal import note
from ..course.blanks import find_blank
from ..course.manifest import Task
from ..course.tree import Tree


def missing_tasks(tree: Tree, name: str, borrowed: Iterable[str] = (), device: bool = False) -> list[Task]:
    """Blanks, and tasks whose file is gone, in modules that are not borrowed. A module that is begun is none of them."""
    return [task for tasks in _groups(tree, name, borrowed, device) if _all_missing(tree, tasks) for task in tasks]


def uncertain_tasks(tree: Tree, name: str, borrowed: Iterable[str] = (), device: bool = False) -> list[Task]:
    """Such tasks of modules that are begun, where only the module is listed: whether they are needed shows on the way."""
    begun = [tasks for tasks in _groups(tree, name, borrowed, device) if not _all_missing(tree, tasks)]
    return [task for tasks in begun for task in tasks if _is_missing(tree, task)]


def _groups(tree: Tree, name: str, borrowed: Iterable[str], device: bool) -> list[list[Task]]:
    """The tasks of each entry: one, or all of a module."""
    entries = _listed(tree, name) + (on_device(tree, name) if device else [])
    groups = [[tree.task(each)] if "." in each else list(tree.module(each).tasks) for each in entries]
    return [tasks for tasks in groups if tasks[0].module not in borrowed]


def _all_missing(tree: Tree, tasks: list[Task]) -> bool:
    return all(_is_missing(tree, task) for task in tasks)


def _listed(tree: Tree, name: str) -> list[str]:
    return tree.milestones[name][1].get("tasks", [])


def on_device(tree: Tree, name: str) -> list[str]:
    """What its form for a device needs, too; empty where it has none."""
    return tree.milestones[name][1].get("device", [])


def check_needs(tree: Tree, name: str, borrowed: tuple[str, ...], device: bool = False) -> None:
    """Says so before anything is built, and names them all. What only may be needed is named, and the milestone is tried."""
    missing = missing_tasks(tree, name, borrowed, device)
    if not missing:
        if uncertain := uncertain_tasks(tree, name, borrowed, device):
            what, it = ("blanks", "them") if len(uncertain) > 1 else ("a blank", "it")
            note(f"{in_words(tree, uncertain)}: still {what}, and {name} may need {it}")
        return
    modules = sorted({task.module for task in missing})
    step = f"scripts/rush hint {missing[0].id}"
    if set(modules) <= tree.borrowable:
        step += f"   or borrow what is missing: scripts/rush milestone {name}{' --device emulated' if device else ''} --reference {','.join(sorted({*modules, *borrowed}))}"
    many = len(missing) > 1
    raise RushError(
        f"{name} needs {'tasks' if many else 'task'} {in_words(tree, missing)}, still {'blanks' if many else 'a blank'}.",
        step,
        code=1,
    )


def in_words(tree: Tree, tasks: list[Task]) -> str:
    """`01, 02.3, 02.5`: a module all of whose tasks are meant goes by its number."""
    words = []
    for number, group in groupby(tasks, key=lambda task: task.module):
        ids = [task.id for task in group]
        words += [number] if len(ids) == len(tree.modules[number].tasks) else ids
    return ", ".join(words)


def modules_in_words(tree: Tree, name: str) -> str:
    """`01-06, 08`: the modules that it needs."""
    runs = groupby(enumerate(map(int, tree.milestone_modules(name))), key=lambda pair: pair[1] - pair[0])
    spans = [[number for _, number in run] for _, run in runs]
    return ", ".join(f"{span[0]:02}-{span[-1]:02}" if len(span) > 1 else f"{span[0]:02}" for span in spans)


def _is_missing(tree: Tree, task: Task) -> bool:
    folder = tree.modules[task.module].folder
    return not all((folder / name).is_file() for name in task.files) or ":" in find_blank(tree, task)
