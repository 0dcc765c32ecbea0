"""What the kernels buy: the rungs of the matrix product, and the kernels in a training step of GPT."""

import json
import math
import statistics
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Sequence

from .program import Environment, Program, environment_for
from ..basics.errors import RushError

PRODUCT_SIZE, PRODUCT_ROUNDS = 384, 7
STEP_ROUNDS, STEPS_IN_A_ROUND = 7, 3
DEPTHS = (1, 2, 4, 8, 16)


@dataclass(frozen=True)
class Rung:
    name: str
    figure: float  # GFLOP/s of a product, milliseconds of a step
    share: float  # of the peak of all cores in use; of the plain step
    todo: str = ""  # the task that has to be written first


def run(program: Path, *arguments: object, threads: int = 1, environment: Environment = {}) -> dict:
    """What a program prints that works off its arguments and ends."""
    command = [str(program), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment_for(threads, environment))
    if done.returncode != 0:
        raise RushError(f"{program.name} ended with status {done.returncode}: {done.stderr.strip()}", code=1)
    return json.loads(done.stdout)


def products(program: Path, threads: int, environment: Environment = {}) -> list[Rung]:
    """Each rung's speed in turns with OpenBLAS's; the share is of `threads` times what one core's registers can do."""
    report = run(program, PRODUCT_SIZE, PRODUCT_ROUNDS, threads=threads, environment=environment)
    if wrong := report.get("wrong"):
        raise RushError(*_as_error(wrong), code=1)
    peak = threads * max(report["peak_gflops"])
    names = {"OpenBLAS": f"OpenBLAS, {report['core']}"}
    speeds = {names.get(name, name): statistics.median(values) for name, values in report["gflops"].items()}
    missing = [Rung(name, 0, 0, task) for name, task in report["todo"].items()]
    return [Rung(name, speed, speed / peak) for name, speed in speeds.items()] + missing + [Rung("peak", peak, 1.0)]


def _as_error(wrong: dict[str, str]) -> tuple[str, str]:
    named = "; ".join(f"{rung}: {why}" for rung, why in wrong.items())
    return f"what is wrong has no speed. {named}.", "scripts/rush test 18"


def steps(program: Path, network: str, threads: int, environment: Environment = {}) -> list[Rung]:
    """A training step as one kernel after the other is added, in turns."""
    with Program(program, network, threads, environment) as ours:
        names = ours.ask(do="accelerate", ops=["all"])["ops"]
        rungs = {"plain": []} | {f"+ {name}": names[: i + 1] for i, name in enumerate(names)}
        times = {rung: [] for rung in rungs}
        for _ in range(STEP_ROUNDS):
            for rung, kernels in rungs.items():
                ours.ask(do="accelerate", ops=kernels)
                ours.ask(do="time", count=1)
                times[rung].append(ours.median_ms(STEPS_IN_A_ROUND))
    plain = times["plain"]
    return [
        Rung(rung, statistics.median(ms), statistics.median(a / b for a, b in zip(ms, plain)))
        for rung, ms in times.items()
    ]


def depths(program: Path) -> tuple[dict[int, float], float]:
    """Milliseconds of a backward pass by the number of layers, and the exponent of the power of it that fits best."""
    report = run(program, *DEPTHS)["ms"]
    times = {layers: statistics.median(report[str(layers)]) for layers in DEPTHS}
    return times, exponent(list(times), list(times.values()))


def exponent(sizes: Sequence[float], times: Sequence[float]) -> float:
    """p of the time ~ size^p that fits best."""
    x, y = map(math.log, sizes), map(math.log, times)
    return statistics.linear_regression(list(x), list(y)).slope
