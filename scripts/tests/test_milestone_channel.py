"""`rush milestone`: what is printed is no event, and what cannot be believed counts for nothing."""

import json
import sys

import pytest
from milestone_program import FORGED, START, STEPS, program, result, run_folder


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


def test_a_run_that_dies_sends_its_student_to_the_tests(course, program):
    program([START], extra="import os, signal\nos.kill(os.getpid(), signal.SIGABRT)")
    answer = course.rush("milestone", "xor")
    assert answer.code == 1 and "ended with SIGABRT and no result" in answer.err and "scripts/rush status" in answer.err


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
