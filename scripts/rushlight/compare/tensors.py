"""Comparing numbers: what is not finite first, then the rest, and what a difference looks like.

Nothing here needs numpy: a trace holds some ten thousand numbers.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from .result import BenchmarkResult, BenchmarkSeverity
from .trace import Tensor

ATOL, RTOL = 1e-5, 1e-4


@dataclass(frozen=True)
class Difference:
    """Of two tensors of one shape. Figures are over the places where both are finite."""

    close: bool
    same_mask: bool  # NaN, inf and -inf stand in the same places
    max_diff: float = 0.0
    mean_diff: float = 0.0
    mean_rel: float = 0.0
    size: float = 0.0  # the largest magnitude of the reference

    @property
    def relative(self) -> float:
        """The largest difference, against the largest number."""
        if not self.same_mask:
            return math.inf
        return self.max_diff / self.size if self.size else (math.inf if self.max_diff else 0.0)

    def details(self) -> dict[str, float]:
        figures = {"max_diff": self.max_diff, "mean_diff": self.mean_diff, "mean_rel": self.mean_rel}
        return {name: round(value, 6) for name, value in figures.items()}


def difference(ours: Tensor, reference: Tensor, atol: float = ATOL, rtol: float = RTOL) -> Difference:
    """Raises ValueError for different shapes."""
    if ours.shape != reference.shape:
        raise ValueError(f"shapes {ours.shape} and {reference.shape} do not compare.")
    pairs = list(zip(ours.values, reference.values))
    same_mask = all(_kind(a) == _kind(b) for a, b in pairs)
    finite = [(a, b) for a, b in pairs if math.isfinite(a) and math.isfinite(b)]
    if not finite:
        return Difference(same_mask, same_mask)
    gaps = [abs(a - b) for a, b in finite]
    relative = [gap / (abs(b) + 1e-8) for gap, (_, b) in zip(gaps, finite)]
    close = same_mask and all(gap <= atol + rtol * abs(b) for gap, (_, b) in zip(gaps, finite))
    size = max(abs(b) for _, b in finite)
    return Difference(close, same_mask, max(gaps), math.fsum(gaps) / len(gaps), math.fsum(relative) / len(gaps), size)


def _kind(x: float) -> int:
    """0 for a number; NaN, inf and -inf are three kinds of their own."""
    return 0 if math.isfinite(x) else 1 if math.isnan(x) else 2 if x > 0 else 3


def safe_allclose(ours: Tensor, reference: Tensor, atol: float = ATOL, rtol: float = RTOL) -> bool:
    """|a - b| <= atol + rtol·|b| everywhere, the same shape, and what is not finite in the same places."""
    return ours.shape == reference.shape and difference(ours, reference, atol, rtol).close


def is_vacuous(reference: Tensor, atol: float) -> bool:
    """So small that a severed gradient, all zeros, would nearly pass: a match says nothing."""
    return all(abs(x) <= 10 * atol for x in reference.values if math.isfinite(x))


def compare_tensors(
    ours: Tensor, reference: Tensor, atol: float = ATOL, rtol: float = RTOL, name: str = "tensors"
) -> BenchmarkResult:
    if ours.shape != reference.shape:
        message = f"Shape mismatch: {ours.shape} vs {reference.shape}"
        return BenchmarkResult(name, BenchmarkSeverity.DANGER, message, passed=False)
    found = difference(ours, reference, atol, rtol)
    details = {**found.details(), "atol": atol, "rtol": rtol}
    if found.close:
        return BenchmarkResult(name, BenchmarkSeverity.INFO, "Tensors match", details)
    if not found.same_mask:
        message = "Tensors differ in where they are not finite"
        return BenchmarkResult(name, BenchmarkSeverity.DANGER, message, details, passed=False)
    message = f"Tensors differ: max_diff={found.max_diff:.6f}, mean_rel={found.mean_rel:.6f}"
    return BenchmarkResult(name, BenchmarkSeverity.DANGER, message, details, passed=False)


def compare_scalars(ours: float, reference: float, atol: float = ATOL, name: str = "scalars") -> BenchmarkResult:
    """Strictly nearer than atol; a NaN is near nothing."""
    gap = abs(ours - reference)
    details = {"diff": gap, "atol": atol}
    if gap < atol:
        return BenchmarkResult(name, BenchmarkSeverity.INFO, f"Scalars match: {ours:.6f} ≈ {reference:.6f}", details)
    message = f"Scalars differ: {ours:.6f} vs {reference:.6f}"
    return BenchmarkResult(name, BenchmarkSeverity.DANGER, message, details, passed=False)


def without_batch_axis(ours: Tensor, reference: Tensor) -> tuple[Tensor, Tensor]:
    """Where one side has a batch axis of size 1 that the other lacks, it goes."""
    if ours.shape == (1, *reference.shape):
        return Tensor(reference.shape, ours.values), reference
    if reference.shape == (1, *ours.shape):
        return ours, Tensor(ours.shape, reference.values)
    return ours, reference


def compare_activation_dicts(
    ours: Mapping[str, Tensor],
    reference: Mapping[str, Tensor],
    atol: float = ATOL,
    rtol: float = RTOL,
    name: str = "activations",
) -> BenchmarkResult:
    """Every name of either side. One that only one side has is a difference, not something to pass over."""
    missing = [*(each for each in reference if each not in ours), *(each for each in ours if each not in reference)]
    common = [each for each in reference if each in ours]
    if not common and not missing:
        return BenchmarkResult(name, BenchmarkSeverity.SKIPPED, "Nothing to compare")
    samples = [f"{each}: only one side has it" for each in missing]
    for each in common:
        a, b = without_batch_axis(ours[each], reference[each])
        if not (result := compare_tensors(a, b, atol, rtol, each)).passed:
            samples.append(f"{each}: {result.message}")
    total = len(common) + len(missing)
    details = {"matching": total - len(samples), "total": total, "atol": atol, "rtol": rtol}
    if not samples:
        return BenchmarkResult(name, BenchmarkSeverity.INFO, f"All {total} activations match", details)
    message = f"{len(samples)}/{total} activations differ"
    details |= {"sample_mismatches": samples[:5]}
    return BenchmarkResult(name, BenchmarkSeverity.DANGER, message, details, passed=False)


# ---- what a difference looks like


def look_of(ours: Tensor, reference: Tensor, atol: float = ATOL, rtol: float = RTOL) -> str:
    """In a few words: doubled, transposed, zero, one row; empty where the two agree."""
    if ours.shape != reference.shape:
        same = sorted(ours.shape) == sorted(reference.shape)
        return f"shape {ours.shape} instead of {reference.shape}" + (", axes exchanged" if same else "")
    if difference(ours, reference, atol, rtol).close:
        return ""
    if not difference(ours, reference, atol, rtol).same_mask:
        wild = sum(_kind(a) != _kind(b) for a, b in zip(ours.values, reference.values))
        return f"not finite in other places ({wild} of {len(ours.values)})"
    if all(x == 0 for x in ours.values):
        return "zero"
    tries = (_as_a_multiple, _as_transposed, _as_shifted, _as_lines)
    words = next((words for attempt in tries if (words := attempt(ours, reference, atol, rtol))), "")
    return words or _as_scattered(ours, reference, atol, rtol)


def _as_a_multiple(ours: Tensor, reference: Tensor, atol: float, rtol: float) -> str:
    finite = [(a, b) for a, b in zip(ours.values, reference.values) if math.isfinite(a) and math.isfinite(b)]
    square = math.fsum(b * b for _, b in finite)
    if square == 0:
        return ""
    factor = math.fsum(a * b for a, b in finite) / square
    slack = max(1e-3 * max(abs(a) for a, _ in finite), atol)
    if abs(factor) < 1e-6 or len(finite) < 2 or any(abs(a - factor * b) > slack for a, b in finite):
        return ""
    names = {2: "doubled", 0.5: "halved", -1: "of the opposite sign"}
    return next((name for each, name in names.items() if abs(factor - each) < 1e-3), f"{factor:.4g} times as large")


def _as_transposed(ours: Tensor, reference: Tensor, atol: float, rtol: float) -> str:
    """The last two axes exchanged, or the same memory read the other way."""
    if len(reference.shape) < 2:
        return ""
    rows, columns = reference.shape[-2:]
    if rows == 1 or columns == 1:
        return ""
    size = rows * columns
    order = [start + c * rows + r for start in range(0, len(ours.values), size) for r in range(rows) for c in range(columns)]
    turned = Tensor(reference.shape, [ours.values[at] for at in order])
    return "transposed" if difference(turned, reference, atol, max(rtol, 1e-3)).close else ""


def _as_shifted(ours: Tensor, reference: Tensor, atol: float, rtol: float) -> str:
    gaps = [a - b for a, b in zip(ours.values, reference.values) if math.isfinite(a) and math.isfinite(b)]
    if len(gaps) < 2 or max(gaps) - min(gaps) > 1e-3 * max(map(abs, gaps)):
        return ""
    return f"shifted by {math.fsum(gaps) / len(gaps):.4g}"


def _as_lines(ours: Tensor, reference: Tensor, atol: float, rtol: float) -> str:
    """Wrong in one index of one axis and right elsewhere."""
    wrong = _wrong_places(ours, reference, atol, rtol)
    stride = len(ours.values)
    for axis, size in enumerate(reference.shape):
        stride //= size
        indices = {at // stride % size for at in wrong}
        if len(indices) == 1 and size > 1 and len(wrong) > 1:
            zero = all(ours.values[at] == 0 for at in wrong)
            return f"only {_line(axis, len(reference.shape))} {indices.pop()}" + (", which is zero" if zero else "")
    return ""


def _line(axis: int, rank: int) -> str:
    if rank == 2:
        return ("row", "column")[axis]
    return f"index of axis {axis}:" if rank > 2 else "entry"


def _wrong_places(ours: Tensor, reference: Tensor, atol: float, rtol: float) -> list[int]:
    pairs = enumerate(zip(ours.values, reference.values))
    return [at for at, (a, b) in pairs if _kind(a) == 0 == _kind(b) and abs(a - b) > atol + rtol * abs(b)]


def _as_scattered(ours: Tensor, reference: Tensor, atol: float, rtol: float) -> str:
    wrong = len(_wrong_places(ours, reference, atol, rtol))
    count = len(ours.values)
    return "differs everywhere" if wrong == count else f"differs in {wrong} of {count} places"
