"""`rush status`: the last verdicts, at once; it never builds, and says which of them are older than a file."""

import shutil
import subprocess

BEGUN = 'todo("02.1"); // begun\n todo("02.2");\n'


def rows(answer) -> dict[str, str]:
    return {line.split()[0]: line for line in answer.out.splitlines() if line[:2].isdigit()}


def test_the_board_shows_states_points_hours_and_the_next_task(course):
    course.solve("01_alpha")
    course.student("02_beta/beta.cpp", 'WRONG 02.1\n todo("02.2");\n')
    course.rush("test")
    answer = course.rush("status")
    assert "✓P ✓P" in rows(answer)["01"] and rows(answer)["01"].split()[-4:] == ["20", "/", "20", "1"]
    assert "✗W ·T" in rows(answer)["02"] and "0 / 40" in rows(answer)["02"]
    assert "2 of 4 tasks, 20 of 60 points" in answer.out
    assert "Next: 02.1 task 02.1" in answer.out and "older than" not in answer.out


def test_what_nobody_has_begun_is_todo_without_a_build(course):
    answer = course.rush("status", "--json")
    assert {task["state"] for task in answer.json["tasks"]} == {"todo"} and len(answer.json["tasks"]) == 4
    assert answer.json["todo"] > 0 and answer.json["passed"] == 0
    assert not (course.root / "build").exists()


def test_it_never_builds_and_marks_what_is_older_than_a_file(course):
    course.solve("01_alpha")
    course.student("02_beta/beta.cpp", BEGUN)
    course.rush("test")
    before = course.launches()
    course.student("01_alpha/a.cpp", "SYNTAX ERROR\n")
    (course.root / "build/student/build.ninja").write_text("nonsense")
    answer = course.rush("status")
    assert answer.code == 0 and answer.err == "" and course.launches() == before
    assert "✓P?✓P?" in rows(answer)["01"] and "older than a file" in answer.out
    assert "·T ·T" in rows(answer)["02"]  # a blank that is still there is no older for it
    old = {task["id"]: task["old"] for task in course.rush("status", "--json").json["tasks"]}
    assert old == {"01.1": True, "01.2": True, "02.1": False, "02.2": False}


def test_an_edit_makes_later_modules_old_and_not_earlier_ones(course):
    course.solve("01_alpha")
    course.solve("02_beta")
    course.rush("test")
    course.student("02_beta/beta.cpp", "// done otherwise\n")
    answer = course.rush("status")
    assert "✓P ✓P" in rows(answer)["01"] and "✓P?✓P?" in rows(answer)["02"]
    course.student("02_beta/beta.cpp", "// done\n")  # the very text that was tested
    assert "?" not in rows(course.rush("status"))["02"]


def test_a_pass_with_another_module_borrowed_counts_and_is_marked(course):
    course.solve("02_beta")
    course.rush("test", "02", "--reference", "01")
    answer = course.rush("status")
    assert "✓P*✓P*" in rows(answer)["02"] and "40 / 40" in rows(answer)["02"] and "borrowed" in answer.out
    assert "·T ·T" in rows(answer)["01"]  # nothing is known of a module that was borrowed
    course.student("01_alpha/a.cpp", "SYNTAX ERROR\n")
    course.rush("test", "02", "--reference", "01")
    course.rush("test", "02")  # does not build for another module's sake, and so says less
    assert "✓P*✓P*" in rows(course.rush("status"))["02"]
    course.student("02_beta/beta.cpp", "WRONG 02.1\n")
    course.rush("test", "02", "--reference", "01")
    assert "✗W*✓P*" in rows(course.rush("status"))["02"]
    known = {task["id"]: task["borrowed"] for task in course.rush("status", "--json").json["tasks"]}
    assert known["02.1"] == ["01"]


def test_the_verdict_of_a_single_task_shows(course):
    course.student("01_alpha/a.cpp", "// done\n")
    assert "not tested" in rows(course.rush("status"))["01"]
    course.rush("test", "01.1")
    answer = course.rush("status")
    assert "✓P --" in rows(answer)["01"] and "1 of 4 tasks" in answer.out


def test_what_is_saved_while_the_tests_run_makes_their_verdict_old(course, monkeypatch):
    from rushlight.verdicts.runner import Runner

    course.solve("01_alpha")
    real = Runner.run

    def run_and_save(self, *arguments):
        course.student("01_alpha/a.cpp", "// saved meanwhile\n")
        return real(self, *arguments)

    monkeypatch.setattr(Runner, "run", run_and_save)
    course.rush("test", "01")
    assert "✓P?✓P?" in rows(course.rush("status"))["01"]


def test_a_broken_memory_is_no_more_than_not_tested(course):
    course.solve("01_alpha")
    course.rush("test", "01")
    course.write("build/student/verdicts/last/own/01.json", '{"01.1": {"sources": 3}, "01.2"')
    assert "not tested" in rows(course.rush("status"))["01"]


def test_borrowed_modules_never_count_as_the_students(course):
    course.rush("status")
    assert course.rush("test", "01", "--reference", "01").code == 0
    assert "0 of 4 tasks" in course.rush("status").out


def test_the_next_task_is_what_holds_the_others_up(course):
    course.student("01_alpha/b.cpp", "SYNTAX ERROR\n")
    course.rush("test")
    assert "Next: 01.2" in course.rush("status").out


def test_what_passes_now_holds_nothing_up(course):
    course.student("01_alpha/b.cpp", "SYNTAX ERROR\n")
    course.rush("test")
    course.student("01_alpha/b.cpp", "// done\n")
    assert "Next: 01.1" in course.rush("test", "01.2").out  # its last verdict says that it waits for 01.2


def test_a_bar_is_full_only_for_a_finished_module(course):
    from rushlight.verdicts.board import BAR, _bar
    from rushlight.course.tree import find_tree
    from rushlight.verdicts.verdict import NO_CASES, TaskVerdict

    module = find_tree().modules["01"]
    states = lambda *s: [TaskVerdict(str(i), "", x, 1, 1, NO_CASES) for i, x in enumerate(s)]  # noqa: E731
    assert "░" in _bar(states("pass", "wrong"), module).plain
    assert _bar(states("pass", "pass"), module).plain == "█" * BAR


def test_start_leads_to_the_first_task(course):
    answer = course.rush("start")
    assert answer.code == 0
    for expected in ("configured", "01 alpha", "01.1", "modules/01_alpha/README.md", "scripts/rush hint 01.1"):
        assert expected in answer.out


def test_start_offers_a_history_where_there_is_none(course, git):
    assert "git init" not in course.rush("start").out
    shutil.rmtree(course.root / ".git")
    assert "keep what you write: git init -q && git add -A" in course.rush("start").out


def test_a_history_begins_with_the_course_as_it_was_handed_out(course, git):
    from rushlight.course import history

    shutil.rmtree(course.root / ".git")
    assert history.can_begin(course.root)
    history.begin(course.root)
    assert not history.can_begin(course.root)
    done = subprocess.run(["git", "-C", course.root, "status", "--short"], capture_output=True, text=True, check=True)
    assert done.stdout == ""
