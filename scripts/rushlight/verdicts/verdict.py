"""Verdicts: what became of each task. Four states; a task's state is its worst case's."""

from dataclasses import dataclass, field, replace
from typing import Any

from ..course.tree import Unit
from . import reading_order

COUNTS = ("passed", "wrong", "crash", "todo", "missing")
NO_CASES = dict.fromkeys(COUNTS, 0)


@dataclass(frozen=True)
class TaskVerdict:
    id: str
    module: str  # folder name, or the suite's name
    state: str  # pass, wrong, crash, todo
    points: int
    cases: int
    counts: dict[str, int]  # by COUNTS
    blocked_by: str | None = None
    waits_for: tuple[str, ...] = ()  # all other tasks whose blanks its cases came to
    seconds: float = 0.0
    message: str = ""
    explanation: tuple[str, ...] = field(default=(), compare=False)  # lines that a person reads after the message
    details: tuple[dict[str, Any], ...] = field(default=(), compare=False)

    def as_json(self) -> dict[str, Any]:
        keys = ("id", "module", "state", "blocked_by", "waits_for", "points", "cases", "seconds", "message")
        return {key: getattr(self, key) for key in keys}

    @property
    def first_failure(self) -> dict[str, Any] | None:
        return next(iter(self.failures), None)

    @property
    def failures(self) -> list[dict[str, Any]]:
        """The cases that did not pass, the one to read first before the others."""
        failed = [case for case in self.details if case.get("state") in reading_order.STATES]
        return sorted(failed, key=reading_order.sort_key)


def from_launcher(unit: Unit, report: dict[str, Any]) -> list[TaskVerdict]:
    """The launcher's JSON, plus points from the manifest. A task that it does not mention is wrong."""
    verdicts = [_with_first_message(_from_entry(unit, entry)) for entry in report["tasks"]]
    if unit.module:
        seen = {verdict.id for verdict in verdicts}
        for task in unit.module.tasks:
            if task.id not in seen:
                message = f"tests/{unit.name}/cases.txt lists no test of this task"
                verdicts.append(
                    TaskVerdict(task.id, unit.name, "wrong", task.points, 0, NO_CASES, message=message)
                )
    return sorted(verdicts, key=lambda verdict: verdict.id)


def _from_entry(unit: Unit, entry: dict[str, Any]) -> TaskVerdict:
    return TaskVerdict(
        id=task_id(unit, entry["id"]),
        module=unit.name,
        state=entry["state"],
        points=points_of(unit, entry["id"]),
        cases=entry["cases"],
        counts={name: entry.get(name, 0) for name in COUNTS},
        blocked_by=entry.get("blocked_by"),
        waits_for=tuple(entry.get("waits_for", ())),
        seconds=round(entry.get("seconds", 0.0), 3),
        message=entry.get("message", ""),
        details=reading_order.annotated(entry.get("details", []), unit.cases.parent),
    )


def _with_first_message(verdict: TaskVerdict) -> TaskVerdict:
    """What a task says is what its first failure says."""
    first = verdict.first_failure
    return replace(verdict, message=first["message"]) if first and first.get("message") else verdict


def task_id(unit: Unit, launcher_id: str) -> str:
    return launcher_id if unit.module else f"{unit.key}.{launcher_id}"


def points_of(unit: Unit, wanted: str) -> int:
    tasks = unit.module.tasks if unit.module else ()
    return next((task.points for task in tasks if task.id == wanted), 0)


def totals(verdicts: list[TaskVerdict]) -> dict[str, int]:
    return {name: sum(verdict.counts[name] for verdict in verdicts) for name in COUNTS}


def as_json(verdicts: list[TaskVerdict]) -> dict[str, Any]:
    return {**totals(verdicts), "tasks": [verdict.as_json() for verdict in verdicts]}


def all_passed(verdicts: list[TaskVerdict]) -> bool:
    """Something was asked for, and every task of it passed. Progressive cases may wait for other tasks."""
    return totals(verdicts)["passed"] > 0 and all(verdict.state == "pass" for verdict in verdicts)
