"""A module's manifest (modules/NN_name/module.json), read and checked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..basics.errors import RushError
from ..basics.files import read_json
from .systems import SYSTEMS

KEYS = "title tier needs hours files given bookkeeping xtensor precompiled provides system tasks".split()  # CONTRIBUTING.md
FOLDER = re.compile(r"^(\d\d)_[a-z0-9_]+$")


@dataclass(frozen=True)
class Task:
    id: str
    title: str
    files: tuple[str, ...]
    points: int
    hints: tuple[str, ...]

    @property
    def module(self) -> str:
        return self.id.split(".")[0]


@dataclass(frozen=True)
class Module:
    folder: Path
    title: str
    tier: str
    needs: tuple[str, ...]
    files: tuple[str, ...]  # what the student writes
    given: tuple[str, ...]
    tasks: tuple[Task, ...]
    hours: float = 0
    provides: tuple[str, ...] = ()  # "kernels": they make the other modules faster
    xtensor: tuple[str, ...] = ()  # the headers through which its files see xtensor
    system: tuple[str, ...] = ()  # libraries of the system without which the module is absent: systems.py
    bookkeeping: tuple[str, ...] = ()  # files whose speed does not matter: CMake compiles them quickly

    @property
    def number(self) -> str:
        return self.folder.name[:2]

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def points(self) -> int:
        return sum(task.points for task in self.tasks)

    def first_task_in(self, file: str) -> Task | None:
        return next((task for task in self.tasks if file in task.files), None)


def load_module(folder: Path) -> Module:
    """Reads one manifest; every complaint names the file, the key and what was expected."""
    path = folder / "module.json"
    raw = read_json(path)
    fields = _Fields(path, raw)
    if unknown := sorted(raw.keys() - KEYS):  # CMake takes a key that it does not find for an empty one
        raise RushError(f'{path}: there is no key "{unknown[0]}".', f"the keys are {', '.join(KEYS)}.")
    number = folder.name[:2]
    files = tuple(fields.strings("files"))
    tasks = tuple(_load_task(path, entry, number, files) for entry in fields.list("tasks"))
    if not 1 <= len(tasks) <= 9:
        raise RushError(f"{path}: expected 1 to 9 tasks, found {len(tasks)}.")
    if len({task.id for task in tasks}) != len(tasks):
        raise RushError(f"{path}: two tasks share an id.")
    return Module(
        folder=folder,
        title=fields.text("title"),
        tier=fields.text("tier"),
        needs=tuple(fields.strings("needs")),
        files=files,
        given=tuple(fields.strings("given")) if "given" in raw else (),
        tasks=tasks,
        hours=fields.number("hours"),
        provides=tuple(fields.strings("provides")) if "provides" in raw else (),
        xtensor=tuple(fields.strings("xtensor")) if "xtensor" in raw else (),
        system=_load_system(path, fields),
        bookkeeping=_load_bookkeeping(path, fields, files),
    )


def _load_system(path: Path, fields: _Fields) -> tuple[str, ...]:
    names = tuple(fields.strings("system")) if "system" in fields.raw else ()
    for name in names:
        if name not in SYSTEMS:
            raise RushError(f'{path}: "system" has "{name}"; known are {", ".join(SYSTEMS)}.')
    return names


def _load_bookkeeping(path: Path, fields: _Fields, files: tuple[str, ...]) -> tuple[str, ...]:
    """Checked here because CMake would not notice a name that is none."""
    names = tuple(fields.strings("bookkeeping")) if "bookkeeping" in fields.raw else ()
    for name in names:
        if name not in files:
            raise RushError(f'{path}: "bookkeeping" has "{name}", which "files" does not list.')
    return names


def _load_task(path: Path, raw: Any, number: str, files: tuple[str, ...]) -> Task:
    fields = _Fields(path, raw)
    task_id = fields.text("id")
    if not re.fullmatch(rf"{number}\.[1-9]", task_id):
        raise RushError(f'{path}: task id "{task_id}" should look like "{number}.1".')
    where = raw.get("file", list(files))
    where = (where,) if isinstance(where, str) else tuple(where)
    for file in where:
        if file not in files:
            raise RushError(f'{path}: task {task_id} is in "{file}", which "files" does not list.')
    points = raw.get("points")
    if not isinstance(points, int) or points < 0:
        raise RushError(f'{path}: task {task_id}: "points" should be a whole number, found {points!r}.')
    return Task(task_id, fields.text("title"), where, points, tuple(fields.strings("hints")))


class _Fields:
    """Typed access to one JSON object."""

    def __init__(self, path: Path, raw: Any) -> None:
        if not isinstance(raw, dict):
            raise RushError(f"{path}: expected an object, found {type(raw).__name__}.")
        self.path, self.raw = path, raw

    def text(self, key: str) -> str:
        return self._get(key, str, "a string")

    def number(self, key: str) -> float:
        return self._get(key, (int, float), "a number")

    def list(self, key: str) -> list[Any]:
        return self._get(key, list, "a list")

    def strings(self, key: str) -> list[str]:
        values = self.list(key)
        if not all(isinstance(value, str) for value in values):
            raise RushError(f'{self.path}: "{key}" should hold strings only.')
        return values

    def _get(self, key: str, kind: type | tuple[type, ...], expected: str) -> Any:
        value = self.raw.get(key)
        if not isinstance(value, kind):
            found = "nothing" if value is None else repr(value)[:40]
            raise RushError(f'{self.path}: "{key}" should be {expected}, found {found}.')
        return value
