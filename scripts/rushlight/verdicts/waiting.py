"""A progressive case waits for blanks that are there. One that names a task which is written waits for nothing: it failed."""

import re
from dataclasses import replace
from typing import Any

from ..course.blanks import find_blank
from ..course.tree import Tree, Unit
from .verdict import TaskVerdict

NAMED = re.compile(r"^todo (\S+): not written yet$", re.MULTILINE)


def only_true_waits(
    tree: Tree, unit: Unit, stack: str, reference: tuple[str, ...], verdicts: list[TaskVerdict]
) -> list[TaskVerdict]:
    def is_blank(task_id: str) -> bool:
        task = tree.tasks.get(task_id)
        if task is None or task.module in reference or stack == "solution" or (stack == "isolated" and task.module != unit.key):
            return False
        folder = tree.modules[task.module].folder
        return ":" in find_blank(tree, task) or not all((folder / name).is_file() for name in task.files)

    def judged(case: dict[str, Any]) -> dict[str, Any]:
        named = NAMED.findall(case.get("message", ""))
        if case.get("state") != "waits" or any(map(is_blank, named)):
            return case
        what = " and ".join(named) or "no task"
        message = f'it came to a blank of {what}, which is written: does code of yours still call todo("{named[0] if named else ""}")?'
        return {**case, "state": "wrong", "message": message}

    return [_with_details(verdict, tuple(map(judged, verdict.details))) for verdict in verdicts]


def _with_details(verdict: TaskVerdict, details: tuple[dict[str, Any], ...]) -> TaskVerdict:
    found_out = [new for new, old in zip(details, verdict.details) if new is not old]
    if not found_out:
        return verdict
    counts = verdict.counts | {
        "todo": verdict.counts["todo"] - len(found_out),
        "wrong": verdict.counts["wrong"] + len(found_out),
    }
    state = "crash" if verdict.state == "crash" else "wrong"
    message = found_out[0]["message"] if verdict.state in ("pass", "todo") else verdict.message
    return replace(verdict, state=state, details=details, counts=counts, message=message, blocked_by=None)
