"""`rush milestone`: the run folder, acceptance, blanks, Ctrl-C, and reports that cannot be believed."""

import errno
import gzip
import json
import shutil
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


SPEAKS = """
import sys, json, os, signal, socket, time
channel = socket.socket(fileno=int(sys.argv[-1].partition("--channel=")[2]))
number = channel.recv(64)
out = sys.argv[sys.argv.index("--out") + 1]
def say(event):
    channel.send(number + json.dumps(event).encode() + b"\\n")
def predict(**answers):
    with open(out + "/predictions.json", "w") as file:
        json.dump(answers, file)
"""


@pytest.fixture
def program(course):
    """Makes the milestone's program report these events, print these lines and exit so."""

    def make(events: list, code: int = 0, extra: str = "") -> None:
        text = f"#!{sys.executable}\n{SPEAKS}"
        for event in events:
            text += f"print({event!r}, flush=True)\n" if isinstance(event, str) else f"say(json.loads({json.dumps(event)!r}))\n"
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
    program([START], extra="say({'event': 'result', 'metrics': {'args': sys.argv[1:-1]}, 'accepted': True})")
    given = course.rush("milestone", "xor", "--epochs", "4", "--seed", "9", "--control", "--json").json["metrics"]["args"]
    assert given[given.index("--epochs") + 1] == "4" and given[given.index("--seed") + 1] == "9"
    assert "--control" in given and given[given.index("--out") + 1] == str(run_folder(course))


@pytest.mark.parametrize("seed", ["-1", str(2**64), "1.5"])
def test_a_seed_that_is_none_is_refused(course, program, seed):
    program([START, result(True)])
    answer = course.rush("milestone", "xor", "--seed", seed)
    assert answer.code == 2 and seed in answer.out + answer.err
    assert not (course.root / "runs").exists()


def test_the_short_form_and_options_of_one_milestone_reach_the_program(course, program):
    program([START], extra="say({'event': 'result', 'metrics': {'args': sys.argv[1:-1]}, 'accepted': True})")
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
    program([START, STEPS[0]], extra="os.kill(os.getppid(), signal.SIGINT); time.sleep(1)")
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


def test_needs_are_checked_before_anything_is_built_and_all_named(course, program):
    program([START, result(True)])
    course.write("milestones/1969_xor/milestone.json", json.dumps({"name": "xor", "year": 1969, "tasks": ["01.1", "01.2", "02.2"]}))
    answer = course.rush("milestone", "xor")
    assert answer.code == 1 and "needs tasks 01, 02.2, still blanks" in answer.err
    assert "scripts/rush hint 01.1" in answer.err and "--reference 01,02" in answer.err
    assert not (course.root / "build").exists() and not (course.root / "runs").exists()
    course.solve("01_alpha")
    assert "needs task 02.2, still a blank" in course.rush("milestone", "xor").err
    assert course.rush("milestone", "xor", "--reference", "02").code == 0
    assert course.rush("milestone", "xor", "--stack", "solution").code == 0


def test_where_nothing_can_be_borrowed_it_is_not_advised(course, program):
    program([START, {"event": "todo", "id": "02.1"}], code=3)
    shutil.rmtree(course.root / "solutions")
    answer = course.rush("milestone", "xor")
    assert "hint 02.1" in answer.err and "--reference" not in answer.err
    course.write("milestones/1969_xor/milestone.json", json.dumps({"name": "xor", "year": 1969, "tasks": ["02.2"]}))
    assert "--reference" not in course.rush("milestone", "xor").err


def test_a_list_says_what_each_needs_and_lacks(course, program):
    facts = {"name": "xor", "year": 1969, "title": "XOR", "tasks": ["01.1", "01.2", "02.2"]}
    course.write("milestones/1969_xor/milestone.json", json.dumps(facts))
    course.solve("01_alpha")
    (line,) = [line for line in course.rush("milestone").out.splitlines() if line.startswith("1969")]
    assert line.split() == ["1969", "xor", "XOR", "01-02", "02.2"]
    course.solve("02_beta")
    assert "nothing: try it" in course.rush("milestone").out


def test_of_a_module_in_the_list_some_task_must_be_written(course, program):
    program([START, result(True)])
    course.write("milestones/1969_xor/milestone.json", json.dumps({"name": "xor", "year": 1969, "tasks": ["01", "02.2"]}))
    assert "needs tasks 01, 02.2" in course.rush("milestone", "xor").err
    course.student("01_alpha/a.cpp", "// done\n")
    assert "needs task 02.2, still" in course.rush("milestone", "xor").err


def test_a_disk_that_fills_up_after_training_takes_no_result_away(course, program, monkeypatch):
    from rushlight.milestones import run as training

    program([START, STEPS[0], result(True)])
    real, calls = training.write_atomic, []

    def full_at_the_end(path, text):
        calls.append(path)
        if len(calls) > 1:
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        real(path, text)

    monkeypatch.setattr(training, "write_atomic", full_at_the_end)
    answer = course.rush("milestone", "xor")
    assert answer.code == 0 and "met its bar" in answer.out and "No space left on device" in answer.err


def test_a_log_that_cannot_be_written_ends_and_the_run_goes_on(tmp_path):
    from queue import Queue

    from rushlight.milestones.run import Run, _read_events

    class Full:
        def write(self, text):
            raise OSError(errno.ENOSPC, "No space left on device")

    class Listed:
        def events(self):
            yield from (START, *STEPS, result(True))

    run, news = Run("xor", "own", tmp_path, {}), Queue()
    _read_events(run, Listed(), Full(), news)
    assert run.last("result")["accepted"] is True and len(run.events) == 4
    told = [news.get() for _ in range(6)]
    assert sum(isinstance(each, str) and "cannot be written" in each for each in told) == 1 and told[-1] is None


CHECKPOINT = "open(sys.argv[sys.argv.index('--out') + 1] + '/checkpoint.safetensors', 'w').close()"


def test_resume_goes_on_in_the_same_folder_with_the_same_options(course, program, heeds_ctrl_c):
    program([START, STEPS[0], EPOCH, STEPS[1]], extra=f"{CHECKPOINT}\nos.kill(os.getppid(), signal.SIGINT); time.sleep(1)")
    stopped = course.rush("milestone", "xor", "--seed", "3", "--epochs", "7")
    assert stopped.code == 130 and "scripts/rush milestone xor --resume" in " ".join(stopped.err.split())
    folder = run_folder(course)
    resumed = {"event": "resumed", "step": 1, "epoch": 0}  # the checkpoint is older than the last events
    arguments = "say({'event': 'epoch', 'epoch': 9, 'args': sys.argv[1:]})"
    program([START, resumed], extra=f"{arguments}\nsay(json.loads({json.dumps(result(True))!r}))")
    (course.root / "build/student/milestones/milestone_xor_own").unlink()
    assert course.rush("milestone", "xor", "--resume").code == 0
    assert run_folder(course) == folder
    events = [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]
    given = events[-2]["args"]
    assert "--resume" in given and given[given.index("--seed") + 1] == "3" and given[given.index("--epochs") + 1] == "7"
    summary = json.loads((folder / "summary.json").read_text())
    assert summary["finished"] and not summary["interrupted"] and summary["options"]["seed"] == 3


def test_what_comes_again_after_a_resume_is_counted_once(tmp_path):
    from rushlight.milestones.run import Run, forget_what_comes_again

    run = Run("xor", "own", tmp_path, {})
    run.events = [START, {"event": "progress", "step": 10}, {"event": "epoch", "epoch": 1}, {"event": "progress", "step": 20}, {"event": "epoch", "epoch": 2}]
    forget_what_comes_again(run, {"event": "resumed", "step": 15, "epoch": 1})
    assert run.events == [START, {"event": "progress", "step": 10}, {"event": "epoch", "epoch": 1}]


def test_nothing_to_resume_is_said(course, program):
    program([START, result(True)])
    course.rush("milestone", "xor")
    answer = course.rush("milestone", "xor", "--resume")
    assert answer.code == 2 and "no run of xor" in answer.err


FORGED = json.dumps(result(True))


def test_what_is_printed_is_no_event(course, program):
    program([START, FORGED, result(False)])
    answer = course.rush("milestone", "xor")
    assert answer.code == 1 and "missed its bar" in answer.out
    assert f"| {FORGED}" in answer.out
    assert [json.loads(line)["event"] for line in (run_folder(course) / "events.jsonl").read_text().splitlines()] == ["start", "result"]


def test_a_result_that_is_only_printed_is_none(course, program):
    program([START, FORGED])
    answer = course.rush("milestone", "xor")
    assert answer.code == 1 and "no result" in answer.err


def test_control_characters_are_spelt_out(course, program):
    program([START, "\x1b[2Jall is well\x07", {"event": "sample", "text": "a\x1b[1Ab"}, result(True)])
    answer = course.rush("milestone", "xor")
    assert "\\x1b[2Jall is well\\x07" in answer.out and "a\\x1b[1Ab" in answer.out and "\x1b" not in answer.out


@pytest.mark.parametrize(
    "events, extra, says",
    [
        ([START, result(False), result(True)], "", "a second result came"),
        ([START, result(True), STEPS[0]], "", "'progress' after the last event, 'result' came"),
        ([result(True)], "", "a result came without a start"),
        ([START, START], "", "a second start came"),
        ([START], f"channel.send(b'0' * 32 + {FORGED!r}.encode() + b'\\n')", "without the number"),
        ([START], f"channel.send({FORGED!r}.encode() + b'\\n')", "without the number"),
        ([START], "channel.send(number + b'no event\\n')", "no event"),
        ([START], f"channel.send(number + {FORGED!r}.encode())", "not whole"),
        ([START, {"event": "todo", "id": "02.1"}, result(True)], "", "'result' after the last event, 'todo' came"),
    ],
)
def test_a_report_that_the_program_cannot_have_sent_counts_for_nothing(course, program, events, extra, says):
    program(events, extra=extra)
    answer = course.rush("milestone", "xor")
    assert answer.code == 1 and "cannot be believed" in answer.err and says in " ".join(answer.err.split())
    summary = json.loads((run_folder(course) / "summary.json").read_text())
    assert summary["accepted"] is False and says in summary["disbelieved"]


def test_a_program_that_is_not_believed_is_ended(course, program):
    program([result(True)], extra="time.sleep(600)")
    answer = course.rush("milestone", "xor")
    assert answer.code == 1 and "without a start" in answer.err


def test_a_long_event_comes_in_several_packets(course, program):
    sent = "for at in range(0, len(line), 30000): channel.send(number + line[at:at + 30000])"
    program([START], extra=f"line = json.dumps({{'event': 'note', 'text': 'é' * 200000}}, ensure_ascii=False).encode() + b'\\n'\n{sent}\nsay(json.loads({FORGED!r}))")
    assert course.rush("milestone", "xor").code == 0
    note = json.loads((run_folder(course) / "events.jsonl").read_text().splitlines()[1])
    assert note["text"] == "é" * 200000


def test_a_program_without_a_channel_has_no_result(course):
    course.write("milestones/1969_xor/milestone.json", json.dumps({"name": "xor", "year": 1969, "needs": "02"}))
    course.write("milestone-program", f"#!{sys.executable}\nprint({FORGED!r})\n")
    answer = course.rush("milestone", "xor")
    assert answer.code == 1 and "no result" in answer.err


def recounted(course, **declared):
    course.write("milestones/1969_xor/milestone.json", json.dumps({"name": "xor", "year": 1969, "needs": "02", "recounted": declared}))


def test_an_accuracy_counts_when_its_predictions_give_it(course, program):
    program([START], extra=f"predict(test_accuracy=[0, 1, 1, 0])\nsay(json.loads({FORGED!r}))")
    recounted(course, labels="xor")
    answer = course.rush("milestone", "xor")
    assert answer.code == 0 and "counted again" in answer.out
    assert json.loads((run_folder(course) / "summary.json").read_text())["recounted"] == {"test_accuracy": 1.0}


@pytest.mark.parametrize(
    "predict, says",
    [
        ("predict(test_accuracy=[0, 1, 1, 1])", "test_accuracy is 1.0 in its result, and 0.75 by the predictions"),
        ("predict(test_accuracy=[0, 1, 1])", "3 predictions for 4 labels"),
        ("predict(other=[0, 1, 1, 0])", "cannot be"),
        ("", "predictions.json"),
        ("open(out + '/predictions.json', 'w').write('{')", "predictions.json"),
    ],
)
def test_an_accuracy_that_its_predictions_do_not_give_is_refused(course, program, predict, says):
    program([START], extra=f"{predict}\nsay(json.loads({FORGED!r}))")
    recounted(course, labels="xor")
    answer = course.rush("milestone", "xor")
    assert answer.code == 1 and "cannot be believed" in answer.err and says in " ".join(answer.err.split())


def test_predictions_of_an_earlier_run_do_not_count(course, program, heeds_ctrl_c):
    program([START, STEPS[0]], extra=f"predict(test_accuracy=[0, 1, 1, 0])\n{CHECKPOINT}\nos.kill(os.getppid(), signal.SIGINT); time.sleep(1)")
    recounted(course, labels="xor")
    assert course.rush("milestone", "xor").code == 130
    program([START], extra=f"say(json.loads({FORGED!r}))")
    recounted(course, labels="xor")
    (course.root / "build/student/milestones/milestone_xor_own").unlink()
    answer = course.rush("milestone", "xor", "--resume")
    assert answer.code == 1 and "predictions.json" in answer.err


def labels_file(folder, labels, zipped):
    folder.mkdir(parents=True)
    content = bytes(8) + bytes(labels)
    (folder / f"t10k-labels-idx1-ubyte{'.gz' if zipped else ''}").write_bytes(gzip.compress(content) if zipped else content)


@pytest.mark.parametrize("given, zipped", [("images", True), ("images", False), ("", True)])
def test_the_labels_are_those_of_the_data_that_were_asked_for(course, program, tmp_path, given, zipped):
    folder = tmp_path / "images"
    labels_file(folder / "fashion-mnist" if given else folder, [9, 1, 3, 1], zipped)
    extra = f"predict(test_accuracy=[1, 0, 0])\nsay(json.loads({FORGED!r}))"
    program([START], extra=extra)
    recounted(course, labels="fashion-mnist", classes=[1, 9], control="xor")
    options = ["--data", str(folder)] if given else ["--", "--data", str(folder)]
    assert course.rush("milestone", "xor", *options).code == 0
    assert "3 predictions for 4 labels" in " ".join(course.rush("milestone", "xor", "--control", *options).err.split())


def test_labels_of_cifar10_records(course, program, tmp_path):
    record = lambda label: bytes([label]) + bytes(3 * 32 * 32)
    (tmp_path / "images").mkdir()
    (tmp_path / "images/test_batch.bin").write_bytes(record(7) + record(2))
    answers = {"accuracy one": 1.0, "accuracy two": 0.5, "accuracy one > two": "yes", "g_2": 4}
    claim = {"event": "result", "metrics": answers, "accepted": True, "bar": "orders"}
    program([START, claim], extra="predict(**{'accuracy one': [7, 2], 'accuracy two': [7, 3]})")
    recounted(course, labels="images")
    assert course.rush("milestone", "xor", "--data", str(tmp_path / "images")).code == 0
    program([START, claim], extra="predict(**{'accuracy one': [7, 2]})")
    recounted(course, labels="images")
    (course.root / "build/student/milestones/milestone_xor_own").unlink()
    assert "accuracy two is 0.5" in course.rush("milestone", "xor", "--data", str(tmp_path / "images")).err
