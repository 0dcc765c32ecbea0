"""The next token of a GPT, here and in llama.cpp, from the same weights in the same GGUF file."""

import statistics
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Sequence

from ..basics import npm
from ..basics.errors import RushError
from .program import Environment, Program, farthest, four_digits, in_turns, write_model

SIZES = ("256x6", "1024x12")  # width x layers
# How far logits may lie apart, relative to the largest: llama.cpp keeps keys and values in half precision, and both round
# inputs to eight bits where the weight is in blocks, each in its own order.
TOLERANCE = {"f32": 2e-3, "q8_0": 2e-2, "q4_0": 3e-2}
OURS, AGAIN, LLAMA = "ours", "again", "llama"
PACKAGE = "@node-llama-cpp/linux-x64"


@dataclass(frozen=True)
class Row:
    size: str
    type: str
    ours: float  # tokens a second
    llama: float
    ratio: float  # ours / llama's, tokens a second: the median of the rounds'
    low: float  # the middle half of these ratios
    high: float
    again: float  # a second process of ours instead of llama.cpp
    logits: float  # the largest difference of a logit, relative to the largest logit

    def as_json(self) -> dict:
        return four_digits(self)


@dataclass(frozen=True)
class Race:
    ours: Path
    peer: Path
    libraries: Path  # the folder with llama.cpp's
    environment: Environment  # for ours
    threads: int
    rounds: int
    say: Callable[[str], None]


def libraries(root: Path) -> Path:
    """llama.cpp's shared libraries, from the package whose version and digest tests/llama pins. Nothing of it is run here."""
    modules = npm.install_pinned(root / "tests" / "llama", root / "build" / "llama", "llama.cpp")
    return modules / PACKAGE / "bins" / "linux-x64"


def measure(race: Race, sizes: Sequence[str], types: Sequence[str], folder: Path) -> list[Row]:
    return [_row(race, size, type_, folder) for size in sizes for type_ in types]


def _row(race: Race, size: str, type_: str, folder: Path) -> Row:
    race.say(f"{size} at {type_}: do both compute the same? then {race.rounds} rounds in turns")
    file, model = folder / f"{type_}-{size}.gguf", f"{type_}-{size}"
    write_model(race.ours, model, file)
    try:
        with ExitStack() as stack:
            runners = {
                name: stack.enter_context(Program(race.ours, model, race.threads, race.environment))
                for name in (OURS, AGAIN)
            }
            theirs = Program(race.peer, str(file), race.threads, {"LLAMA_FOLDER": str(race.libraries)})
            runners[LLAMA] = stack.enter_context(theirs)
            return _race(race, runners, size, type_)
    finally:
        file.unlink()


def _race(race: Race, runners: dict[str, Program], size: str, type_: str) -> Row:
    for program in runners.values():
        program.ask(do="accelerate", ops=["all"])
    logits = difference(runners, TOLERANCE[type_])
    return row_of(size, type_, in_turns(runners, race.rounds), logits)


def row_of(size: str, type_: str, times: dict[str, list[float]], logits: float) -> Row:
    """Ratios are formed within a round, so that a busy minute counts for both sides."""
    ratios = [theirs / ours for theirs, ours in zip(times[LLAMA], times[OURS])]
    low, middle, high = statistics.quantiles(ratios, n=4, method="inclusive")
    return Row(
        size=size,
        type=type_,
        ours=1000 / statistics.median(times[OURS]),
        llama=1000 / statistics.median(times[LLAMA]),
        ratio=middle,
        low=low,
        high=high,
        again=statistics.median(b / a for a, b in zip(times[OURS], times[AGAIN])),
        logits=logits,
    )


def difference(runners: dict[str, Program], limit: float) -> float:
    """How far the logits lie apart, relative to the largest. Who computes something else is not timed."""
    found = {}
    for name in (OURS, LLAMA):
        runners[name].ask(do="steps", count=1)
        found[name] = runners[name].gradients()["logits"]
    worst = farthest(found[OURS], found[LLAMA])
    if not worst <= limit:
        raise RushError(f"the logits of llama.cpp differ by {worst:.1e} of the largest; at most {limit} is rounding.", code=1)
    return worst
