"""The course as it lies on the disk: which modules, suites and milestones there are, and what a name means."""

import difflib
import os
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ..basics.errors import RushError
from ..basics.files import read_json
from . import borrowing
from .manifest import FOLDER, Module, Task, load_module
from .systems import missing

STACKS = ("own", "isolated", "solution", "accelerated")
SUITES = ("integration", "regression", "given", "milestones")


@dataclass(frozen=True)
class Unit:
    """One test executable's worth of tests: a module's, or a suite that belongs to no module."""

    key: str  # "02" or "integration"
    name: str  # "02_activations" or "integration"
    cases: Path  # the list of cases that must report
    module: Module | None = None

    def target(self, stack: str) -> str:
        return f"test_{self.key}_{stack}"


class Tree:
    def __init__(self, root: Path) -> None:
        self.root = root

    @cached_property
    def modules(self) -> dict[str, Module]:
        """By number, in order: those that this machine has the libraries for."""
        return {number: module for number, module in self.all_modules.items() if not missing(module.system)}

    @property
    def last(self) -> str:
        """The last module that programs and suites which span modules are linked with: one that needs no such library."""
        return max(number for number, module in self.modules.items() if not module.system)

    @cached_property
    def all_modules(self) -> dict[str, Module]:
        """By number, in order, absent ones too."""
        folders = sorted(self.root.glob("modules/[0-9][0-9]_*/module.json"))
        found = {path.parent.name[:2]: path.parent for path in folders if FOLDER.match(path.parent.name)}
        if not found:
            raise RushError(
                f"no modules in {self.root / 'modules'}.", "run this inside a complete copy of the course."
            )
        return {number: load_module(folder) for number, folder in found.items()}

    @cached_property
    def tasks(self) -> dict[str, Task]:
        return {task.id: task for module in self.modules.values() for task in module.tasks}

    @property
    def kernels(self) -> str | None:
        """The number of the module that has the kernels which make all others faster."""
        return next((number for number, module in self.modules.items() if "kernels" in module.provides), None)

    @property
    def has_solutions(self) -> bool:
        return (self.root / "solutions").is_dir()

    @cached_property
    def units(self) -> dict[str, Unit]:
        """Modules first, then the suites that this tree has."""
        units = {
            number: Unit(number, module.name, self.root / "tests" / module.name / "cases.txt", module)
            for number, module in self.modules.items()
        }
        for suite in SUITES:
            cases = self.root / "tests" / suite / "cases.txt"
            if cases.is_file():
                units[suite] = Unit(suite, suite, cases)
        return units

    @cached_property
    def milestones(self) -> dict[str, tuple[Path, dict]]:
        """Folder and manifest, by name, oldest first."""
        found = {}
        for path in sorted(self.root.glob("milestones/*/milestone.json")):
            manifest = read_json(path)
            if not isinstance(manifest, dict) or not isinstance(manifest.get("name"), str):
                raise RushError(f'{path}: expected an object with a "name".')
            found[manifest["name"]] = (path.parent, manifest)
        return found

    def milestone_modules(self, name: str) -> list[str]:
        """The modules whose tasks its milestone.json names; empty where it names none."""
        return sorted({task.split(".")[0] for task in self.milestones[name][1].get("tasks", [])})

    @cached_property
    def borrowable(self) -> frozenset[str]:
        """The modules whose reference this copy of the course has, as sources or as archives."""
        lent = self.modules if self.has_solutions else borrowing.archives(self.root)
        return frozenset(self.modules.keys() & lent)

    @property
    def can_lend(self) -> bool:
        """Whether any module's reference is here; reads no manifest."""
        return self.has_solutions or bool(borrowing.archives(self.root))

    def lacking(self, stack: str, last: str) -> list[str]:
        """The modules whose reference `stack` would need for a program of the modules up to `last`, and which has none."""
        if stack not in ("isolated", "solution"):
            return []
        upto = last if stack == "solution" else ""
        return [each for each in self.modules if (each < last or each == upto) and each not in self.borrowable]

    def last_module(self, unit: Unit) -> str:
        """The last of the modules that a unit's program is linked with."""
        return unit.key if unit.module else self.last

    @property
    def stacks(self) -> tuple[str, ...]:
        """Those that some program has here."""
        first = min(self.modules)
        return tuple(stack for stack in STACKS if not self.lacking(stack, first) and (stack != "isolated" or self.borrowable))

    def reach(self, stack: str) -> str:
        """`, up to 02` where a reference is missing behind that; nothing where the stack has all modules."""
        able = [number for number in self.modules if not self.lacking(stack, number)]
        return "" if len(able) == len(self.modules) else f", up to {able[-1]}" if able else ", of no module"

    def check_stack(self, stack: str, allowed: tuple[str, ...] = STACKS, last: str | None = None) -> str:
        """`stack`, if it is one of those allowed, and what programs of the modules up to `last` need of it is here."""
        here = [each for each in self.stacks if each in allowed and not (last and self.lacking(each, last))]
        if stack in here:
            return stack
        if stack not in allowed:
            raise RushError(f'there is no stack "{stack}".', f"choose one of: {', '.join(here)}.")
        needed = self.lacking(stack, last) if last and self.borrowable else []
        what = f"the reference of {', '.join(needed)}" if needed else "the reference"
        raise RushError(
            f'the "{stack}" stack needs {what}, which this copy of the course does not have{self._why_no_reference()}.',
            f"the stacks here: {', '.join(here)}.",
        )

    def check_reference(self, text: str | None) -> tuple[str, ...]:
        """`02,03` -> ("02", "03"), each a module, borrowed from the reference."""
        names = [part.strip() for part in (text or "").replace(";", ",").split(",") if part.strip()]
        numbers = tuple(sorted({self.module(name).number for name in names}))
        for number in numbers:
            if number not in self.borrowable:
                lent = ", ".join(sorted(self.borrowable))
                raise RushError(
                    f"this copy of the course cannot lend module {number}{self._why_no_reference()}.",
                    f"these can be borrowed: {lent}." if lent else "leave --reference out.",
                )
        return numbers

    def _why_no_reference(self) -> str:
        reason = "" if self.has_solutions else borrowing.unfit(self.root)
        return f" ({reason})" if reason else ""

    def module(self, name: str) -> Module:
        """`2`, `02`, `02_activations` or `activations`."""
        wanted = name.zfill(2) if name.isdigit() else name
        for module in self.modules.values():
            if wanted in (module.number, module.name, module.name[3:]):
                return module
        for module in self.all_modules.values():
            if wanted in (module.number, module.name, module.name[3:]) and (system := missing(module.system)):
                raise RushError(f"module {module.number} needs {system.title}, which is not installed.", f"sudo apt-get install {system.packages}")
        if wanted.isdigit():
            first, last = min(self.modules), max(self.modules)
            raise RushError(f'there is no module "{name}".', f"this copy of the course has {first} to {last}.")
        names = [alias for m in self.modules.values() for alias in (m.name, m.name[3:])]
        raise RushError(f'there is no module "{name}".', nearest(wanted, names, "scripts/rush status"))

    def task(self, name: str) -> Task:
        """`2.1` or `02.1`."""
        match = re.fullmatch(r"(\d{1,2})\.(\d)", name)
        wanted = f"{match[1].zfill(2)}.{match[2]}" if match else name
        if wanted in self.tasks:
            return self.tasks[wanted]
        if (module := self.modules.get(name.zfill(2))) is not None:
            ids = [task.id for task in module.tasks]
            raise RushError(f"{name} is a module, not a task.", f"choose one of its tasks: {', '.join(ids)}.")
        raise RushError(
            f'there is no task "{name}".', nearest(wanted, list(self.tasks), "a task looks like 02.1")
        )

    def unit(self, name: str) -> tuple[Unit, Task | None]:
        """What `rush test NAME` asks for: a module, one of its tasks, or a suite."""
        if name in SUITES:
            if name in self.units:
                return self.units[name], None
            raise RushError(f"this copy of the course has no tests/{name}/cases.txt.")
        if "." in name:
            task = self.task(name)
            return self.units[task.module], task
        return self.units[self.module(name).number], None


def nearest(wanted: str, names: list[str], otherwise: str) -> str:
    close = difflib.get_close_matches(wanted, names, n=1, cutoff=0.4)
    return f"did you mean {close[0]}?" if close else otherwise


def find_tree() -> Tree:
    """The tree this program lies in; RUSHLIGHT_ROOT names another (the tests use it)."""
    given = os.environ.get("RUSHLIGHT_ROOT")
    return Tree(Path(given).resolve() if given else Path(__file__).resolve().parents[3])
