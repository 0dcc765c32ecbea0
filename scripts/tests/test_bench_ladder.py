"""`rush bench ladder` and `depth`: what the programs print becomes medians, shares and an exponent."""

import json
import sys

import pytest

from rushlight.benchmarks import kernel_ladder
from rushlight.basics.errors import RushError

SERVER = """#!{python}
import json, sys
ops = []
for line in sys.stdin:
    request = json.loads(line)
    if request["do"] == "accelerate":
        ops = ["gelu", "adam"] if request["ops"] == ["all"] else request["ops"]
        answer = {{"ops": ops}}
    else:
        answer = {{"ms": [10 - 2 * len(ops)] * request["count"]}}
    print(json.dumps(answer), flush=True)
"""


@pytest.fixture
def program(tmp_path):
    def make(text):
        path = tmp_path / "program"
        path.write_text(text)
        path.chmod(0o755)
        return path

    return make


def prints(value, code=0):
    return f"#!{sys.executable}\nimport sys\nprint({json.dumps(value)!r})\nsys.exit({code})\n"


def test_rungs_keep_their_order_and_are_shares_of_all_cores(program):
    report = {"todo": {}, "core": "Haswell", "peak_gflops": [90, 100, 95]}
    report["gflops"] = {"naive": [1, 2, 3], "OpenBLAS": [40, 60, 50]}
    rungs = kernel_ladder.products(program(prints(report)), 2)
    figures = [(r.name, r.figure, r.share) for r in rungs]
    assert figures == [("naive", 2, 0.01), ("OpenBLAS, Haswell", 50, 0.25), ("peak", 200, 1)]


def test_a_rung_that_is_not_written_says_which_task_it_waits_for(program):
    report = {"todo": {"threaded": "18.3"}, "core": "Zen", "peak_gflops": [100], "gflops": {"naive": [1]}}
    rungs = kernel_ladder.products(program(prints(report)), 1)
    assert [(r.name, r.todo) for r in rungs] == [("naive", ""), ("threaded", "18.3"), ("peak", "")]


def test_what_is_wrong_has_no_speed(program):
    report = {"todo": {}, "core": "Zen", "peak_gflops": [100], "gflops": {}, "wrong": {"naive": "its result is wrong"}}
    with pytest.raises(RushError, match="naive: its result is wrong"):
        kernel_ladder.products(program(prints(report)), 1)


def test_kernels_are_added_one_after_the_other(program):
    rungs = kernel_ladder.steps(program(SERVER.format(python=sys.executable)), "d", 1)
    assert [(r.name, r.figure, r.share) for r in rungs] == [("plain", 10, 1), ("+ gelu", 8, 0.8), ("+ adam", 6, 0.6)]


@pytest.mark.parametrize("power", [1, 2])
def test_the_exponent_is_that_of_the_power_law(program, power):
    report = {"ms": {str(n): [0.5 * n**power, 99, 0.1] for n in kernel_ladder.DEPTHS}}
    report["ms"] = {n: [values[0]] * 3 for n, values in report["ms"].items()}
    times, exponent = kernel_ladder.depths(program(prints(report)))
    assert times[4] == 0.5 * 4**power and exponent == pytest.approx(power)


def test_a_blank_below_is_named(program):
    with pytest.raises(RushError, match="01.2 is not written"):
        text = f"#!{sys.executable}\nimport sys\nsys.exit('task 01.2 is not written yet')\n"
        kernel_ladder.products(program(text), 1)
