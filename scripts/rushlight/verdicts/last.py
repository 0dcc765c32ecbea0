"""The last verdict of each task, and whether it still speaks of the files as they are. The board shows these.

They are no cache: nothing is left out because one of them says so. A verdict counts as old as soon as the text of one
file differs that its test program is made of.
"""

import hashlib
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Iterable

from ..basics.files import read_json_or, write_atomic
from ..basics.terminal import note
from ..building.build import Build
from ..course.blanks import find_blank
from ..course.tree import Tree, Unit
from .unwritten import all_todo, is_unwritten
from .verdict import TaskVerdict

SOURCES = ("*.cpp", "*.hpp", "module.json", "cases.txt")


@dataclass(frozen=True)
class Known:
    verdict: TaskVerdict
    old: bool  # a file has changed since
    borrowed: tuple[str, ...] = ()  # the modules that were not the student's then


class LastVerdicts:
    def __init__(self, build: Build) -> None:
        self.tree, self.folder, self.digests = build.tree, build.folder / "verdicts" / "last", build.digests

    def remember(
        self, unit: Unit, stack: str, sources: str, verdicts: Iterable[TaskVerdict], borrowed: tuple[str, ...] = ()
    ) -> None:
        """`sources`: the digest from before the build, so that what was saved since makes the verdict old. Where the disk
        does not allow it the board shows what it knew. Of a module that is borrowed nothing is remembered."""
        if unit.key in borrowed:
            return
        stored = self._stored(unit, stack)
        for verdict in verdicts:
            if not _says_less(verdict, stored.get(verdict.id, {}), sources):
                entry = {"sources": sources, "borrowed": borrowed, "verdict": vars(replace(verdict, details=()))}
                stored[verdict.id] = entry
        try:
            write_atomic(self._path(unit, stack), json.dumps(stored))
        except OSError as error:
            note(f"the board does not get to know of {unit.name}: {error.strerror or error}")

    def of(self, unit: Unit, stack: str) -> dict[str, Known]:
        """By task. What nobody has begun is todo; a task of which nothing is known is left out."""
        stored = self._stored(unit, stack)
        sources = self.sources(unit, stack) if stored else ""
        found: dict[str, Known] = {}
        for task, entry in stored.items():
            try:
                lists = {name: tuple(entry["verdict"][name]) for name in ("details", "explanation", "waits_for")}
                verdict = TaskVerdict(**entry["verdict"] | lists)
                old = entry["sources"] != sources and not self._surely_blank(verdict, stack)
                found[task] = Known(verdict, old, tuple(entry.get("borrowed", ())))
            except (KeyError, TypeError):
                continue
        if stack == "own" and is_unwritten(self.tree, unit):
            found |= {verdict.id: Known(verdict, False) for verdict in all_todo(unit)}
        return found

    def sources(self, unit: Unit, stack: str) -> str:
        """A digest of the text of every file of the course that this unit's program is made of."""
        tests = [self.tree.root / "tests" / "support", unit.cases.parent]
        lines = [f"{file}:{self._digest(file)}" for folder in [*tests, *self._modules(unit, stack)] for file in _sources(folder)]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

    def _modules(self, unit: Unit, stack: str) -> list[Path]:
        modules = self.tree.modules.values()
        if stack == "isolated" and unit.module:
            return [unit.module.folder]
        last = max(self.tree.last_module(unit), self.tree.last if stack == "accelerated" else "")
        folders = [module.folder for module in modules if module.number <= last]
        return folders + [self.tree.root / "solutions" / folder.name for folder in folders if stack in ("solution", "accelerated")]

    def _surely_blank(self, verdict: TaskVerdict, stack: str) -> bool:
        """A blank that still stands in the file is no news."""
        task = self.tree.tasks.get(verdict.id)
        blank = verdict.state == "todo" and verdict.blocked_by is None
        return blank and stack == "own" and task is not None and ":" in find_blank(self.tree, task)

    def _stored(self, unit: Unit, stack: str) -> dict:
        stored = read_json_or(self._path(unit, stack), {})
        return stored if isinstance(stored, dict) else {}

    def _path(self, unit: Unit, stack: str) -> Path:
        return self.folder / stack / f"{unit.key}.json"

    def _digest(self, file: Path) -> str:
        return self.digests.of(file) if file.is_file() else "none"


def _says_less(verdict: TaskVerdict, known: dict, sources: str) -> bool:
    """It waits for another module, and of the same files it is known that it passes with that one borrowed."""
    passed = known.get("borrowed") and known.get("sources") == sources and known.get("verdict", {}).get("state") == "pass"
    return bool(passed) and (verdict.blocked_by or verdict.id)[:2] != verdict.id[:2]


def _sources(folder: Path) -> list[Path]:
    return sorted(path for pattern in SOURCES for path in folder.glob(pattern))


def last_known(tree: Tree, stack: str) -> list[Known]:
    """The last verdicts of all modules, in the order of the course."""
    last = LastVerdicts(Build(tree))
    found: dict[str, Known] = {}
    for unit in tree.units.values():
        found |= last.of(unit, stack) if unit.module else {}
    return [found[task] for task in tree.tasks if task in found]


def up_to_the_next(tree: Tree, stack: str) -> dict[str, list[TaskVerdict]]:
    """By module, as far as the first that is not finished: whoever only looks for the next task need not read the rest."""
    last = LastVerdicts(Build(tree))
    found: dict[str, list[TaskVerdict]] = {}
    for number, module in tree.modules.items():
        found[number] = [known.verdict for known in last.of(tree.units[number], stack).values()]
        if len(found[number]) < len(module.tasks) or any(verdict.state != "pass" for verdict in found[number]):
            break
    return found


def by_module(tree: Tree, verdicts: list[TaskVerdict]) -> dict[str, list[TaskVerdict]]:
    """What is known of each module; one of which nothing is known is left out."""
    grouped = {
        number: [verdict for verdict in verdicts if verdict.module == module.name]
        for number, module in tree.modules.items()
    }
    return {number: group for number, group in grouped.items() if group}
