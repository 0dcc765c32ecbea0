"""`rush milestone`: accuracies are counted again from the predictions that were written."""

import gzip
import json

import pytest
from milestone_program import CHECKPOINT, FORGED, START, STEPS, heeds_ctrl_c, program, result, run_folder


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


def test_a_full_disk_that_took_the_predictions_is_named_and_no_bar_was_missed(course, program, monkeypatch):
    from rushlight.milestones import recount

    program([START], extra=f"say(json.loads({FORGED!r}))")
    recounted(course, labels="xor")
    monkeypatch.setattr(recount, "LEAST_FREE", 1 << 62)
    answer = course.rush("milestone", "xor")
    assert answer.code == 1 and "the disk is full: free some space" in " ".join(answer.err.split())
    assert "test accuracy: 1" in answer.out and "does not count for its bar" in answer.out and "missed" not in answer.out


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
