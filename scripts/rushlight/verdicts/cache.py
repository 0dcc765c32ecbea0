"""Remembered verdicts, keyed by what was tested: whatever of it changes, they are forgotten."""

import hashlib
import json
import os
from pathlib import Path

from ..basics.files import read_json_or, write_atomic
from ..basics.terminal import note
from ..building.build import Build
from ..course.tree import Unit
from .verdict import TaskVerdict

FORMAT = 2
INPUTS = ("tests/golden", "data")  # what the tests read while they run
ASKED = ("RUSHLIGHT_RANKS",)  # variables by which tests do more


class VerdictCache:
    def __init__(self, build: Build) -> None:
        self.build = build
        self.folder = build.folder / "verdicts"
        self.digests = build.digests
        self._inputs: str | None = None

    def load(self, unit: Unit, stack: str) -> list[TaskVerdict] | None:
        """The verdicts of exactly this executable on exactly these cases, or None."""
        stored = read_json_or(self._path(unit, stack), {})
        try:
            if stored["key"] != self.key(unit, stack):
                return None
            lists = ("details", "explanation", "waits_for")
            return [TaskVerdict(**v | {name: tuple(v[name]) for name in lists}) for v in stored["verdicts"]]
        except (KeyError, TypeError, OSError):
            return None

    def save(self, unit: Unit, stack: str, verdicts: list[TaskVerdict]) -> None:
        """As far as the disk allows: without it the tests only run again."""
        stored = {"key": self.key(unit, stack), "verdicts": [vars(verdict) for verdict in verdicts]}
        try:
            write_atomic(self._path(unit, stack), json.dumps(stored))
        except OSError as error:
            note(f"the verdicts of {unit.name} cannot be remembered: {error.strerror or error}")
        self.digests.save()

    def key(self, unit: Unit, stack: str) -> str:
        build = self.build
        files = [build.test_executable(unit.target(stack)), unit.cases, build.launcher]
        if unit.module:
            files.append(unit.module.folder / "module.json")  # points and the list of tasks
        asked = (f"{name}={os.environ.get(name, '')}" for name in ASKED)
        parts = [str(FORMAT), *asked, *(self.digests.of(file) for file in files), self._inputs_digest()]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def _inputs_digest(self) -> str:
        if self._inputs is None:
            folders = (self.build.tree.root / name for name in INPUTS)
            files = sorted(path for folder in folders for path in folder.rglob("*") if path.is_file())
            lines = (f"{path} {self.digests.of(path)}" for path in files)
            self._inputs = hashlib.sha256("\n".join(lines).encode()).hexdigest()
        return self._inputs

    def _path(self, unit: Unit, stack: str) -> Path:
        return self.folder / stack / f"{unit.key}.json"
