"""The build folder: configure it when needed, build named targets, tell what is out of date.

Ninja goes by dates. Programs carry the digests of what they were built from: one that does not match its sources is
removed before Ninja looks, and the link step does the same with objects (steps/link_step.py).
"""

import re
import time
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Iterable, Sequence

from ..basics.errors import RushError
from ..basics.files import write_atomic
from ..basics.process import run, tool
from ..basics.terminal import working
from ..course.tree import Tree
from ..steps import record
from .compile_errors import Failure, read_failures
from .digests import Digests
from .lock import FolderLock
from .written import unusable
from .warnings import note_warnings

PRESET = "student"
ROUNDS = 4  # of Ninja: a precompiled header, an object and a program may turn out to be old one after the other


@dataclass
class Outcome:
    """What a build left behind: the targets that are ready to run, and why the others are not."""

    ready: set[str]
    failures: list[Failure] = field(default_factory=list)
    output: str = ""

    @property
    def reason(self) -> str:
        """Why something is not ready, as far as anybody said."""
        return self.failures[0].message if self.failures else "no reason was given"


class Build:
    def __init__(self, tree: Tree, preset: str = PRESET) -> None:
        self.tree, self.preset = tree, preset
        self.folder = tree.root / "build" / preset
        self.lock = FolderLock(self.folder)

    @cached_property
    def digests(self) -> Digests:
        return Digests(self.folder / "verdicts" / "digests.json")

    def test_executable(self, target: str) -> Path:
        return self.folder / "tests" / target

    @property
    def launcher(self) -> Path:
        return self.folder / "tests" / "launcher"

    def executable(self, target: str) -> Path:
        """Where a target that is not a test was put."""
        for folder in (self.folder / "milestones", self.folder / "compare", self.folder, self.folder / "bin"):
            if (folder / target).is_file():
                return folder / target
        found = next(self.folder.rglob(target), None)
        if found is None or not found.is_file():
            raise RushError(f"the build made no {target} in {self.folder}.", "scripts/rush doctor")
        return found

    def programs(self, targets: Sequence[str], what: str, next_step: str = "") -> list[Path]:
        """The executables of these targets, built now; one that does not build is an error that says why."""
        outcome = self.build(targets, what)
        for target in targets:
            if target not in outcome.ready:
                raise RushError(f"{target} does not build: {outcome.reason}", next_step, code=1)
        return [self.executable(target) for target in targets]

    # ---- configuring

    @cached_property
    def _cache(self) -> dict[str, str]:
        try:
            text = (self.folder / "CMakeCache.txt").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return {}
        return dict(re.findall(r"^([A-Za-z_]\w*)(?::\w+)=(.*)$", text, re.MULTILINE))

    @property
    def reference(self) -> tuple[str, ...]:
        """Modules that this folder borrows from the reference."""
        return tuple(part for part in self._cache.get("RUSHLIGHT_REFERENCE", "").split(";") if part)

    def found(self, variable: str) -> bool:
        """Whether CMake found what it looked for under this name."""
        return not self._cache.get(variable, "NOTFOUND").endswith("NOTFOUND")

    @property
    def moved(self) -> bool:
        """The folder was made for a tree that lay elsewhere."""
        home = self._cache.get("CMAKE_HOME_DIRECTORY")
        return home is not None and Path(home).resolve() != self.tree.root.resolve()

    @property
    def garbled(self) -> bool:
        """There is a CMakeCache.txt, and it does not even say whose it is."""
        return (self.folder / "CMakeCache.txt").exists() and "CMAKE_HOME_DIRECTORY" not in self._cache

    @property
    def configured(self) -> bool:
        cached = "CMAKE_HOME_DIRECTORY" in self._cache  # without it Ninja's own reconfiguration would choose other tools
        return cached and (self.folder / "build.ninja").is_file() and not self.moved

    def ensure(self, reference: tuple[str, ...] = ()) -> None:
        """Configures if this was never done, if the presets changed, or to borrow other modules."""
        ninja_file, presets = self.folder / "build.ninja", self.tree.root / "CMakePresets.json"
        current = self.configured and self.reference == reference
        if current and presets.is_file() and presets.stat().st_mtime_ns > ninja_file.stat().st_mtime_ns:
            current = False
        if not current:
            self.configure(reference)

    def configure(self, reference: tuple[str, ...] = ()) -> None:
        """Once more from nothing where the folder's own files may be what stands in the way."""
        tool("ninja"), tool("g++")
        with self.lock, working("configuring"):
            fresh = self.moved or self.garbled
            code, output = self._cmake(reference, fresh)
            if code != 0 and not fresh and (self.folder / "CMakeCache.txt").exists():
                code, output = self._cmake(reference, True)
        self.__dict__.pop("_cache", None)
        if code != 0:
            log = self._keep_log("configure.log", output)
            raise RushError(f"the configuration failed: {_cmake_error(output)}", f"scripts/rush doctor   ({log})")

    def _cmake(self, reference: tuple[str, ...], fresh: bool) -> tuple[int, str]:
        command = [tool("cmake"), "--preset", self.preset, f"-DRUSHLIGHT_REFERENCE={';'.join(reference)}"]
        return run([command[0], "--fresh", *command[1:]] if fresh else command, self.tree.root)

    # ---- building

    def build(self, targets: Iterable[str], what: str = "building") -> Outcome:
        """Builds all it can. A target that a failure keeps from being made is not in `ready`."""
        with self.lock:
            return self._build(list(dict.fromkeys(targets)), what)

    def _build(self, targets: list[str], what: str) -> Outcome:
        problems = {target: unusable(self.tree, target, self.reference) for target in targets}
        failures = list(dict.fromkeys(failure for found in problems.values() for failure in found))
        possible = [target for target in targets if not problems[target]]
        self._drop_old_programs(possible)
        code, output = self._ninja(possible, what)
        for _ in range(ROUNDS - 1):
            if code == 0 or "Build again." not in output:
                break
            code, output = self._ninja(possible, what)
        if code == 0:
            return Outcome(set(possible), failures)
        self._keep_log("build.log", output)
        failures += self._failures(output)
        return Outcome({target for target in possible if self.fresh([target])}, failures, output)

    def _failures(self, output: str) -> list[Failure]:
        """What the students' files are to blame for; any other trouble ends the command."""
        log = self.folder / "rush-build.log"
        if missing := re.search(r"unknown target '([^']+)'", output):
            raise RushError(f"the build knows no target {missing[1]}.", "scripts/rush doctor")
        failures = read_failures(output, self.tree.root)
        if not failures:
            raise RushError(f"the build failed: {_last_line(output)}", f"see {log}, or scripts/rush doctor")
        if trouble := next((failure for failure in failures if failure.machine), None):
            raise RushError(
                f"the build could not be finished, and that is no verdict: {trouble.message}",
                f"make room (disk: df -h, memory: free -h) and run the command again; see {log}.",
            )
        return failures

    def _drop_old_programs(self, targets: list[str]) -> None:
        for target in targets:
            folders = (self.folder / "milestones", self.folder / "compare")
            for path in (self.test_executable(target), *(folder / target for folder in folders)):
                if target != "launcher" and path.is_file() and not self.matches(path):
                    path.unlink()
        self.digests.save()

    def matches(self, program: Path) -> bool:
        """It was built from the course's files as they are now."""
        built_from = record.of_program(str(program))
        if built_from is None:
            return False
        try:
            return all(self.digests.of(self.tree.root / name) == digest for name, digest in built_from.items())
        except OSError:
            return False

    def fresh(self, targets: Iterable[str]) -> bool:
        """Nothing would be done to make these, and they match their sources."""
        targets = list(targets)
        if not self.configured:
            return False
        programs = [self.test_executable(target) for target in targets if target.startswith("test_")]
        if not all(program.is_file() and self.matches(program) for program in programs):
            return False
        # A dry run of build.ninja itself stops at its own regeneration (it looks for new files each time);
        # a file that includes it has none.
        dry = self.folder / "rush-dry.ninja"
        if not dry.is_file():
            write_atomic(dry, "include build.ninja\n")
        command = [tool("ninja"), "-C", str(self.folder), "-f", dry.name, "-n", *targets]
        code, output = run(command, self.tree.root)
        return code == 0 and "no work to do" in output

    def _ninja(self, targets: list[str], what: str) -> tuple[int, str]:
        """Configures and tries again, once, where Ninja cannot even begin: its files are old or damaged."""
        code, output = self._ninja_once(targets, what)
        if code != 0 and "\nFAILED: " not in f"\n{output}":
            self.configure(self.reference)
            code, output = self._ninja_once(targets, what)
        return code, output

    def _ninja_once(self, targets: list[str], what: str) -> tuple[int, str]:
        if not targets:
            return 0, ""
        command = [tool("ninja"), "-C", str(self.folder), "-k", "0", *targets]
        with working(what) as detail:

            def follow(line: str) -> None:
                if match := re.match(r"\[(\d+)/(\d+)\]", line):
                    detail(f"{match[1]} of {match[2]}")

            code, output = run(command, self.tree.root, follow)
        note_warnings(self.folder, self.tree.root, output)
        return code, output

    def _keep_log(self, name: str, output: str) -> Path:
        path = self.folder / f"rush-{name}"
        write_atomic(path, f"{time.strftime('%F %T')}\n{output}")
        return path


def _cmake_error(output: str) -> str:
    """The text of the first `CMake Error`, as one line."""
    match = re.search(r"^CMake Error(?: at [^\n]*| in [^\n]*)?:?[ \t]*(.*?)(?=^\S|\Z)", output, re.M | re.S)
    text = " ".join(match[1].split()) if match else ""
    return text or _last_line(output)


def _last_line(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return lines[-1] if lines else "it printed nothing"
