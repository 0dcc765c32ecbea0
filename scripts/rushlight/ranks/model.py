"""What sums cost on more ranks than there are: n bytes to the right while n come from the left take latency + n / bandwidth,
and adding what came takes its time, too (alpha, beta and gamma of Thakur, Rabenseifner and Gropp, "Optimization of Collective
Communication Operations in MPICH", 2005).

This is a model. It is fitted to exchanges between two ranks of this machine, says how far it is off where it can be
checked, and knows nothing of a network, of links that are shared, or of processors that are.
"""

import math
import statistics
from dataclasses import dataclass
from typing import Sequence

Point = tuple[float, float]  # bytes, seconds


@dataclass(frozen=True)
class Link:
    latency: float  # seconds
    bandwidth: float  # bytes a second
    adding: float = 0.0  # seconds a byte

    def exchange(self, size: float) -> float:
        return self.latency + size / self.bandwidth

    def ring(self, size: float, ranks: int) -> float:
        """2(R-1) steps, each with a chunk; the first half of them add it."""
        return (ranks - 1) * (2 * self.exchange(size / ranks) + self.adding * size / ranks)

    def tree(self, size: float, ranks: int) -> float:
        """Up a tree, adding, and down again: 2 log2 R steps, each with everything."""
        return math.ceil(math.log2(ranks)) * (2 * self.exchange(size) + self.adding * size)


def fit(points: Sequence[Point], sums: Sequence[Point] = ()) -> Link:
    """Exchanges and sums. Least squares of the relative error, so that few bytes count as much as many; of the sums the
    middle one a byte."""
    if len({size for size, _ in points}) < 2:
        raise ValueError("two different sizes are needed to tell latency from bandwidth")
    # minimise sum ((a + b·x)/y - 1)²: ordinary least squares of 1 on (1/y, x/y)
    p = [(1 / seconds, size / seconds) for size, seconds in points]
    aa, ab, bb = sum(u * u for u, _ in p), sum(u * v for u, v in p), sum(v * v for _, v in p)
    a, b = sum(u for u, _ in p), sum(v for _, v in p)
    determinant = aa * bb - ab * ab
    latency, slope = (a * bb - b * ab) / determinant, (b * aa - a * ab) / determinant
    if latency <= 0 or slope <= 0:
        raise ValueError("these times are not those of latency and bandwidth; measure again on a quiet machine")
    return Link(latency, 1 / slope, statistics.median(seconds / size for size, seconds in sums) if sums else 0.0)


def error(predicted: Sequence[float], measured: Sequence[float]) -> tuple[float, float]:
    """The median and the largest relative error."""
    off = [abs(p - m) / m for p, m in zip(predicted, measured, strict=True)]
    return statistics.median(off), max(off)


def hidden(alone: float, left: float) -> float:
    """The share of the waiting that overlap took away: 1 all, 0 nothing, below 0 where it did harm."""
    return 1 - left / alone if alone > 0 else 0.0
