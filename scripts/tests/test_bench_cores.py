"""Which of OpenBLAS's kernels a race runs with: the fastest that are right and that this processor can run."""

import sys

import pytest

from rushlight import bench_cores
from rushlight.errors import RushError

# A machine: what OpenBLAS picks by itself, and for every kernel its error and its times for two shapes.
PROGRAM = """#!{python}
import json, os, sys
pin = os.environ.get("OPENBLAS_CORETYPE", "Zen")
errors = {errors}
times = {times}
if pin not in times:
    os.abort()
for line in sys.stdin:
    request = json.loads(line)
    if request["do"] == "check":
        answer = {{"core": pin, "error": errors.get(pin, 1e-7)}}
    else:
        ms = times[pin if request["kernel"] == "openblas" else request["kernel"]]
        answer = {{"ms": [sum(ms[i] for i in request["which"])] * request["count"] if "which" in request else ms}}
    print(json.dumps(answer), flush=True)
"""
CORES = {"Zen": [4.0, 4.0], "Haswell": [2.0, 8.0], "SkylakeX": [2.0, 2.0], "tiles": [], "bands": []}


@pytest.fixture(autouse=True)
def on_x86(monkeypatch):
    monkeypatch.setattr(bench_cores.platform, "machine", lambda: "x86_64")
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Haswell")


@pytest.fixture
def program(tmp_path):
    def make(errors={}, **times):
        path = tmp_path / "floor"
        path.write_text(PROGRAM.format(python=sys.executable, errors=errors, times=CORES | times))
        path.chmod(0o755)
        return path

    return make


def remarks(choice):
    return {trial.name: trial.remark for trial in choice.trials if trial.ms is None}


def test_the_fastest_is_chosen_whatever_the_environment_says(program):
    choice = bench_cores.choose(program(), "a", 1)
    assert (choice.core, choice.environment) == ("SkylakeX", {"OPENBLAS_CORETYPE": "SkylakeX"})
    assert [(t.name, t.ms) for t in choice.trials if t.ms] == [("Zen", 8), ("SkylakeX", 4), ("Haswell", 10)]


def test_what_does_not_run_here_is_left_out_and_named(program):
    assert remarks(bench_cores.choose(program(), "a", 1)) == {
        "Cooperlake": "does not run here",
        "Sandybridge": "does not run here",
    }


@pytest.mark.parametrize("error", [1e-3, 1.0])
def test_what_computes_wrong_is_left_out_and_named(program, error):
    choice = bench_cores.choose(program(errors={"SkylakeX": error}), "a", 1)
    assert choice.core == "Zen" and "computes wrong" in remarks(choice)["SkylakeX"]


def test_the_choice_of_openblas_is_no_pin(program):
    choice = bench_cores.choose(program(SkylakeX=[9.0, 9.0]), "a", 1)
    assert (choice.core, choice.environment) == ("Zen", {"OPENBLAS_CORETYPE": None})


def test_another_pin_of_the_environment_is_tried_too(program, monkeypatch):
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Atom")
    assert bench_cores.choose(program(Atom=[1.0, 1.0]), "a", 1).core == "Atom"


def test_the_floor_takes_the_fastest_for_each_shape(program):
    choice = bench_cores.choose(program(Haswell=[1.0, 8.0], tiles=[3.0, 1.5]), "a", 1)
    assert choice.core == "SkylakeX"
    assert [(share.name, share.kernel, share.which) for share in choice.floor] == [
        ("Haswell", "openblas", [0]),
        ("tiles", "tiles", [1]),
    ]


def test_a_hair_faster_is_not_faster(program):
    (share,) = bench_cores.choose(program(tiles=[1.99, 1.99]), "a", 1).floor
    assert (share.name, share.which) == ("SkylakeX", [0, 1])


def test_with_threads_our_own_may_have_them_too(program):
    choice = bench_cores.choose(program(bands=[1.0, 3.0]), "a", 2)
    assert [(share.name, share.which) for share in choice.floor] == [("SkylakeX", [1]), ("bands", [0])]


def test_the_floor_is_the_sum_of_its_shares(program):
    path = program(tiles=[3.0, 1.5])
    with bench_cores.ExitStack() as stack:
        floor = bench_cores.Floor(path, bench_cores.choose(path, "a", 1), stack)
        assert floor.median_ms(3) == 3.5


def test_no_race_without_a_right_product(program):
    wrong = {name: 1.0 for name in CORES}
    with pytest.raises(RushError, match="no kernel of OpenBLAS is right"):
        bench_cores.choose(program(errors=wrong), "a", 1)


def test_several_threads_use_what_is_fastest_on_one(program):
    assert bench_cores.choose(program(), "a", 2, "Haswell").core == "Haswell"
    survey = bench_cores.Survey(program(), lambda _: None)
    assert survey("a", 2).core == "SkylakeX" and list(survey.choices) == [("a", 1), ("a", 2)]


def test_a_survey_asks_once(program):
    said = []
    survey = bench_cores.Survey(program(), said.append)
    assert survey("a", 1) is survey("a", 1) and len(said) == 1
