"""`rush milestone`: the run folder, acceptance, blanks, Ctrl-C and going on."""

import errno
import json
import shutil
from pathlib import Path

import pytest
from milestone_program import CHECKPOINT, EPOCH, PICTURES, START, STEPS, heeds_ctrl_c, program, result, run_folder


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
    assert answer.code == 1 and "SIGSEGV" in answer.err and "no such file data/x" in answer.err


def test_ctrl_c_keeps_what_was_written(course, program, heeds_ctrl_c):
    program([START, STEPS[0]], extra="os.kill(os.getppid(), signal.SIGINT); time.sleep(1)")
    answer = course.rush("milestone", "xor")
    assert answer.code == 130
    folder = run_folder(course)
    assert str(folder) in answer.err
    assert len((folder / "events.jsonl").read_text().splitlines()) == 2
    summary = json.loads((folder / "summary.json").read_text())
    assert summary["interrupted"] is True and summary["accepted"] is False


def test_a_run_that_was_stopped_has_missed_nothing_yet(course, program, heeds_ctrl_c):
    program([START, STEPS[0], result(False)], extra="os.kill(os.getppid(), signal.SIGINT); time.sleep(1)")
    answer = course.rush("milestone", "xor")
    assert answer.code == 130 and "stopped early: no verdict on its bar" in answer.out and "missed" not in answer.out


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


def test_a_blank_of_a_module_that_is_begun_is_named_and_the_milestone_tried(course, program):
    program([START, result(True)])
    course.write("milestones/1969_xor/milestone.json", json.dumps({"name": "xor", "year": 1969, "tasks": ["01"]}))
    course.student("01_alpha/a.cpp", "// done\n")
    assert "perhaps 01.2: try it" in course.rush("milestone").out
    answer = course.rush("milestone", "xor")
    assert answer.code == 0 and "01.2: still a blank, and xor may need it" in answer.err


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


def test_a_file_that_is_gone_stops_those_that_need_its_module_alone(course, program):
    program([START, result(True)])
    course.solve("01_alpha")
    course.solve("02_beta")
    gone = course.root / "modules/02_beta/beta.cpp"
    text = gone.read_text()
    gone.unlink()
    manifest = {"name": "xor", "year": 1969, "needs": "02", "tasks": ["01"]}
    course.write("milestones/1969_xor/milestone.json", json.dumps(manifest))
    assert course.rush("milestone", "xor").code == 0
    gone.with_name("other.cpp").write_text(text)
    gone.symlink_to("other.cpp")
    course.write("milestones/1969_xor/milestone.json", json.dumps(manifest | {"tasks": ["01", "02.1"]}))
    answer = course.rush("milestone", "xor")
    assert answer.code == 1 and "xor does not build: modules/02_beta/beta.cpp is a symbolic link" in answer.err
    assert "scripts/rush milestone xor --reference 02" in " ".join(answer.err.split())


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


def test_closing_a_log_on_a_full_disk_ends_nothing():
    from rushlight.milestones.follow import _open_log

    with _open_log(Path("/dev/full")) as log:  # every write to it finds the disk full
        log.write("a line that stays in the buffer\n")


def test_a_log_that_cannot_be_written_ends_and_the_run_goes_on(tmp_path):
    from queue import Queue

    from rushlight.milestones.follow import _read_events
    from rushlight.milestones.run import Run

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
    from rushlight.milestones.follow import forget_what_comes_again
    from rushlight.milestones.run import Run

    run = Run("xor", "own", tmp_path, {})
    run.events = [START, {"event": "progress", "step": 10}, {"event": "epoch", "epoch": 1}, {"event": "progress", "step": 20}, {"event": "epoch", "epoch": 2}]
    forget_what_comes_again(run, {"event": "resumed", "step": 15, "epoch": 1})
    assert run.events == [START, {"event": "progress", "step": 10}, {"event": "epoch", "epoch": 1}]


def test_of_several_trainings_all_comes_again_after_the_first_step_that_does(tmp_path):
    from rushlight.milestones.follow import forget_what_comes_again
    from rushlight.milestones.run import Run

    def step(number):
        return {"event": "progress", "step": number}

    def epoch(number, student):
        return {"event": "epoch", "epoch": number, "student": student}

    run = Run("alignment", "own", tmp_path, {})
    before = [step(100), epoch(1, "plain"), step(200), epoch(2, "plain")]
    run.events = [*before, step(210), epoch(1, "TAID"), START]
    forget_what_comes_again(run, {"event": "resumed", "step": 200})
    assert run.events == [*before, START]


def test_nothing_to_resume_is_said(course, program):
    program([START, result(True)])
    course.rush("milestone", "xor")
    answer = course.rush("milestone", "xor", "--resume")
    assert answer.code == 2 and "no run of xor" in answer.err
