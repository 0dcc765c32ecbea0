"""Which of OpenBLAS's kernels are right on this processor, and which are the fastest: all programs of a race get those.

OpenBLAS brings kernels for many processors and picks some when a program starts. OPENBLAS_CORETYPE overrules it, and an
environment may hold it to kernels that run almost anywhere: good for tests, which then give the same bits on every
machine, and wrong for a race against the fastest.
"""

import os
import platform
import statistics
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Sequence

from .bench_program import Environment, Program
from .errors import RushError

PIN = "OPENBLAS_CORETYPE"
CORES = {  # besides the one that OpenBLAS picks by itself; what does not run here is left out
    "x86_64": ("Cooperlake", "SkylakeX", "Zen", "Haswell", "Sandybridge"),
    "aarch64": ("NEOVERSEV1", "NEOVERSEN1", "CORTEXA72", "ARMV8"),
}
RIGHT = 1e-5  # of the sum of what is added up; kernels that are right stay below 1e-6
TRIALS = 3  # of every kernel, in turns
CLEARLY = 0.97  # of the chosen kernel's time: what another needs at most to multiply a shape of the floor
OPENBLAS, TILES, BANDS = "openblas", "tiles", "bands"


@dataclass(frozen=True)
class Trial:
    name: str
    ms: float | None  # all products of a step; nothing if it was left out
    remark: str = ""  # why


@dataclass(frozen=True)
class Share:
    """A part of the floor: which products are multiplied by what."""

    name: str
    kernel: str
    environment: Environment
    which: list[int]


@dataclass(frozen=True)
class Choice:
    network: str
    threads: int
    core: str
    environment: Environment  # for every program that is to use it
    trials: list[Trial]
    floor: list[Share]

    def as_json(self) -> dict:
        return {
            "network": self.network,
            "threads": self.threads,
            "core": self.core,
            "environment": os.environ.get(PIN),
            "trials": [vars(trial) for trial in self.trials],
            "floor": [{"kernel": share.name, "products": share.which} for share in self.floor],
        }


@dataclass(frozen=True)
class _Way:
    name: str
    kernel: str
    environment: Environment
    program: Program
    times: list[list[float]]  # of every trial, for every shape

    def ask(self) -> bool:
        """False if the kernel is not written yet."""
        ms = self.program.ask(do="each", kernel=self.kernel)["ms"]
        self.times.append(ms)
        return bool(ms)

    def best(self) -> list[float]:
        return [min(times) for times in zip(*self.times)]


class Survey:
    """Asks once for each network and number of threads. What is fastest on one thread is used on several."""

    def __init__(self, program: Path, say: Callable[[str], None]) -> None:
        self.program, self.say = program, say
        self.choices: dict[tuple[str, int], Choice] = {}

    def __call__(self, network: str, threads: int) -> Choice:
        key = network, threads
        if key not in self.choices:
            # Several threads on a busy machine wait for each other, and then chance would choose.
            core = self(network, 1).core if threads > 1 else ""
            self.say(f"{network}, {threads} thread{'s' * (threads > 1)}: which kernels of OpenBLAS are the fastest?")
            self.choices[key] = choose(self.program, network, threads, core)
        return self.choices[key]


def choose(program: Path, network: str, threads: int, core: str = "") -> Choice:
    """The fastest, unless `core` names one."""
    with ExitStack() as stack:

        def start(name: str, kernel: str, environment: Environment) -> _Way:
            process = stack.enter_context(Program(program, network, threads, environment))
            return _Way(name, kernel, environment, process, [])

        cores, refused = _right_cores(start)
        if not cores:
            raise RushError(f"no kernel of OpenBLAS is right on this machine: {refused[0].remark}", code=1)
        tiles = start("tiles", TILES, cores[0].environment)
        ways = [*cores, tiles] if tiles.ask() else cores
        _race(ways)
        chosen = min(cores, key=lambda way: (way.name != core, sum(way.best())))
        if threads > 1:
            bands = start("bands", BANDS, chosen.environment)
            if bands.ask():
                _race([bands])
                ways.append(bands)
        trials = [Trial(way.name, sum(way.best())) for way in ways]
        return Choice(network, threads, chosen.name, chosen.environment, trials + refused, _floor(chosen, ways))


def _right_cores(start: Callable[..., _Way]) -> tuple[list[_Way], list[Trial]]:
    """Each kernel once: several names may stand for one, or for none."""
    found: dict[str, _Way] = {}
    refused = []
    names = [None, *CORES.get(platform.machine(), ())]
    if os.environ.get(PIN) not in names:
        names.append(os.environ[PIN])
    for name in names:
        way = start(name or "", OPENBLAS, {PIN: name})
        try:
            report = way.program.ask(do="check")
        except RushError:
            refused.append(Trial(name or "OpenBLAS's own choice", None, "does not run here"))
            continue
        core, error = report["core"], report["error"]
        if core in found or any(core == trial.name for trial in refused):
            continue
        if error <= RIGHT:
            found[core] = _Way(core, OPENBLAS, way.environment, way.program, [])
        else:
            refused.append(Trial(core, None, f"computes wrong here: an error of {error:.0e}"))
    return list(found.values()), refused


def _race(ways: Sequence[_Way]) -> None:
    for _ in range(TRIALS):
        for way in ways:
            way.ask()


def _floor(chosen: _Way, ways: Sequence[_Way]) -> list[Share]:
    """For every shape what multiplies it fastest: the chosen kernel, unless another is clearly faster."""
    places: dict[str, list[int]] = {}
    for i, limit in enumerate(chosen.best()):
        fastest = min(ways, key=lambda way: way.best()[i])
        winner = fastest if fastest.best()[i] < CLEARLY * limit else chosen
        places.setdefault(winner.name, []).append(i)
    return [Share(way.name, way.kernel, way.environment, places[way.name]) for way in ways if way.name in places]


class Floor:
    """The products of a step, each by what multiplies it fastest. Each kernel has a process of its own."""

    def __init__(self, program: Path, choice: Choice, stack: ExitStack) -> None:
        self.shares = [
            (share, stack.enter_context(Program(program, choice.network, choice.threads, share.environment)))
            for share in choice.floor
        ]

    def median_ms(self, count: int) -> float:
        return sum(
            statistics.median(program.ask(do="products", kernel=share.kernel, which=share.which, count=count)["ms"])
            for share, program in self.shares
        )
