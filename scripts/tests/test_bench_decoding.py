"""`rush bench decode`: turns of several programs become a row, and rows an exponent."""

import json
import math
import sys

import pytest

from rushlight.basics.errors import RushError
from rushlight.benchmarks.decoding_cost import AGAIN, LIBTORCH, MEMORY, WHOLE, Race, Row, growth, measure, row_of

SERVER = """#!{python}
import array, json, sys
kind, past = sys.argv[1].split("-")
ms = 0.5 * int(past) if kind == "cached" else 0.25 * int(past) ** 2
for line in sys.stdin:
    request = json.loads(line)
    if request["do"] == "gradients":
        logits = array.array("f", [1.0, -2.0, {off} if kind == "cached" else 0.5])
        open(request["file"], "wb").write(logits.tobytes())
        answer = {{"tensors": [["logits", 3]]}}
    elif request["do"] == "time":
        answer = {{"ms": [ms] * request["count"]}}
    else:
        answer = {{"losses": [0], "ops": []}}
    print(json.dumps(answer), flush=True)
"""


@pytest.fixture
def race(tmp_path):
    def make(off=0.5, with_libtorch=True):
        path = tmp_path / "program"
        path.write_text(SERVER.format(python=sys.executable, off=off))
        path.chmod(0o755)
        return Race(path, path if with_libtorch else None, {}, 1, True, 3, lambda text: None)

    return make


def test_a_row_has_medians_and_ratios_of_the_same_round():
    times = {MEMORY: [1.0, 2.0, 4.0], AGAIN: [1.1, 2.0, 4.4], WHOLE: [10.0, 10.0, 40.0], LIBTORCH: [2.0, 4.0, 4.0]}
    row = row_of(64, times)
    assert (row.memory_ms, row.whole_ms, row.libtorch_ms) == (2.0, 10.0, 4.0)
    assert row.again == pytest.approx(1.1)
    assert row.saved == 10.0
    assert row.libtorch_ratio == 0.5
    assert row.tokens_a_second == 500


def test_programs_take_turns_and_the_exponents_are_those_of_the_laws(race):
    rows = measure(race(), (8, 16, 32, 64))
    assert [row.past for row in rows] == [8, 16, 32, 64]
    assert [row.memory_ms for row in rows] == [4, 8, 16, 32]
    assert all(row.again == 1 and row.libtorch_ratio == 1 for row in rows)
    found = growth(rows)
    assert (found.memory, found.memory_late) == (pytest.approx(1), pytest.approx(1))
    assert (found.whole, found.whole_late) == (pytest.approx(2), pytest.approx(2))


def test_without_libtorch_its_columns_are_empty(race):
    (row,) = measure(race(with_libtorch=False), (8,))
    assert math.isnan(row.libtorch_ms) and math.isnan(row.libtorch_ratio)
    assert row.as_json()["libtorch_ms"] is None
    json.dumps(row.as_json(), allow_nan=False)


@pytest.mark.parametrize("off", [0.4, "float('nan')"])
def test_who_computes_something_else_is_not_timed(race, off):
    with pytest.raises(RushError, match="logits of memory differ"):
        measure(race(off=off), (8,))


def test_one_length_has_no_exponent():
    row = Row(8, 1.0, 1, 1, 1, 2.0, 2, 1000, math.nan, math.nan)
    assert math.isnan(growth([row]).memory)
