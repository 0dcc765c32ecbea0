"""What sums cost on more ranks than there are: a message of n bytes takes latency + n / bandwidth.

This is a model. It is fitted to messages between two ranks of this machine, says how far it is off where it can be
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

    def message(self, size: float) -> float:
        return self.latency + size / self.bandwidth

    def ring(self, size: float, ranks: int) -> float:
        """2(R-1) steps, each with a chunk."""
        return 2 * (ranks - 1) * self.message(size / ranks)

    def tree(self, size: float, ranks: int) -> float:
        """Up a tree and down again: 2 log2 R steps, each with everything."""
        return 2 * math.ceil(math.log2(ranks)) * self.message(size)


def fit(points: Sequence[Point]) -> Link:
    """Least squares of the relative error, so that small messages count as much as large ones."""
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
    return Link(latency, 1 / slope)


def error(predicted: Sequence[float], measured: Sequence[float]) -> tuple[float, float]:
    """The median and the largest relative error."""
    off = [abs(p - m) / m for p, m in zip(predicted, measured, strict=True)]
    return statistics.median(off), max(off)


def hidden(alone: float, left: float) -> float:
    """The share of the waiting that overlap took away: 1 all, 0 nothing, below 0 where it did harm."""
    return 1 - left / alone if alone > 0 else 0.0
