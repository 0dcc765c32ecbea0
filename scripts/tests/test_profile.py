"""`rush profile` and `rush bench profiling`: what the program prints is checked, shown and written."""

import json
import sys

import pytest

from rushlight.basics.errors import RushError
from rushlight.benchmarks import profiler

THREAD = {"pid": 1, "tid": 1}
EVENTS = [
    {"ph": "M", **THREAD, "name": "thread_name", "args": {"name": "ops"}},
    {"ph": "X", **THREAD, "name": "forward", "ts": 0, "dur": 10.5, "args": {}},
    {"ph": "X", **THREAD, "name": "linear", "ts": 0, "dur": 4.25},
    {"ph": "C", **THREAD, "name": "memory", "ts": 4.25, "args": {"live bytes": 40}},
    {"ph": "X", **THREAD, "name": "relu", "ts": 4.25, "dur": 6.25},
    {"ph": "X", "pid": 1, "tid": 2, "name": "span", "ts": 2, "dur": 100},
]
SVG = "<svg xmlns='x'></svg>\n"


def trace_text(events=EVENTS):
    return json.dumps({"traceEvents": events})


def report(**more):
    files = {"trace.json": trace_text(), "flame.svg": SVG, "roofline.svg": SVG}
    machine = {"flops_per_s": 60e9, "bytes_per_s": 12e9}
    return {"steps": 3, "ops": [], "modules": [], "machine": machine, "text": ["by op [1]"], "files": files} | more


@pytest.fixture
def program(course):
    """Makes the profiling program print this and end so; what it was called with lands in arguments.txt."""

    def make(value, code=0, complaint=""):
        course.write(
            "milestone-program",
            f"#!{sys.executable}\nimport sys\nopen({str(course.root / 'arguments.txt')!r}, 'w').write(' '.join(sys.argv[1:]))\n"
            f"print({value if isinstance(value, str) else json.dumps(value)!r})\nsys.stderr.write({complaint!r})\nsys.exit({code})\n",
        )

    return make


def written(course):
    (folder,) = (course.root / "runs").iterdir()
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_tables_are_shown_and_files_are_written(course, program):
    program(report())
    answer = course.rush("profile", "gpt", "--stack", "solution")
    assert answer.code == 0 and "by op [1]" in answer.out
    assert "60 GFLOP/s, 12 GB/s; the ridge is at 5 FLOPs a byte" in answer.out
    files = written(course)
    assert set(files) == {"trace.json", "flame.svg", "roofline.svg"} and files["trace.json"] == trace_text()
    assert (course.root / "arguments.txt").read_text() == "gpt --steps 3"


def test_the_trace_also_goes_where_it_is_wanted(course, program):
    program(report())
    target = course.root / "some" / "trace.json"
    answer = course.rush("profile", "mlp", "--steps", "7", "--trace", str(target))
    assert answer.code == 0 and target.read_text() == trace_text() and "trace.json" in written(course)
    assert (course.root / "arguments.txt").read_text() == "mlp --steps 7"


def test_json_is_the_rows_alone(course, program):
    program(report())
    answer = course.rush("profile", "cnn", "--json")
    assert answer.out.count("\n") == 1
    shown = answer.json
    assert shown["network"] == "cnn" and shown["stack"] == "own" and shown["accelerated"] is False and shown["steps"] == 3
    assert "text" not in shown and [name.rsplit("/")[-1] for name in shown["files"]] == list(profiler.FILES)


def test_a_network_that_does_not_exist_is_refused_before_anything_is_built(course, program):
    program(report())
    answer = course.rush("profile", "gtp")
    assert answer.code == 2 and "gtp" in answer.err and "gpt" in answer.err
    assert not (course.root / "runs").exists() and not (course.root / "arguments.txt").exists()


def test_a_blank_is_named_with_the_next_step(course, program):
    program({"todo": "14.4"}, code=3)
    answer = course.rush("profile", "mlp")
    assert answer.code == 1 and "task 14.4, which is still a blank" in answer.err and "scripts/rush hint 14.4" in answer.err
    assert not (course.root / "runs").exists()


def test_a_program_that_fails_is_quoted(course, program):
    program("", code=1, complaint="first\nlinear: shapes do not fit\n")
    answer = course.rush("profile", "mlp")
    assert answer.code == 1 and "status 1: linear: shapes do not fit" in answer.err


@pytest.mark.parametrize("text", ["", "no JSON", "[1]", "{}"])
def test_a_program_that_prints_no_report_is_an_error(course, program, text):
    program(text)
    answer = course.rush("profile", "mlp")
    assert answer.code == 1 and "no report" in answer.err and not (course.root / "runs").exists()


@pytest.mark.parametrize(
    "name, text", [("trace.json", "{"), ("flame.svg", "<svg "), ("roofline.svg", "svg</svg>\n"), ("flame.svg", None)]
)
def test_a_broken_file_is_not_written(course, program, name, text):
    program(report(files=report()["files"] | {name: text}))
    answer = course.rush("profile", "mlp")
    assert answer.code == 1 and ("trace" if name == "trace.json" else name) in answer.err
    assert not (course.root / "runs").exists()


# ---- the schema of a trace


def test_a_good_trace_has_so_many_boxes():
    assert profiler.check_trace(trace_text()) == 4


@pytest.mark.parametrize(
    "index, change, complaint",
    [
        (1, {"ph": "B"}, "event 1 is neither"),
        (1, {"ts": -1}, "no time ts"),
        (1, {"ts": "0"}, "no time ts"),
        (1, {"dur": float("nan")}, "no time dur"),
        (1, {"dur": True}, "no time dur"),
        (2, {"name": 3}, "event 2 has no name"),
        (2, {"pid": "1"}, "whole number pid"),
        (2, {"tid": 1.5}, "whole number tid"),
        (3, {"ts": None}, "no time ts"),
        (3, {"args": [40]}, "args that are no object"),
        (4, {"dur": 6.5}, "event 4 (relu) reaches over the end"),
        (2, {"ts": 8}, "event 2 (linear) reaches over the end"),
    ],
)
def test_a_trace_that_a_viewer_would_misread_is_refused(index, change, complaint):
    events = [dict(event) for event in EVENTS]
    events[index] |= change
    with pytest.raises(RushError, match="the trace is broken") as caught:
        profiler.check_trace(trace_text(events))
    assert complaint in str(caught.value)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"traceEvents": 3}', '{"traceEvents": [1]}', "\x00", trace_text()[:-3]])
def test_what_is_no_trace_is_refused(text):
    with pytest.raises(RushError, match="the trace is broken"):
        profiler.check_trace(text)


@pytest.mark.parametrize("seed", range(40))
def test_a_trace_with_a_damaged_character_is_read_or_refused_and_nothing_else(seed):
    text = trace_text()
    at = (seed * 7919) % len(text)
    for damaged in (text[:at] + text[at + 1 :], text[:at] + chr(33 + seed * 2) + text[at + 1 :]):
        try:
            profiler.check_trace(damaged)
        except RushError as error:
            assert "the trace is broken" in str(error)


# ---- what a tracer costs

COSTS = {"events": 100, "off_ms": [10, 10, 20, 10], "off_again_ms": [10, 10, 20, 10], "on_ms": [10.2, 10.4, 20.8, 10.4]}


def test_the_cost_is_the_median_of_ratios_within_rounds(course, program):
    program(COSTS)
    answer = course.rush("bench", "profiling", "--networks", "gpt", "--rounds", "5", "--stack", "solution", "--json")
    (cost,) = answer.json["costs"]
    assert cost["network"] == "gpt" and cost["ratio"] == pytest.approx(1.04) and cost["same"] == 1
    assert cost["off_ms"] == 10 and cost["per_event_ns"] == 4000
    assert (course.root / "arguments.txt").read_text() == "gpt --cost --rounds 5"


def test_the_cost_table_names_machine_and_chance(course, program):
    program(COSTS)
    answer = course.rush("bench", "profiling", "--networks", "mlp", "--stack", "solution")
    assert answer.code == 0
    for expected in ("on / off", "off / off", "1.040", "1.000"):
        assert expected in answer.out
