"""A program of the benchmarks: one network in one process, which works when it is told to."""

import json
import math
import statistics
import subprocess
import tempfile
from array import array
from dataclasses import asdict
from pathlib import Path
from typing import Any, Mapping, Sequence

from ..basics.errors import RushError
from ..basics.process import plain_environment

SLICE_MS = 60.0  # in turns, each program runs about this long before it is another's
Environment = Mapping[str, str | None]  # None: the variable is taken away


def four_digits(row: Any) -> dict:
    """A row of a table, as JSON: no figure is known better."""
    return {key: float(f"{value:.4g}") if isinstance(value, float) else value for key, value in asdict(row).items()}


def environment_for(threads: int, extra: Environment) -> dict[str, str]:
    counts = {name: str(threads) for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS")}
    return {name: value for name, value in (plain_environment() | counts | extra).items() if value is not None}


class Program:
    def __init__(self, path: Path, network: str, threads: int, extra: Environment) -> None:
        self.path = path
        self.process = subprocess.Popen(
            [str(path), network, str(threads)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=environment_for(threads, extra),
        )

    def __enter__(self) -> "Program":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()

    def ask(self, **request: object) -> dict:
        assert self.process.stdin and self.process.stdout
        try:
            self.process.stdin.write(json.dumps(request) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            code = self.process.wait()
            raise RushError(f"{self.path.name} ended with status {code} when asked for {request['do']}.", code=1)
        return json.loads(line)

    def median_ms(self, count: int, what: str = "time") -> float:
        return statistics.median(self.ask(do=what, count=count)["ms"])

    def repeats(self, ms: float) -> int:
        """How many fill so long a turn. The first ones, which warm caches and pools, are thrown away."""
        self.ask(do="time", count=3)
        return max(1, math.ceil(ms / self.median_ms(3)))

    def gradients(self) -> dict[str, array]:
        with tempfile.NamedTemporaryFile() as file:
            tensors = self.ask(do="gradients", file=file.name)["tensors"]
            numbers = array("f", Path(file.name).read_bytes())
        found, at = {}, 0
        for name, count in tensors:
            found[name] = numbers[at : at + count]
            at += count
        return found


def in_turns(runners: Mapping[str, Program], rounds: int) -> dict[str, list[float]]:
    """Milliseconds of a step of each: one figure a round, one program after the other in every round."""
    counts = {name: program.repeats(SLICE_MS) for name, program in runners.items()}
    times: dict[str, list[float]] = {name: [] for name in runners}
    for _ in range(rounds):
        for name, program in runners.items():
            times[name].append(program.median_ms(counts[name]))
    return times


def write_model(program: Path, model: str, file: Path) -> None:
    """Has the program write the model of that name, for somebody else to read."""
    done = subprocess.run([str(program), "write", model, str(file)], capture_output=True, text=True, env=plain_environment())
    if done.returncode != 0:
        raise RushError(f"{file.name} was not written: {done.stderr.strip()}", code=1)


def farthest(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """How far two lists of numbers lie apart at most, relative to the largest of ours; infinite if they cannot be compared."""
    if len(ours) != len(theirs):
        return math.inf
    pairs = zip(ours, theirs)
    worst = max(abs(a - b) if math.isfinite(a) and math.isfinite(b) else math.inf for a, b in pairs)
    return worst / max(map(abs, ours))
