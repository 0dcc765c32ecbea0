"""A program of the benchmarks: one network in one process, which works when it is told to."""

import json
import math
import statistics
import subprocess
import tempfile
from array import array
from pathlib import Path
from typing import Mapping

from ..basics.errors import RushError
from ..basics.process import plain_environment

Environment = Mapping[str, str | None]  # None: the variable is taken away


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
