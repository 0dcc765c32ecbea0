"""Comparing numbers: tolerances, what is not finite, and what a difference looks like."""

import math

import pytest

from rushlight.compare.result import BenchmarkSeverity
from rushlight.compare.tensors import (
    ATOL,
    RTOL,
    compare_activation_dicts,
    compare_scalars,
    compare_tensors,
    is_vacuous,
    look_of,
    safe_allclose,
)
from rushlight.compare.trace import Tensor

SIX = Tensor((2, 3), (1.0, 2.0, 3.0, 4.0, 5.0, 7.0))


def of(*values: float, shape: tuple[int, ...] = ()) -> Tensor:
    return Tensor(shape or (len(values),), values)


def like_six(*values: float) -> Tensor:
    return Tensor((2, 3), values)


def test_the_tolerances_are_tight():
    assert (ATOL, RTOL) == (1e-5, 1e-4)
    assert not safe_allclose(of(0.0), of(0.19))  # what 0.2 would let pass: a severed gradient
    assert safe_allclose(of(0.9e-5), of(0.0)) and not safe_allclose(of(1.1e-5), of(0.0))
    assert safe_allclose(of(1000.09), of(1000.0)) and not safe_allclose(of(1000.2), of(1000.0))


def test_what_is_not_finite_has_to_stand_in_the_same_places():
    """Filtering each side by itself would put 2 beside 3 here, or compare lists of different lengths."""
    nan, inf = math.nan, math.inf
    assert safe_allclose(of(nan, 1.0, -inf), of(nan, 1.0, -inf))
    assert not safe_allclose(of(nan, 2.0, 3.0), of(2.0, 3.0, nan))
    assert not safe_allclose(of(nan, 1.0), of(1.0, 1.0))
    assert not safe_allclose(of(inf, 1.0), of(-inf, 1.0))
    result = compare_tensors(of(nan, 1.0), of(1.0, 1.0))
    assert result.severity is BenchmarkSeverity.DANGER and not result.passed and "finite" in result.message


def test_compare_tensors_says_how_far():
    assert compare_tensors(SIX, SIX).severity is BenchmarkSeverity.INFO
    result = compare_tensors(of(1.5, 2.0), of(1.0, 2.0))
    assert result.message == "Tensors differ: max_diff=0.500000, mean_rel=0.250000"
    assert result.details == {"max_diff": 0.5, "mean_diff": 0.25, "mean_rel": 0.25, "atol": ATOL, "rtol": RTOL}
    assert compare_tensors(of(1.0), Tensor((1, 1), (1.0,))).message == "Shape mismatch: (1,) vs (1, 1)"


def test_compare_scalars_is_strict():
    assert compare_scalars(1.0, 1.25, atol=0.25).passed is False
    assert compare_scalars(1.0, 1.125, atol=0.25).passed is True
    assert compare_scalars(math.nan, math.nan, atol=1.0).passed is False


def test_compare_activation_dicts_counts_what_one_side_lacks():
    assert compare_activation_dicts({"a": of(1.0, 2.0)}, {"a": Tensor((1, 2), (1.0, 2.0))}).passed  # a batch of one
    result = compare_activation_dicts({"a": SIX, "c": SIX}, {"a": SIX, "b": SIX})
    assert not result.passed and result.details["matching"] == 1 and result.details["total"] == 3
    assert result.details["sample_mismatches"] == ["b: only one side has it", "c: only one side has it"]
    assert compare_activation_dicts({}, {}).severity is BenchmarkSeverity.SKIPPED


def test_a_comparison_that_cannot_fail_is_known():
    assert is_vacuous(of(0.0, 9e-5), ATOL) and not is_vacuous(of(0.0, 2e-4), ATOL)
    assert is_vacuous(of(0.026, -0.02), 0.2)


@pytest.mark.parametrize(
    "ours, words",
    [
        (SIX, ""),
        (like_six(*(2 * x for x in SIX.values)), "doubled"),
        (like_six(*(x / 2 for x in SIX.values)), "halved"),
        (like_six(*(-x for x in SIX.values)), "of the opposite sign"),
        (like_six(*(x * 0.3 for x in SIX.values)), "0.3 times as large"),
        (like_six(*(x + 1 for x in SIX.values)), "shifted by 1"),
        (like_six(0, 0, 0, 0, 0, 0), "zero"),
        (like_six(1, 2, 3, 9, 1, 0), "only row 1"),
        (like_six(1, 2, 3, 0, 0, 0), "only row 1, which is zero"),
        (like_six(1, 9, 3, 4, -5, 7), "only column 1"),
        (like_six(1, 4, 2, 5, 3, 7), "transposed"),
        (Tensor((3, 2), SIX.values), "shape (3, 2) instead of (2, 3), axes exchanged"),
        (Tensor((6,), SIX.values), "shape (6,) instead of (2, 3)"),
        (like_six(math.nan, 2, 3, 4, 5, 7), "not finite in other places (1 of 6)"),
        (like_six(1, 2, 3, 4, 5, 8), "differs in 1 of 6 places"),
        (like_six(9, 1, 4, 0, -5, 2), "differs everywhere"),
    ],
)
def test_what_a_difference_looks_like(ours: Tensor, words: str):
    assert look_of(ours, SIX) == words
