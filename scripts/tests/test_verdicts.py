"""`rush test`: the four states, what is counted, what the exit status means."""

import pytest

from rushlight.verdicts.explain_crash import debug_target
from rushlight.verdicts.report import explain
from rushlight.verdicts.runner import Request
from rushlight.course.tree import Tree
from rushlight.verdicts import reading_order
from rushlight.verdicts.sanitizer_words import in_words
from rushlight.verdicts.verdict import NO_CASES, TaskVerdict


def test_a_fresh_course_is_all_todo(course):
    answer = course.rush("test", "--json")
    verdict = answer.json
    assert answer.code == 1
    assert {task["state"] for task in verdict["tasks"] if task["points"]} == {"todo"}
    assert verdict["todo"] == 6 and verdict["passed"] == 1  # the integration suite has no blank of its own
    assert set(verdict) == {"passed", "wrong", "crash", "todo", "missing", "tasks"}
    keys = {"id", "module", "state", "blocked_by", "waits_for", "points", "cases", "seconds", "message"}
    assert all(set(task) == keys for task in verdict["tasks"])


def test_a_solved_module_passes_and_only_then_exits_with_zero(course):
    course.student("01_alpha/a.cpp", "// done\n")
    assert course.rush("test", "01").code == 1
    course.solve("01_alpha")
    answer = course.rush("test", "01")
    assert answer.code == 0
    assert answer.out.splitlines()[-1] == "3 passed, 0 failed"


def test_blanks_do_not_count_as_failures(course):
    assert course.rush("test", "02").out.splitlines()[-1] == "0 passed, 0 failed, 3 to do"


@pytest.mark.parametrize(
    "word, state, message", [("WRONG", "wrong", "expected 2, found 3"), ("CRASH", "crash", "segmentation fault")]
)
def test_wrong_and_crash_are_told_apart(course, word, state, message):
    course.solve("01_alpha")
    course.student("01_alpha/a.cpp", f"{word} 01.1\n")
    verdict = course.rush("test", "01", "--json").json
    assert course.task(verdict, "01.1")["state"] == state
    assert message in course.task(verdict, "01.1")["message"]
    assert verdict[state] == 2 and verdict["passed"] == 1
    assert course.task(verdict, "01.2")["state"] == "pass"


def test_the_first_failure_is_explained_with_the_line_to_run_again(course):
    course.solve("01_alpha")
    course.student("01_alpha/b.cpp", "WRONG 01.2\n")
    answer = course.rush("test", "01")
    for expected in ("Unit_01_2.Multiplies", "expected 2, found 3", "tests/x/unit.cpp:12", "scripts/rush test 01.2"):
        assert expected in answer.out
    assert answer.out.splitlines()[-1] == "2 passed, 1 failed"


def test_what_is_broken_is_explained_before_what_is_blank(course):
    course.student("01_alpha/b.cpp", "WRONG 01.2\n")
    assert "expected 2, found 3" in course.rush("test", "01").out


def test_a_blank_is_explained_with_its_place(course):
    out = course.rush("test", "01").out
    assert "modules/01_alpha/a.cpp:7" in out  # the line of todo("01.1")


def test_one_task_runs_alone(course):
    course.student("01_alpha/a.cpp", "// done\n")
    answer = course.rush("test", "1.1", "--json")
    assert answer.code == 0
    assert [task["id"] for task in answer.json["tasks"]] == ["01.1"]
    assert course.launches() == ["test_01_own:01.1"]


def test_another_tasks_blank_is_named(course):
    course.student("02_beta/beta.cpp", "NEEDS 02.2 01.2\n")
    task = course.task(course.rush("test", "02", "--json").json, "02.2")
    assert (task["state"], task["blocked_by"]) == ("todo", "01.2")
    assert "waits for 01.2" in course.rush("test", "02").out


def test_a_task_passes_beside_cases_that_wait_for_others(course):
    course.student("02_beta/beta.cpp", "WAITS 02.1 01.1 WAITS 02.1 01.2\n")
    answer = course.rush("test", "02.1")
    assert answer.code == 0 and "✓P 02.1" in answer.out and "waits for 01.1, 01.2" in answer.out
    assert course.rush("test", "02").code == 0
    task = course.task(course.rush("test", "02", "--json").json, "02.1")  # from the cache
    assert (task["state"], task["waits_for"], task["blocked_by"]) == ("pass", ["01.1", "01.2"], None)


def test_nobody_waits_for_a_task_that_is_written(course):
    course.student("02_beta/beta.cpp", "WAITS 02.1 01.1 WAITS 02.1 01.2\n")
    course.student("01_alpha/a.cpp", "// done\n")
    assert course.rush("test", "02.1").code == 0  # 01.2 is a blank still
    course.solve("01_alpha")
    answer = course.rush("test", "02.1")
    assert answer.code == 1 and "✗W 02.1" in answer.out and "1 passed, 1 failed" in answer.out
    assert 'a blank of 01.1 and 01.2, which is written: does code of yours still call todo("01.1")?' in answer.out
    (course.root / "modules/01_alpha/a.cpp").write_text('todo("01.1");\n')
    assert course.rush("test", "02.1", "--reference", "01").code == 1
    assert course.rush("test", "02.1", "--stack", "isolated").code == 1


def test_what_waits_for_another_module_can_borrow_it(course):
    course.student("02_beta/beta.cpp", "NEEDS 02.1 01.2 WAITS 02.1 01.1 WAITS 02.1 01.2\n")
    answer = course.rush("test", "02.1")
    assert answer.code == 1 and "waits for 01.1, 01.2, still blanks" in answer.out
    assert "or borrow: scripts/rush test 02.1 --reference 01" in answer.out


def test_whoever_borrows_is_told_commands_that_borrow(course):
    course.student("02_beta/beta.cpp", "CRASH 02.1\n")
    answer = course.rush("test", "02.1", "--reference", "01")
    assert "again: scripts/rush test 02.1 --reference 01\n" in answer.out
    assert "in gdb: scripts/rush debug 02.1 --reference 01\n" in answer.out and "borrow" not in answer.out
    course.student("02_beta/beta.cpp", "WRONG 02.1\n")
    assert "again: scripts/rush test 02.1 --stack isolated\n" in course.rush("test", "02.1", "--stack", "isolated").out


def test_a_pass_names_the_next_task(course):
    course.student("01_alpha/a.cpp", "// done\n")
    assert "Next: 01.2 task 01.2   modules/01_alpha/b.cpp:" in course.rush("test", "01.1").out
    assert "Next:" not in course.rush("test", "01").out  # 01.2 is explained already


def test_whoever_borrows_goes_on_behind_the_task_that_passed(course):
    course.solve("02_beta")
    for whose in (["--reference", "01"], ["--stack", "isolated"]):
        assert "Next: 02.2 task 02.2" in course.rush("test", "02.1", *whose).out
        assert "Next:" not in course.rush("test", "02", *whose).out  # nothing is behind it


def test_points_come_from_the_manifest_and_suites_have_none(course):
    verdict = course.rush("test", "--json").json
    assert course.task(verdict, "02.1")["points"] == 20
    assert course.task(verdict, "02.1")["module"] == "02_beta"
    suite = course.task(verdict, "integration.02")
    assert (suite["module"], suite["points"], suite["cases"]) == ("integration", 0, 1)


def test_stacks_link_different_code(course):
    assert course.rush("test", "02", "--stack", "solution").code == 0
    course.solve("02_beta")
    course.student("01_alpha/a.cpp", "NEEDS 02.1 01.1\n")
    assert course.rush("test", "02").code == 1
    assert course.rush("test", "02", "--stack", "isolated").code == 0
    assert course.rush("test", "02", "--reference", "01").code == 0
    assert course.rush("test", "02").code == 1  # borrowing ends with the command


def test_a_task_without_tests_does_not_pass(course):
    course.solve("01_alpha")
    course.write("tests/01_alpha/cases.txt", "Unit_01_1.Adds\n")
    answer = course.rush("test", "01", "--json")
    assert answer.code == 1
    assert course.task(answer.json, "01.2")["state"] == "wrong"


def test_a_module_without_a_case_list_fails(course):
    course.solve("01_alpha")
    (course.root / "tests/01_alpha/cases.txt").unlink()
    answer = course.rush("test", "01", "--json")
    assert answer.code == 1
    assert "cases.txt" in course.task(answer.json, "01.1")["message"]


def test_json_stands_alone_on_stdout(course):
    course.student("01_alpha/a.cpp", "SYNTAX ERROR\n")
    answer = course.rush("test", "--json")
    assert answer.out.count("\n") == 1 and answer.json["wrong"] == 7


def test_a_crash_is_run_again_under_address_sanitizer(course):
    course.student("02_beta/beta.cpp", "CRASH 02.2\n")
    answer = course.rush("test", "02")
    assert "segmentation fault (SIGSEGV)" in answer.out
    assert "relu went past the end" in answer.out and "modules/02_beta/beta.cpp:7" in answer.out
    before = course.launches()
    again = course.rush("test", "02")  # the explanation is remembered with the verdict
    assert "relu went past the end" in again.out and course.launches() == before


def test_a_crash_of_the_reference_is_not_run_again(course):
    course.write("solutions/02_beta/beta.cpp", "CRASH 02.2\n")
    assert "AddressSanitizer" not in course.rush("test", "02", "--stack", "solution").out


def test_a_loop_without_end_is_shown_before_the_cases_that_waited_for_it(course):
    late = "not run: the task's 10 s were used up"
    details = (
        {"case": "Unit_01_1.Before", "state": "crash", "message": late},
        {"case": "GradientFlow_01_1.Loops", "state": "crash", "message": "ran longer than 10 s and was stopped"},
        {"case": "Unit_01_1.After", "state": "crash", "message": late},
    )
    verdict = TaskVerdict("01.1", "01_alpha", "crash", 5, 3, NO_CASES, details=details)
    assert verdict.first_failure["case"] == "GradientFlow_01_1.Loops"
    text = "\n".join(line.plain for line in explain(Tree(course.root), verdict, Request()))
    assert "ran longer than 10 s" in text and "also failing: Before, After" in text


SIGNALS = "segmentation fault (SIGSEGV): it used memory that is not its own"
OWN = "#3 0x5 in rushlight::plain::f(rushlight::Array const&)::{lambda(auto:1)#1}::operator()<x>(x) const"
GIVEN = "    #0 0x4 in rushlight::binary<float> modules/01_alpha/given.cpp:98\n"


@pytest.mark.parametrize(
    "headline, printed, words",
    [
        ("AddressSanitizer: stack-overflow on address 0x7f", SIGNALS, "endless recursion: f calls itself"),
        ("AddressSanitizer: FPE on unknown address 0x55", "arithmetic fault (SIGFPE)", "an integer was divided by zero, in f"),
        ("AddressSanitizer: SEGV on unknown address 0x000000000008 (pc 0x5)", SIGNALS, "f used a null pointer"),
        ("AddressSanitizer: SEGV on unknown address 0x00007f1234560000 (pc 0x5)", SIGNALS, "f used memory that is not its own"),
        ("AddressSanitizer: heap-use-after-free on address 0x6", SIGNALS, "f used memory that was freed already"),
        ("AddressSanitizer: ABRT on unknown address 0x1", "span:278: … Assertion '__idx < size()' failed.", "index that is not below the size"),
    ],
)
def test_a_crash_is_told_in_a_sentence_with_the_students_line(course, headline, printed, words):
    course.student("01_alpha/a.cpp", "int f() {\n  return crashing();\n}\n")
    told = in_words(Tree(course.root), f"{headline}\n{GIVEN}    {OWN} modules/01_alpha/a.cpp:2:9", printed)
    sentence, place, line = told.split("\n")
    assert words in sentence
    assert place == "modules/01_alpha/a.cpp:2" and line.strip() == "return crashing();"


def test_a_crash_without_a_frame_of_the_course_is_left_as_it_is(course):
    assert in_words(Tree(course.root), "AddressSanitizer: SEGV on unknown address 0x000000000000") == ""


def failed(case, message="2 of 3 values differ", state="wrong", **more):
    return {"case": case, "state": state, "message": message, **more}


def first_of(*details):
    return TaskVerdict("01.1", "01_alpha", "wrong", 5, len(details), NO_CASES, details=details).first_failure["case"]


TEXT = "the message should mention 'f' but is: g"


def test_the_failure_shown_first_is_the_one_to_read():
    assert first_of(failed("Unit_01_1.Text", TEXT), failed("Unit_01_1.Value")) == "Unit_01_1.Value"
    assert first_of(failed("Unit_01_1.Late", place=9), failed("Unit_01_1.Early", place=2)) == "Unit_01_1.Early"
    assert first_of(failed("Unit_01_1.Any", place=1, draws=True), failed("Unit_01_1.Plain", place=5)) == "Unit_01_1.Plain"
    assert first_of(failed("GradientFlow_01_1.G"), failed("Unit_01_1.Any", draws=True)) == "Unit_01_1.Any"
    operand = failed("GradientFlow_01_1.Operand", "an op must not change its operand\nsame_bits(x, before)")
    assert first_of(failed("Unit_01_1.Value"), operand) == "GradientFlow_01_1.Operand"
    assert first_of(failed("Unit_01_1.Blank", "todo 01.1", "todo"), failed("GradientFlow_01_1.G")) == "GradientFlow_01_1.G"


def test_the_order_of_the_tests_is_that_of_their_files(tmp_path):
    (tmp_path / "b.cpp").write_text("TEST(Unit_01_1, Last) {}\n")
    random = "  for (int round = 0; round < 9; ++round) {}\n"
    (tmp_path / "a.cpp").write_text("TEST_P(Unit_01_1, Zebra) {}\nTEST(Unit_01_1, Any) {\n" + random + "}\n")
    names = ("All/Unit_01_1.Zebra/3", "Unit_01_1.Any", "Unit_01_1.Last")
    annotated = reading_order.annotated([failed(name) for name in names], tmp_path)
    assert [(case["place"], case["draws"]) for case in annotated] == [(0, False), (1, True), (2, False)]


def test_blanks_are_not_listed_among_the_failures(course):
    verdict = TaskVerdict("01.1", "01_alpha", "wrong", 5, 3, NO_CASES, details=(
        failed("Unit_01_1.First"), failed("Unit_01_1.Second"), failed("Unit_01_1.Blank", "todo 01.1", "todo"),
    ))
    text = "\n".join(line.plain for line in explain(Tree(course.root), verdict, Request()))
    assert "also failing: Second" in text and "Blank" not in text


@pytest.mark.parametrize("before", ["", "an exception came out of the test: ", "an exception came out of the test: backward of "])
def test_a_rule_with_a_wrong_shape_is_named_with_its_task_and_place(course, before):
    rule = '// 01.1 g  x -> x\nrecord("other", y);\n// 01.1 f  x -> x\nreturn record(\n    "mul", x);\n'
    course.student("01_alpha/a.cpp", rule)
    message = "mul: the rule gives input 0 a gradient of shape (), but that input is (4,)."
    verdict = TaskVerdict("01.2", "01_alpha", "wrong", 5, 1, NO_CASES, details=(failed("Unit_01_2.A", before + message),))
    text = "\n".join(line.plain for line in explain(Tree(course.root), verdict, Request()))
    assert "exception" not in text and message in text
    assert "the rule of mul, task 01.1: modules/01_alpha/a.cpp:4" in text


def test_only_what_the_student_wrote_is_made_for_gdb_and_the_sanitizer(course):
    unit = Tree(course.root).units["01"]
    made = [stack for stack in ("own", "isolated", "solution", "accelerated") if debug_target(unit, stack)]
    assert made == ["own", "isolated"]
