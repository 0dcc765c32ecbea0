"""Ours against libtorch: the same networks, the same numbers, in turns, in the same minute."""

import math
import os
import platform
import statistics
from array import array
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Callable, Iterator

from . import judging
from .openblas_cores import Choice, Floor
from .program import Program
from ..basics.errors import RushError

NETWORKS = {
    "a": "MLP 64-32-10, batch 32, SGD",
    "b": "MLP 784-256-128-10, batch 64, Adam",
    "c": "CNN 1-8-16, batch 32 at 28x28, SGD with momentum",
    "d": "GPT width 128, 4 layers, 64 tokens, batch 16, AdamW",
    "e": "GPT width 256, 6 layers, 128 tokens, batch 8, AdamW",
}
OPS = (
    "add gelu softmax layer_norm cross_entropy permute bmm attention conv2d embedding adamw"  # tests/benchmarks/ops.hpp
).split()
OPS_LIKE = "d"  # the network whose products choose the kernels for single ops
STEPS_BEFORE_THE_SECOND_CHECK = 20
TRIALS = 3  # of each configuration of libtorch
SLICE_MS = 150.0  # each program runs about this long before it is the other's turn
OPENMP_BLAS = Path("/usr/lib/x86_64-linux-gnu/openblas-openmp")
OURS = "ours"
VERDICTS = {"A is faster": "ours is faster", "B is faster": "libtorch is faster"}


@dataclass(frozen=True)
class Configuration:
    """A way to run libtorch. With two threads, its own workers and OpenBLAS's get into each other's way."""

    name: str
    environment: dict[str, str]


def configurations(threads: int) -> list[Configuration]:
    found = [Configuration("default", {})]
    if threads > 1:
        found.append(Configuration("OMP_WAIT_POLICY=PASSIVE", {"OMP_WAIT_POLICY": "PASSIVE"}))
        if OPENMP_BLAS.is_dir():
            found.append(Configuration("libopenblas0-openmp", {"LD_LIBRARY_PATH": str(OPENMP_BLAS)}))
    return found


@dataclass(frozen=True)
class Result:
    name: str
    threads: int
    ours_ms: float
    libtorch_ms: float
    ratio: float
    ratio_low: float  # of 100 such intervals, 95 hold the ratio
    ratio_high: float
    self_low: float  # ours to ours, from turns of the same rounds: what the ratio's distance from 1 has to beat
    self_high: float
    verdict: str
    floor_ms: float
    floor_ratio: float  # nan for a single op: it has no products to compare with
    ours_mib: float
    libtorch_mib: float
    memory_ratio: float
    libtorch_configuration: str
    core: str  # the kernels that OpenBLAS ran, here and there
    libtorch_core: str
    floor_kernels: str  # the fastest for each shape
    gradient_error: float  # the largest of all parameters, relative to that parameter's largest gradient
    page_faults_per_step: float

    def as_json(self) -> dict:
        return {key: _rounded(value) for key, value in asdict(self).items()}


@dataclass(frozen=True)
class Race:
    """What all comparisons of a run have in common."""

    ours: Path
    theirs: Path
    floor: Path
    statistics: Path  # module 19's
    choose: Callable[[str, int], Choice]  # the fastest kernels of OpenBLAS: bench_cores.Survey
    accelerated: bool  # with module 18's kernels
    rounds: int
    say: Callable[[str], None]


def compare(network: str, threads: int, race: Race) -> Result:
    """A network or a single op, here and in libtorch."""
    choice = race.choose(network if network in NETWORKS else OPS_LIKE, threads)
    with ExitStack() as stack:
        mine = stack.enter_context(Program(race.ours, network, threads, choice.environment))
        mine.ask(do="accelerate", ops=["all"] if race.accelerated else [])
        rivals = []
        for each in configurations(threads):
            environment = {**choice.environment, **each.environment}
            rivals.append((each.name, stack.enter_context(Program(race.theirs, network, threads, environment))))
        race.say(f"{network}, {threads} thread{'s' * (threads > 1)}: do both compute the same?")
        error = check_agreement(mine, rivals[0][1])
        for _, rival in rivals[1:]:
            rival.ask(do="steps", count=STEPS_BEFORE_THE_SECOND_CHECK)
        best, rival = _fastest(rivals)
        race.say(f"{network}, {threads} thread{'s' * (threads > 1)}: {race.rounds} rounds in turns")
        floor = Floor(race.floor, choice, stack) if network in NETWORKS else None
        return _race(network, choice, mine, rival, floor, best, error, race)


def _fastest(rivals: list[tuple[str, Program]]) -> tuple[str, Program]:
    """In turns, so that a disturbance does not decide."""
    if len(rivals) == 1:
        return rivals[0]
    counts = [_count(program) for _, program in rivals]
    times = [[program.median_ms(n) for (_, program), n in zip(rivals, counts)] for _ in range(TRIALS)]
    medians = [statistics.median(each) for each in zip(*times)]
    return rivals[medians.index(min(medians))]


def _race(
    network: str,
    choice: Choice,
    mine: Program,
    rival: Program,
    floor: Floor | None,
    configuration: str,
    error: float,
    race: Race,
) -> Result:
    half, their_count = math.ceil(_count(mine) / 2), _count(rival)
    faults = mine.ask(do="memory")["page_faults"]
    my_times, their_times, my_others = _turns(mine, half, rival, their_count, race.rounds)
    memory, their_memory = mine.ask(do="memory"), rival.ask(do="memory")
    floor_ms, floor_ratio = _floor(mine, floor, 2 * half, race) if floor else (math.nan, math.nan)
    judgement = judging.judge(race.statistics, my_times, their_times, my_others)
    return Result(
        name=f"{network} {NETWORKS[network]}" if network in NETWORKS else network,
        threads=choice.threads,
        ours_ms=judging.median(race.statistics, my_times + my_others),
        libtorch_ms=judging.median(race.statistics, their_times),
        ratio=judgement.ratio,
        ratio_low=judgement.low,
        ratio_high=judgement.high,
        self_low=judgement.self_low,
        self_high=judgement.self_high,
        verdict=VERDICTS.get(judgement.verdict, judgement.verdict),
        floor_ms=floor_ms,
        floor_ratio=floor_ratio,
        ours_mib=memory["peak_mib"],
        libtorch_mib=their_memory["peak_mib"],
        memory_ratio=memory["peak_mib"] / their_memory["peak_mib"],
        libtorch_configuration=configuration,
        core=mine.ask(do="core")["core"],
        libtorch_core=rival.ask(do="core")["core"],
        floor_kernels=", ".join(f"{share.name} {len(share.which)}" for share in choice.floor) if floor else "",
        gradient_error=error,
        page_faults_per_step=(memory["page_faults"] - faults) / (race.rounds * 2 * half),
    )


def _turns(
    mine: Program, half: int, rival: Program, their_count: int, rounds: int
) -> tuple[list[float], list[float], list[float]]:
    """Half of our steps before theirs and half behind, so that ours can be compared with ours at no cost of time.

    Which half counts as the rival's opponent changes from round to round: otherwise one would always come first.
    """
    mine_first, theirs, mine_again = [], [], []
    for round_ in range(rounds):
        before = mine.median_ms(half)
        theirs.append(rival.median_ms(their_count))
        behind = mine.median_ms(half)
        opponent, other = (before, behind) if round_ % 2 == 0 else (behind, before)
        mine_first.append(opponent)
        mine_again.append(other)
    return mine_first, theirs, mine_again


def _floor(mine: Program, floor: Floor, count: int, race: Race) -> tuple[float, float]:
    """How long the products of a step take by themselves, and how many times that the step in its turn takes."""
    steps, floors = [], []
    for _ in range(race.rounds):
        steps.append(mine.median_ms(count))
        floors.append(floor.median_ms(count))
    ratios = [step / floor for step, floor in zip(steps, floors)]
    return judging.median(race.statistics, floors), judging.median(race.statistics, ratios)


def _count(program: Program) -> int:
    """Steps that fill a slice; the first ones, which warm caches and pools, are thrown away."""
    program.ask(do="time", count=3)
    return max(2, math.ceil(SLICE_MS / program.median_ms(5)))


def check_agreement(mine: Program, rival: Program, tolerance: float = 2e-3) -> float:
    """Loss and every gradient after the first step and after twenty; the largest relative difference."""
    worst = 0.0
    for steps in (1, STEPS_BEFORE_THE_SECOND_CHECK - 1):
        losses = [program.ask(do="steps", count=steps)["losses"][-1] for program in (mine, rival)]
        if not math.isclose(*losses, rel_tol=1e-4):
            raise RushError(f"the programs disagree: loss {losses[0]} here, {losses[1]} in libtorch.", code=1)
        for name, error in gradient_errors(mine.gradients(), rival.gradients()):
            if not error <= tolerance:
                raise RushError(f"the programs disagree: the gradient of {name} differs by {error:.1e}.", code=1)
            worst = max(worst, error)
    return worst


# A key's bias adds the same number to a whole row of scores, which softmax takes away again: its gradient is exactly
# zero, and what both programs report is rounding.
ZERO_BY_SYMMETRY = "attn.k.bias"


def gradient_errors(mine: dict[str, array], theirs: dict[str, array]) -> Iterator[tuple[str, float]]:
    if mine.keys() != theirs.keys():
        raise RushError(f"the programs disagree about the parameters: {sorted(mine.keys() ^ theirs.keys())}", code=1)
    for name in mine:
        if len(mine[name]) != len(theirs[name]):
            raise RushError(f"the programs disagree about the size of {name}.", code=1)
        largest = max(map(abs, theirs[name]))
        difference = max(_distance(a, b) for a, b in zip(mine[name], theirs[name]))
        if name.endswith(ZERO_BY_SYMMETRY):
            largest = max(largest, max(map(abs, theirs[name.replace(".k.", ".q.")])))
        yield name, difference / largest if largest else difference


def _distance(a: float, b: float) -> float:
    return abs(a - b) if math.isfinite(a) and math.isfinite(b) else math.inf


def machine() -> str:
    model = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    return f"{os.cpu_count()} cores of {model}, {platform.system()} {platform.release().split('-')[0]}"


def _rounded(value: object) -> object:
    if not isinstance(value, float):
        return value
    return float(f"{value:.4g}") if math.isfinite(value) else None
