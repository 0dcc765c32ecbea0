"""`rush milestone`: the run folder, acceptance, blanks, Ctrl-C."""

import json
import signal
import sys

import pytest

START = {"event": "start", "title": "XOR, 1969", "about": "Two layers do it.", "steps": 2}
STEPS = [{"event": "progress", "step": s, "steps": 2, "epoch": 1, "loss": 1.0 / s} for s in (1, 2)]
EPOCH = {"event": "epoch", "epoch": 1, "train_loss": 0.5}
PICTURES = [
    {"event": "picture", "kind": "decision", "grid": [[0, 1], [1, 0]], "extent": [0, 1, 0, 1], "points": [[0, 1, 1]]},
    {"event": "picture", "kind": "confusion", "matrix": [[3, 1], [0, 4]], "classes": ["coat", "shoe"]},
    {
        "event": "picture",
        "kind": "predictions",
        "images": [[0] * 784, [255] * 784],
        "labels": [0, 1],
        "predictions": [0, 0],
        "classes": ["coat", "shoe"],
    },
]


def result(accepted: bool) -> dict:
    return {"event": "result", "metrics": {"test_accuracy": 1.0}, "accepted": accepted, "bar": "test_accuracy >= 1"}


@pytest.fixture
def program(course):
    """Makes the milestone's program print these lines and exit so."""

    def make(events: list, code: int = 0, extra: str = "") -> None:
        text = f"#!{sys.executable}\nimport sys, json, os, signal, time\n"
        for event in events:
            line = event if isinstance(event, str) else json.dumps(event)
            text += f"print({line!r}, flush=True)\n"
        course.write("milestone-program", text + f"{extra}\nsys.exit({code})\n")

    course.write("milestones/1969_xor/milestone.json", json.dumps({"name": "xor", "year": 1969, "needs": "02"}))
    return make


def run_folder(course):
    (folder,) = (course.root / "runs").iterdir()
    return folder


def test_an_accepted_run_writes_its_folder_and_exits_with_zero(course, program):
    pytest.importorskip("matplotlib")
    program([START, *STEPS, EPOCH, *PICTURES, result(True)])
    answer = course.rush("milestone", "xor", "--seed", "3")
    assert answer.code == 0
    folder = run_folder(course)
    names = {path.name for path in folder.iterdir()}
    assert names == {"events.jsonl", "summary.json", "loss.png", "decision.png", "confusion.png", "predictions.png"}
    assert all((folder / n).read_bytes()[:4] == b"\x89PNG" for n in names if n.endswith(".png"))
    summary = json.loads((folder / "summary.json").read_text())
    assert summary["accepted"] is True and summary["options"]["seed"] == 3
    assert [json.loads(line)["event"] for line in (folder / "events.jsonl").read_text().splitlines()][0] == "start"
    for expected in ("XOR, 1969", "Two layers do it.", "train loss 0.5000", "met its bar", str(folder)):
        assert expected in answer.out


def test_missing_the_bar_fails(course, program):
    program([START, result(False)])
    answer = course.rush("milestone", "xor", "--control")
    assert answer.code == 1 and "missed its bar" in answer.out and "negative control" in answer.out


def test_a_result_does_not_count_if_the_program_then_fails(course, program):
    program([START, result(True)], code=3)
    assert course.rush("milestone", "xor", "--json").json["accepted"] is False


def test_json_is_the_result_alone(course, program):
    program([START, "a stray line", result(True)])
    answer = course.rush("milestone", "xor", "--stack", "solution", "--json")
    assert answer.json == {"name": "xor", "stack": "solution", "metrics": {"test_accuracy": 1.0}, "accepted": True}
    assert answer.out.count("\n") == 1


def test_the_listing_has_what_the_program_itself_wrote(course, program):
    program([START, result(True)], extra="open(sys.argv[sys.argv.index('--out') + 1] + '/samples.txt', 'w').close()")
    assert "events.jsonl, samples.txt, summary.json" in " ".join(course.rush("milestone", "xor").out.split())


def test_options_reach_the_program(course, program):
    program([], extra="print(json.dumps({'event': 'result', 'metrics': {'args': sys.argv[1:]}, 'accepted': True}))")
    given = course.rush("milestone", "xor", "--epochs", "4", "--seed", "9", "--control", "--json").json["metrics"]["args"]
    assert given[given.index("--epochs") + 1] == "4" and given[given.index("--seed") + 1] == "9"
    assert "--control" in given and given[given.index("--out") + 1] == str(run_folder(course))


def test_the_short_form_and_options_of_one_milestone_reach_the_program(course, program):
    program([], extra="print(json.dumps({'event': 'result', 'metrics': {'args': sys.argv[1:]}, 'accepted': True}))")
    given = course.rush("milestone", "xor", "--quick", "--json", "--", "--lam", "0.02").json["metrics"]["args"]
    assert "--quick" in given and given[-2:] == ["--lam", "0.02"]
    options = json.loads((run_folder(course) / "summary.json").read_text())["options"]
    assert options["quick"] is True and options["own"] == ["--lam", "0.02"]


def test_an_option_that_nobody_knows_is_refused_before_anything_runs(course, program):
    program([START, result(True)])
    answer = course.rush("milestone", "xor", "--lam", "0.02")
    assert answer.code == 2 and not (course.root / "runs").exists()


def test_curves_and_bars_are_drawn_under_their_names(course, program):
    pytest.importorskip("matplotlib")
    curves = {"event": "picture", "kind": "curves", "log": True, "series": [{"name": "a", "x": [1, 2], "y": [3, 400]}]}
    bars = {"event": "picture", "kind": "bars", "groups": ["h_0", "h_1"]}
    bars["series"] = [{"name": n, "values": [0.1, -0.2], "errors": [0.1, 0.1]} for n in "ab"]
    single = {"event": "picture", "kind": "bars", "groups": ["a"], "series": [{"name": "a", "values": [0.5]}]}
    program([START, {**curves, "name": "norms"}, curves, {**bars, "name": "../cosine"}, single, single, result(True)])
    assert course.rush("milestone", "xor").code == 0
    names = {path.name for path in run_folder(course).glob("*.png")}
    assert names == {"norms.png", "curves.png", "___cosine.png", "bars.png", "bars-2.png"}


def test_a_blank_is_named(course, program):
    program([START, {"event": "todo", "id": "02.1"}], code=4)
    answer = course.rush("milestone", "xor")
    assert answer.code == 1 and "02.1" in answer.err and "scripts/rush hint 02.1" in answer.err


def test_a_crash_shows_the_programs_last_words(course, program):
    program([START, STEPS[0]], extra="print('mlp: no such file data/x', file=sys.stderr); os.kill(os.getpid(), 11)")
    answer = course.rush("milestone", "xor")
    assert answer.code == 1 and "signal 11" in answer.err and "no such file data/x" in answer.err


@pytest.fixture
def heeds_ctrl_c():
    """As at a terminal. What a shell starts in the background ignores the signal, and so do its children."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_ctrl_c_keeps_what_was_written(course, program, heeds_ctrl_c):
    program([START, STEPS[0]], extra="os.kill(os.getppid(), signal.SIGINT); time.sleep(20)")
    answer = course.rush("milestone", "xor")
    assert answer.code == 130
    folder = run_folder(course)
    assert str(folder) in answer.err
    assert len((folder / "events.jsonl").read_text().splitlines()) == 2
    summary = json.loads((folder / "summary.json").read_text())
    assert summary["interrupted"] is True and summary["accepted"] is False


def test_a_bad_picture_costs_only_itself(course, program):
    program([START, *STEPS, {"event": "picture", "kind": "confusion"}, result(True)])
    answer = course.rush("milestone", "xor")
    assert answer.code == 0 and "pictures" in answer.err
    assert (run_folder(course) / "loss.png").is_file()


def test_the_isolated_stack_and_unknown_names_are_refused(course, program):
    assert course.rush("milestone", "xor", "--stack", "isolated").code == 2
    assert "did you mean xor" in course.rush("milestone", "xer").err
