"""What the next token costs, with memory and without, by how many stand before it; and beside libtorch."""

import math
import statistics
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Callable, Optional, Sequence

from .kernel_ladder import exponent
from .program import Environment, Program, in_turns
from ..basics.errors import RushError

PASTS = (64, 128, 256, 512, 1024, 2048)
TOLERANCE = 1e-4  # between programs, relative to the largest logit
MEMORY, AGAIN, WHOLE, LIBTORCH = "memory", "again", "whole", "libtorch"


@dataclass(frozen=True)
class Row:
    past: int
    memory_ms: float
    again: float  # a second process with the same program, in turns: what a ratio of 1 looks like here
    again_low: float  # the middle half of the rounds
    again_high: float
    whole_ms: float
    saved: float  # whole / memory
    tokens_a_second: float
    libtorch_ms: float  # with a cache of its own; nan where libtorch is not installed
    libtorch_ratio: float  # ours / libtorch's

    def as_json(self) -> dict:
        return {key: _rounded(value) for key, value in asdict(self).items()}


@dataclass(frozen=True)
class Growth:
    """Exponents p of milliseconds ~ tokens^p: over all lengths, and over the longest three."""

    memory: float
    whole: float
    memory_late: float
    whole_late: float

    def as_json(self) -> dict:
        return {key: _rounded(value) for key, value in asdict(self).items()}


@dataclass(frozen=True)
class Race:
    ours: Path
    theirs: Optional[Path]
    environment: Environment
    threads: int
    accelerated: bool
    rounds: int
    say: Callable[[str], None]


def measure(race: Race, pasts: Sequence[int] = PASTS) -> list[Row]:
    return [_row(race, past) for past in pasts]


def _row(race: Race, past: int) -> Row:
    race.say(f"after {past} tokens: do all compute the same? then {race.rounds} rounds in turns")
    with ExitStack() as stack:
        runners = {}
        for name, network in ((MEMORY, "cached"), (AGAIN, "cached"), (WHOLE, "whole")):
            program = Program(race.ours, f"{network}-{past}", race.threads, race.environment)
            runners[name] = stack.enter_context(program)
            program.ask(do="accelerate", ops=["all"] if race.accelerated else [])
        if race.theirs:
            program = Program(race.theirs, f"cached-{past}", race.threads, race.environment)
            runners[LIBTORCH] = stack.enter_context(program)
        check_agreement(runners)
        return row_of(past, in_turns(runners, race.rounds))


def row_of(past: int, times: dict[str, list[float]]) -> Row:
    """Ratios are formed within a round, so that a busy minute counts for both sides."""
    again = sorted(a / b for a, b in zip(times[AGAIN], times[MEMORY]))
    memory_ms = statistics.median(times[MEMORY])
    theirs = times.get(LIBTORCH)
    return Row(
        past=past,
        memory_ms=memory_ms,
        again=statistics.median(again),
        again_low=again[len(again) // 4],
        again_high=again[(3 * len(again)) // 4],
        whole_ms=statistics.median(times[WHOLE]),
        saved=statistics.median(w / m for w, m in zip(times[WHOLE], times[MEMORY])),
        tokens_a_second=1000 / memory_ms,
        libtorch_ms=statistics.median(theirs) if theirs else math.nan,
        libtorch_ratio=statistics.median(m / t for m, t in zip(times[MEMORY], theirs)) if theirs else math.nan,
    )


def check_agreement(runners: dict[str, Program]) -> None:
    """The logits of the next token, from everybody who computes them."""
    found = {}
    for name, program in runners.items():
        program.ask(do="steps", count=1)
        found[name] = program.gradients()["logits"]
    expected = found[WHOLE]
    largest = max(map(abs, expected))
    for name, logits in found.items():
        worst = max((abs(a - b) if math.isfinite(a) else math.inf for a, b in zip(logits, expected)), default=math.inf)
        if len(logits) != len(expected) or not worst <= TOLERANCE * largest:
            raise RushError(f"the logits of {name} differ by {worst:.1e} from those of the whole text.", code=1)


def growth(rows: Sequence[Row]) -> Growth:
    late = rows[-3:]
    return Growth(
        memory=_exponent(rows, "memory_ms"),
        whole=_exponent(rows, "whole_ms"),
        memory_late=_exponent(late, "memory_ms"),
        whole_late=_exponent(late, "whole_ms"),
    )


def _exponent(rows: Sequence[Row], what: str) -> float:
    if len(rows) < 2:
        return math.nan
    return exponent([row.past for row in rows], [getattr(row, what) for row in rows])


def _rounded(value: object) -> object:
    if not isinstance(value, float):
        return value
    return float(f"{value:.4g}") if math.isfinite(value) else None
