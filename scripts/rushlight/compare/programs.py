"""Builds and runs the programs that write traces down. Each side is a process of its own: student and reference have the
same symbols, and what one does to memory, files or random numbers must not reach the other."""

import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Iterable

from ..basics.errors import RushError
from ..basics.files import read_json
from ..basics.process import plain_environment, stop
from ..building.build import Build
from ..course.tree import Tree
from .trace import Station, Trace, read_trace

SECONDS = 120
CRASHES = 8  # parts that may end the process before we give up


def networks(tree: Tree) -> dict[str, str]:
    """What can be compared, and of each network the last module that its program links."""
    return read_json(tree.root / "tests" / "compare" / "networks.json")


@dataclass(frozen=True)
class Side:
    """Whose code, and how it is built."""

    stack: str = "own"
    kernels: bool = False
    preset: str = "student"

    def target(self, network: str) -> str:
        return f"compare_{network}_{self.stack}{'_kernels' if self.kernels else ''}"

    @property
    def words(self) -> str:
        whose = {"own": "yours", "solution": "the reference"}[self.stack]
        built = ", in double precision" if self.preset == "strict" else ""
        return f"{whose}{' with kernels' if self.kernels else ''}{built}"


def check_sides(tree: Tree, network: str, sides: Iterable[Side]) -> None:
    """Says so before anything is built, where this copy of the course cannot make a side."""
    for side in sides:
        last = tree.kernels if side.kernels else networks(tree)[network]
        if last is None:
            raise RushError("this copy of the course has no kernels to compare.")
        try:
            tree.check_stack(side.stack, ("own", "solution"), last)
        except RushError as error:
            raise RushError(error.message, f"scripts/rush compare {network} --kernels: your own code with its kernels and without.") from error
        if side.preset != "student" and not tree.has_solutions:
            raise RushError(
                "the reference in double precision is compiled from solutions/, and this copy of the course has none.",
                "leave --double out.",
            )


def build_sides(tree: Tree, network: str, sides: list[Side], borrowed: tuple[str, ...]) -> dict[Side, Path]:
    programs: dict[Side, Path] = {}
    for preset in dict.fromkeys(side.preset for side in sides):
        build = Build(tree, preset)
        build.ensure(borrowed if preset == "student" else ())
        here = [side for side in sides if side.preset == preset]
        outcome = build.build([side.target(network) for side in here], f"building {network}")
        for side in here:
            if side.target(network) not in outcome.ready:
                raise RushError(f"{network} does not build ({side.words}): {outcome.reason}", "scripts/rush test   shows every task", code=1)
            programs[side] = build.executable(side.target(network))
    return programs


def record(program: Path, network: str, options: Iterable[str] = ()) -> Trace:
    """One run. A part that ends the process is noted, and the rest is run without it."""
    crashed: list[Station] = []
    with tempfile.TemporaryDirectory(prefix="rush-compare-") as folder:
        path = Path(folder) / "trace.safetensors"
        while len(crashed) <= CRASHES:
            skipped = [word for each in crashed for word in ("--skip", each.name)]
            ended, last, place = _run([str(program), "--out", str(path), *skipped, *options])
            if not ended:
                trace = read_trace(path)
                trace.stations |= {each.name: each for each in crashed}
                return trace
            if not last or any(each.name == last for each in crashed):
                raise RushError(f"{program.name} ended with {ended} before it had begun.", "scripts/rush doctor")
            crashed.append(_crash(last, network, ended, place))
    raise RushError(
        f"{CRASHES + 1} parts end the process, {crashed[0].name} first ({crashed[0].detail}).",
        f"scripts/rush test {crashed[0].name.split()[0]}",
        code=1,
    )


def _crash(name: str, network: str, ended: str, place: str) -> Station:
    """What stands for a part that ended the process; of a network's run, `text` is the last place that it reached."""
    task = name.split()[0]
    if task[:2].isdigit():
        return Station(name, section=task[:2], tasks=(task,), state="crash", detail=ended)
    section = network if name == network else f"{network}, further runs"
    return Station(name, section=section, state="crash", detail=f"{ended}, after {place}" if place else ended, text=place)


def _run(command: list[str]) -> tuple[str, str, str]:
    """How it ended, empty where all went well; the last part that it announced, and the last place that this reached."""
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace",
        env=plain_environment(),
    )
    try:
        out, errors = process.communicate(timeout=SECONDS)
        status = process.returncode
        ended = "" if status == 0 else f"signal {-status}" if status < 0 else f"status {status}"
    except subprocess.TimeoutExpired:
        process.kill()
        out, errors = process.communicate()
        ended = f"no end within {SECONDS} s"
    except BaseException:
        stop(process)
        raise
    complaint = next((line for line in reversed(errors.strip().splitlines()) if line), "")
    last = place = ""
    for line in out.splitlines():
        last, place = (last, line.strip()) if line.startswith(" ") else (line, "")
    return f"{ended}: {complaint}" if ended and complaint else ended, last, place
