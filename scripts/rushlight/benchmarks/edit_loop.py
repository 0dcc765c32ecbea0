"""Times the edit loop: a file changes, its module's tests are rebuilt, linked, run and reported."""

import json
import os
import resource
import shlex
import shutil
import statistics
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Iterator

from ..basics.errors import RushError
from ..basics.files import write_atomic
from ..building.build import Build
from ..course.manifest import Module
from ..course.tree import Tree

ROUNDS = 3
LIMIT = 2.0
XTENSOR_LIMIT = 3.0  # a file of xtensor expressions takes longer to compile


@dataclass(frozen=True)
class Timing:
    module: str
    file: str
    seconds: float
    limit: float

    def as_json(self) -> dict:
        return {"module": self.module, "file": self.file, "seconds": self.seconds}


def files_to_time(module: Module, folder: Path, cost: Callable[[Path], float]) -> list[tuple[Path, float]]:
    """Each file of a module that uses xtensor anywhere; of the others the one that takes longest to compile."""
    paths = [folder / name for name in module.files if (folder / name).is_file()]
    if module.xtensor:
        return [(path, XTENSOR_LIMIT if uses_xtensor(module, path) else LIMIT) for path in paths]
    return [(max(paths, key=cost), LIMIT)] if paths else []


def compile_cost(build: Build) -> Callable[[Path], float]:
    """How many seconds of a processor a file's compile command takes. A long file may be quick, a short one slow."""
    database = build.folder / "compile_commands.json"
    try:
        entries = {entry["file"]: entry for entry in json.loads(database.read_text(encoding="utf-8"))}
    except (OSError, ValueError, LookupError):
        raise RushError(f"{database} cannot be read.", "scripts/rush doctor") from None

    def cost(path: Path) -> float:
        if str(path) not in entries:
            raise RushError(f"the build has no command for {path}.", "scripts/rush doctor")
        entry = entries[str(path)]
        command = shlex.split(entry["command"])
        command[command.index("-o") + 1] = os.devnull
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, cwd=entry["directory"], capture_output=True, env=os.environ | {"CCACHE_DISABLE": "1"})
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    return cost


def uses_xtensor(module: Module, path: Path) -> bool:
    lines = path.read_text(encoding="utf-8").splitlines()
    return any(f'#include "{module.name}/{header}"' in lines for header in module.xtensor)


def time_file(tree: Tree, module: Module, path: Path, stack: str) -> float:
    """The median of a few rounds, each with an edit that no cache has seen. The file is put back afterwards."""
    with preserved(tree, path) as original:
        times = []
        for _ in range(ROUNDS):
            unique = time.time_ns()
            probe = f"\nnamespace rushlight {{\nlong long rush_probe_{unique}();\n" + (
                f"long long rush_probe_{unique}() {{ return {unique}LL; }}\n}}  // namespace rushlight\n"
            )
            path.write_text(original + probe, encoding="utf-8")
            times.append(_time_test(tree, module, stack))
    return round(statistics.median(times), 2)


def _time_test(tree: Tree, module: Module, stack: str) -> float:
    """`rush test NN`, from the command line to the verdict."""
    command = [sys.executable, "-m", "rushlight", "test", module.number, "--stack", stack, "--json", "--no-cache"]
    environment = os.environ | {"CCACHE_DISABLE": "1", "RUSHLIGHT_ROOT": str(tree.root)}
    started = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    seconds = time.perf_counter() - started
    try:
        verdict = json.loads(done.stdout)
    except ValueError:
        raise RushError(f"the tests of {module.name} gave no verdict: {done.stderr.strip()}", code=1) from None
    broken = next((task for task in verdict["tasks"] if task["message"].startswith(("modules/", "solutions/"))), None)
    if broken and ": error: " in broken["message"]:
        raise RushError(f"{module.name} does not compile: {broken['message']}", "mend it first.", code=1)
    return seconds


@contextmanager
def preserved(tree: Tree, path: Path) -> Iterator[str]:
    """The file's text; whatever happens inside, the file has it again afterwards.

    A copy lies in .rush/bench meanwhile: `restore_leftovers` uses it after a kill -9 or a power cut.
    """
    copy = tree.root / ".rush" / "bench" / path.relative_to(tree.root)
    copy.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(path, copy)
    original = path.read_text(encoding="utf-8")
    try:
        yield original
    finally:
        write_atomic(path, original)
        copy.unlink()


def restore_leftovers(tree: Tree) -> list[Path]:
    """Files that an earlier run was killed over."""
    folder = tree.root / ".rush" / "bench"
    restored = []
    for copy in sorted(folder.rglob("*")):
        if copy.is_file():
            path = tree.root / copy.relative_to(folder)
            write_atomic(path, copy.read_text(encoding="utf-8"))
            copy.unlink()
            restored.append(path)
    return restored
