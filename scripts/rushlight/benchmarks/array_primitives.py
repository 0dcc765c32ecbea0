"""Each primitive of module 01 against a textbook expression of xtensor and the best short loop."""

from dataclasses import dataclass
from pathlib import Path

from .kernel_ladder import run
from .program import Environment, four_digits


@dataclass(frozen=True)
class Row:
    op: str
    size: str
    textbook_ns: float
    loop_ns: float
    ours_ns: float
    ratio: float  # ours / loop
    textbook_ratio: float  # textbook / ours

    def as_json(self) -> dict:
        return four_digits(self)


def measure(program: Path, rounds: int, backend: str, only: str, environment: Environment) -> tuple[str, list[Row]]:
    """The kernels that OpenBLAS ran, and the minima of the rounds."""
    report = run(program, rounds, backend, only, environment=environment)
    return report["core"], [Row(**row) for row in report["primitives"]]
