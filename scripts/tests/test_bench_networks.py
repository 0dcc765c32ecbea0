"""`rush bench`: two programs, one question at a time; a race only after a proof that both compute the same."""

import re
import sys
from array import array
from pathlib import Path

import pytest

from rushlight.benchmarks import against_libtorch, judging, openblas_cores
from rushlight.benchmarks.program import Program
from rushlight.basics.errors import RushError

PROGRAM = """#!{python}
import json, os, struct, sys
fast = False
for line in sys.stdin:
    request = json.loads(line)
    what, count = request["do"], request.get("count", 1)
    if what == "die":
        sys.exit(3)
    if what == "gradients":
        open(request["file"], "wb").write(struct.pack("4f", 1, {second}, 3, 4))
        answer = {{"tensors": [["0.weight", 3], ["0.bias", 1]]}}
    elif what == "steps":
        answer = {{"losses": [{loss}] * count}}
    elif what == "accelerate":
        fast = request["ops"] == ["all"]
        answer = {{"ops": ["gelu", "adam"] if fast else request["ops"]}}
    elif what == "memory":
        answer = {{"peak_mib": {mib}, "page_faults": 7}}
    elif what == "core":
        answer = {{"core": os.environ["OPENBLAS_CORETYPE"]}}
    else:
        answer = {{"ms": [{ms} / (2 if fast and {speeds_up} else 1)] * count}}
    print(json.dumps(answer), flush=True)
"""


FLOOR = """#!{python}
import json, sys
for line in sys.stdin:
    request = json.loads(line)
    print(json.dumps({{"ms": [0.25 * len(request["which"])] * request["count"]}}), flush=True)
"""


STATISTICS = """#!{python}
import json, statistics, sys
for line in sys.stdin:
    request = json.loads(line)
    if request["do"] == "median":
        print(json.dumps({{"median": statistics.median(request["values"])}}))
        continue
    def interval(name):
        ratios = sorted(a / b for a, b in zip(request["a"], request[name]))
        return {{"low": ratios[0], "estimate": statistics.median(ratios), "high": ratios[-1]}}
    print(json.dumps({{"ratio": interval("b"), "a_to_itself": interval("again"), "verdict": "A is faster"}}))
"""


def executable(path, text):
    path.write_text(text.format(python=sys.executable))
    path.chmod(0o755)
    return path


@pytest.fixture
def program(tmp_path):
    def make(name, ms=1.0, second=2.0, loss=0.5, mib=10.0, speeds_up=False):
        path = tmp_path / name
        path.write_text(
            PROGRAM.format(python=sys.executable, ms=ms, second=second, loss=loss, mib=mib, speeds_up=speeds_up)
        )
        path.chmod(0o755)
        return path

    return make


def choose(network, threads):
    fast = {"OPENBLAS_CORETYPE": "Quick"}
    shares = [
        openblas_cores.Share("Quick", "openblas", fast, [0]),
        openblas_cores.Share("tiles", "tiles", fast, [1]),
    ]
    return openblas_cores.Choice(network, threads, "Quick", fast, [], shares)


def race(ours, theirs, network="a", accelerated=True):
    floor, statistics = executable(ours.parent / "floor", FLOOR), executable(ours.parent / "statistics", STATISTICS)
    return against_libtorch.compare(
        network, 1, against_libtorch.Race(ours, theirs, floor, statistics, choose, accelerated, 6, lambda _: None)
    )


def test_the_ratio_is_ours_over_theirs(program):
    result = race(program("ours", ms=1.0, mib=10), program("theirs", ms=4.0, mib=40))
    assert (result.ratio, result.ratio_low, result.ratio_high) == (0.25, 0.25, 0.25)
    assert (result.self_low, result.self_high, result.verdict) == (1, 1, "ours is faster")
    assert (result.ours_ms, result.libtorch_ms, result.floor_ratio, result.memory_ratio) == (1.0, 4.0, 2.0, 0.25)
    assert result.libtorch_configuration == "default" and result.gradient_error == 0
    assert set(result.as_json()) >= {"name", "threads", "ours_ms", "libtorch_ms", "ratio", "floor_ratio", "memory_ratio"}


def test_both_run_with_the_kernels_that_were_chosen(program, monkeypatch):
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Slow")
    result = race(program("ours"), program("theirs"))
    assert (result.core, result.libtorch_core, result.floor_kernels) == ("Quick", "Quick", "Quick 1, tiles 1")


def test_the_backend_decides_whether_kernels_are_used(program):
    ours, theirs = program("ours", ms=1.0, speeds_up=True), program("theirs", ms=4.0)
    assert race(ours, theirs).ours_ms == 0.5
    assert race(ours, theirs, accelerated=False).ours_ms == 1.0


def test_a_single_op_has_no_floor(program):
    result = race(program("ours"), program("theirs"), network="gelu")
    assert result.name == "gelu" and result.as_json()["floor_ratio"] is None and result.floor_kernels == ""


@pytest.mark.parametrize("difference, words", [({"second": 2.1}, "gradient of 0.weight"), ({"loss": 0.51}, "loss")])
def test_no_race_between_programs_that_disagree(program, difference, words):
    with pytest.raises(RushError, match=words):
        race(program("ours"), program("theirs", **difference))


def test_a_nan_is_no_agreement(program):
    with pytest.raises(RushError, match="disagree"):
        race(program("ours", second="float('nan')"), program("theirs"))


def test_gradients_are_compared_by_name_and_size():
    one = {"w": array("f", [1, 2])}
    with pytest.raises(RushError, match="parameters"):
        list(against_libtorch.gradient_errors(one, {"v": array("f", [1, 2])}))
    with pytest.raises(RushError, match="size of w"):
        list(against_libtorch.gradient_errors(one, {"w": array("f", [1])}))
    assert list(against_libtorch.gradient_errors(one, {"w": array("f", [1, 4])})) == [("w", 0.5)]


def test_a_program_that_dies_is_named(program):
    with Program(program("ours"), "a", 1, {}) as ours:
        with pytest.raises(RushError, match="ours ended with status 3 when asked for die"):
            ours.ask(do="die")


def test_the_ops_are_those_that_the_programs_know():
    source = Path(__file__).resolve().parents[2] / "tests" / "benchmarks" / "ops.hpp"
    assert re.findall(r'^    \{"(\w+)", \{\{', source.read_text(), re.MULTILINE) == against_libtorch.OPS


def test_ours_runs_before_theirs_and_behind_in_turns():
    class Recorded:
        def __init__(self, name, times, log):
            self.name, self.times, self.log = name, iter(times), log

        def median_ms(self, count):
            self.log.append((self.name, count))
            return next(self.times)

    log = []
    mine, rival = Recorded("mine", [1, 2, 3, 4], log), Recorded("rival", [10, 20], log)
    assert against_libtorch._turns(mine, 5, rival, 7, 2) == ([1, 4], [10, 20], [2, 3])
    assert log == [("mine", 5), ("rival", 7), ("mine", 5)] * 2


def test_what_the_statistics_refuse_is_said(tmp_path):
    broken = executable(tmp_path / "broken", "#!{python}\nimport sys\nsys.exit('there are 5 samples')\n")
    with pytest.raises(RushError, match="broken ended with status 1: there are 5 samples"):
        judging.judge(broken, [1], [1], [1])


def test_unknown_networks_and_threads(course):
    assert "choose from a, b, c, d, e" in course.rush("bench", "--networks", "z").err
    assert "--threads 1,2" in course.rush("bench", "--threads", "two").err
    assert "choose from add, gelu" in course.rush("bench", "ops", "--ops", "golu").err
    assert "accelerated or plain" in course.rush("bench", "--backend", "fast").err
