"""`rush bench quantize`: what the program prints becomes medians and ratios within the same round."""

import json
import sys

import pytest

from rushlight.benchmarks import quantized_layers

REPORT = {
    "kernels": {"int8": "loop", "blocks": "loop"},
    "ms": {
        "256": {"float": [4, 8, 4], "int8": [2, 2, 4]},
        "1": {"q4_0": [1, 1, 1], "float": [3, 2, 4], "float again": [3, 2, 8], "int8": [1, 1, 1]},
    },
    "errors": {"256": {"int8": 35.5}, "1": {"q4_0": 20.0, "int8": 36.0}},
}


@pytest.fixture
def rows(tmp_path):
    path = tmp_path / "program"
    path.write_text(f"#!{sys.executable}\nimport sys\nassert sys.argv[1] == '3'\nprint({json.dumps(REPORT)!r})\n")
    path.chmod(0o755)
    kernels, found = quantized_layers.measure(path, 3)
    assert kernels == REPORT["kernels"]
    return found


def test_one_row_comes_before_many_and_float_before_the_others(rows):
    assert [(row.rows, row.layer) for row in rows] == [
        (1, "float"),
        (1, "float again"),
        (1, "int8"),
        (1, "q4_0"),
        (256, "float"),
        (256, "int8"),
    ]


def test_ratios_compare_what_ran_in_the_same_round(rows):
    many = rows[-1]
    assert (many.ms, many.speedup) == (2, 2)  # of 2, 4 and 1: not 4/2 of the medians by chance
    assert (many.low, many.high) == (1.5, 3)
    again = rows[1]
    assert (again.speedup, again.low) == (1, 0.75)


def test_errors_are_those_of_the_output(rows):
    assert rows[0].sqnr is None and rows[2].sqnr == 36.0
