"""Layers of 1024 x 1024 whose weights are whole numbers, here and in ONNX Runtime, from the same weights, on one thread."""

import statistics
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Sequence

from ..basics import npm
from ..basics.errors import RushError
from .program import Environment, Program, farthest, four_digits, in_turns, write_model

LAYERS = 16  # 16 MiB of int8
# By the type of the weights in ONNX Runtime: how far the outputs of one layer may lie apart, relative to the largest. Both
# quantise alike, so what is left is the rounding of the last product; a number of the input that the two round to
# different sides moves an output by 2e-4.
TOLERANCE = {"s8": 1e-3, "u8": 1e-3, "float": 1e-5}
# Of all layers: from the second one on, our range is that of a row and ONNX Runtime's that of all rows, and their roundings
# differ. A layer less would be another answer altogether (above 1).
CHAIN_TOLERANCE = 0.2
OURS, AGAIN, ONNX, CALL = "ours", "again", "onnx", "call"
LIBRARY = Path("onnxruntime-node", "bin", "napi-v3", "linux", "x64", "libonnxruntime.so.1.20.1")


@dataclass(frozen=True)
class Row:
    rows: int  # of the input
    weights: str
    ours_ms: float  # of a layer
    onnx_ms: float
    ratio: float  # ours / ONNX Runtime's, milliseconds: the median of the rounds'
    low: float  # the middle half of these ratios
    high: float
    again: float  # a second process of ours instead of ONNX Runtime
    call: float  # what ONNX Runtime takes to run a model without layers, as a share of its own time
    difference: float  # of the outputs of one layer, relative to the largest

    def as_json(self) -> dict:
        return four_digits(self)


@dataclass(frozen=True)
class Race:
    ours: Path
    peer: Path
    library: Path  # ONNX Runtime's
    environment: Environment  # for ours
    rounds: int
    layers: int  # of int8; float ones are four times as large, and a quarter as many
    say: Callable[[str], None]

    def start_ours(self, model: str) -> Program:
        program = Program(self.ours, model, 1, self.environment)
        program.ask(do="accelerate", ops=["all"])
        return program

    def start_onnx(self, model: str, folder: Path) -> Program:
        file = folder / f"{model}.onnx"
        write_model(self.ours, model, file)
        return Program(self.peer, str(file), 1, {"ONNX_LIBRARY": str(self.library)})


def library(root: Path) -> Path:
    """ONNX Runtime's shared library, from the package whose version and digest tests/onnx pins. Nothing of it is run here."""
    return npm.install_pinned(root / "tests" / "onnx", root / "build" / "onnx", "ONNX Runtime") / LIBRARY


def measure(race: Race, rows: Sequence[int], weights: Sequence[str], folder: Path) -> list[Row]:
    return [_row(race, count, each, folder) for count in rows for each in weights]


def _row(race: Race, rows: int, weights: str, folder: Path) -> Row:
    layers = max(1, race.layers // 4) if weights == "float" else race.layers
    one, chain, none = (f"{weights}-{rows}x{count}" for count in (1, layers, 0))
    race.say(f"{rows} rows by {weights}: do both compute the same? then {race.rounds} rounds in turns")
    with race.start_ours(one) as ours, race.start_onnx(one, folder) as theirs:
        difference = agreement(ours, theirs, TOLERANCE[weights], "one layer")
    with ExitStack() as stack:
        runners = {name: stack.enter_context(race.start_ours(chain)) for name in (OURS, AGAIN)}
        runners |= {ONNX: stack.enter_context(race.start_onnx(chain, folder))}
        runners |= {CALL: stack.enter_context(race.start_onnx(none, folder))}
        agreement(runners[OURS], runners[ONNX], CHAIN_TOLERANCE, f"{layers} layers")
        return row_of(rows, weights, layers, in_turns(runners, race.rounds), difference)


def row_of(rows: int, weights: str, layers: int, times: dict[str, list[float]], difference: float) -> Row:
    """Ratios are formed within a round, so that a busy minute counts for both sides."""
    ratios = [ours / theirs for ours, theirs in zip(times[OURS], times[ONNX])]
    low, middle, high = statistics.quantiles(ratios, n=4, method="inclusive")
    return Row(
        rows=rows,
        weights=weights,
        ours_ms=statistics.median(times[OURS]) / layers,
        onnx_ms=statistics.median(times[ONNX]) / layers,
        ratio=middle,
        low=low,
        high=high,
        again=statistics.median(b / a for a, b in zip(times[OURS], times[AGAIN])),
        call=statistics.median(times[CALL]) / statistics.median(times[ONNX]),
        difference=difference,
    )


def agreement(ours: Program, theirs: Program, limit: float, what: str) -> float:
    """How far the outputs lie apart, relative to the largest. Who computes something else is not timed."""
    for program in (ours, theirs):
        program.ask(do="steps", count=1)
    worst = farthest(ours.gradients()["output"], theirs.gradients()["output"])
    if not worst <= limit:
        found = f"the output of {what} in ONNX Runtime differs by {worst:.1e} of the largest"
        raise RushError(f"{found}; at most {limit} is rounding.", "tests/onnx/ours.cpp has what both compute.", code=1)
    return worst
