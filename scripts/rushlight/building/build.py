"""The build folder: configure it when needed, build named targets, tell what is out of date."""

import re
import time
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Iterable

from ..basics.errors import RushError
from ..basics.files import write_atomic
from ..basics.process import run, tool
from ..basics.terminal import working
from ..course.tree import Tree
from .compile_errors import Failure, read_failures
from .warnings import note_warnings

PRESET = "student"


@dataclass
class Outcome:
    """What a build left behind: the targets that are ready to run, and why the others are not."""

    ready: set[str]
    failures: list[Failure] = field(default_factory=list)
    output: str = ""


class Build:
    def __init__(self, tree: Tree, preset: str = PRESET) -> None:
        self.tree, self.preset = tree, preset
        self.folder = tree.root / "build" / preset

    def test_executable(self, target: str) -> Path:
        return self.folder / "tests" / target

    @property
    def launcher(self) -> Path:
        return self.folder / "tests" / "launcher"

    def executable(self, target: str) -> Path:
        """Where a target that is not a test was put."""
        for folder in (self.folder / "milestones", self.folder, self.folder / "bin"):
            if (folder / target).is_file():
                return folder / target
        found = next(self.folder.rglob(target), None)
        if found is None or not found.is_file():
            raise RushError(f"the build made no {target} in {self.folder}.", "scripts/rush doctor")
        return found

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
    def configured(self) -> bool:
        return (self.folder / "build.ninja").is_file() and not self.moved

    def ensure(self, reference: tuple[str, ...] = ()) -> None:
        """Configures if this was never done, if the presets changed, or to borrow other modules."""
        ninja_file, presets = self.folder / "build.ninja", self.tree.root / "CMakePresets.json"
        current = self.configured and self.reference == reference
        if current and presets.is_file() and presets.stat().st_mtime_ns > ninja_file.stat().st_mtime_ns:
            current = False
        if not current:
            self.configure(reference)

    def configure(self, reference: tuple[str, ...] = ()) -> None:
        command = [tool("cmake"), "--preset", self.preset, f"-DRUSHLIGHT_REFERENCE={';'.join(reference)}"]
        if self.moved:
            command.insert(1, "--fresh")
        tool("ninja"), tool("g++")
        with working("configuring"):
            code, output = run(command, self.tree.root)
        self.__dict__.pop("_cache", None)
        if code != 0:
            log = self._keep_log("configure.log", output)
            raise RushError(f"the configuration failed: {_cmake_error(output)}", f"scripts/rush doctor   ({log})")

    # ---- building

    def build(self, targets: Iterable[str], what: str = "building") -> Outcome:
        """Builds all it can. A target that a failure keeps from being made is not in `ready`."""
        targets = list(dict.fromkeys(targets))
        code, output = self._ninja(targets, what)
        if code != 0 and "unknown target" in output:  # a module is new since the last configuration
            self.configure(self.reference)
            code, output = self._ninja(targets, what)
        if code == 0:
            return Outcome(set(targets))
        self._keep_log("build.log", output)
        if "unknown target" in output:
            missing = re.search(r"unknown target '([^']+)'", output)
            raise RushError(
                f"the build knows no target {missing[1] if missing else ''}.", "scripts/rush doctor"
            )
        failures = read_failures(output, self.tree.root)
        if not failures:
            log = self.folder / "rush-build.log"
            raise RushError(f"the build failed: {_last_line(output)}", f"see {log}, or scripts/rush doctor")
        return Outcome({target for target in targets if self.fresh([target])}, failures, output)

    def fresh(self, targets: Iterable[str]) -> bool:
        """Nothing would be done to make these."""
        if not self.configured:
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
