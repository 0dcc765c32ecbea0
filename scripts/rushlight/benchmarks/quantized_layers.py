"""A Linear in float and in small weights, in turns; "float again" is the A/A run that says what a ratio means."""

import statistics
from dataclasses import asdict, dataclass
from pathlib import Path

from .kernel_ladder import run
from .program import Environment

PLAIN = "float"


@dataclass(frozen=True)
class Row:
    rows: int  # of the input
    layer: str
    ms: float  # median over the rounds
    speedup: float  # float's time over its own, the median of the rounds' ratios
    low: float  # the middle half of these ratios
    high: float
    sqnr: float | None  # of the output against float's, in decibels

    def as_json(self) -> dict:
        return asdict(self)


def measure(program: Path, rounds: int, environment: Environment = {}) -> tuple[dict[str, str], list[Row]]:
    """Which kernels ran, and each layer by the number of rows."""
    report = run(program, rounds, threads=1, environment=environment)
    found = []
    for rows, times in report["ms"].items():
        for layer, ms in times.items():
            ratios = [plain / own for plain, own in zip(times[PLAIN], ms)]
            low, middle, high = statistics.quantiles(ratios, n=4, method="inclusive")
            error = report["errors"][rows].get(layer)
            found.append(Row(int(rows), layer, statistics.median(ms), middle, low, high, error))
    order = {name: place for place, name in enumerate((PLAIN, "float again", "int8", "int8 static", "q8_0", "q4_0"))}
    return report["kernels"], sorted(found, key=lambda row: (row.rows, order.get(row.layer, len(order))))
