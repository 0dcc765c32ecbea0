"""`rush status`: from what is known, at once; what changed is said and tested."""


def test_the_board_shows_states_points_and_the_next_task(course):
    course.solve("01_alpha")
    course.student("02_beta/beta.cpp", 'WRONG 02.1\n todo("02.2");\n')
    out = course.rush("status").out
    rows = {line.split()[0]: line for line in out.splitlines() if line[:2].isdigit()}
    assert "✓P ✓P" in rows["01"] and rows["01"].endswith("20 / 20")
    assert "✗W ·T" in rows["02"] and rows["02"].endswith("0 / 40")
    assert "2 of 4 tasks, 20 of 60 points" in out
    assert "Next: 02.1 task 02.1" in out


BEGUN = 'todo("02.1"); // begun\n todo("02.2");\n'


def test_what_nobody_has_begun_is_todo_without_a_build(course):
    answer = course.rush("status", "--json")
    assert {task["state"] for task in answer.json["tasks"]} == {"todo"} and len(answer.json["tasks"]) == 4
    assert answer.json["todo"] > 0 and answer.json["passed"] == 0
    assert not (course.root / "launches.txt").exists() and course.launches() == []


def test_nothing_is_run_when_nothing_changed(course):
    course.solve("01_alpha")
    course.student("02_beta/beta.cpp", BEGUN)
    course.rush("status")
    before = course.launches()
    answer = course.rush("status")
    assert course.launches() == before == ["test_01_own", "test_02_own"]
    assert answer.err == ""


def test_only_what_changed_is_tested(course):
    course.solve("01_alpha")
    course.student("02_beta/beta.cpp", BEGUN)
    course.rush("status")
    course.student("02_beta/beta.cpp", "// done\n")
    answer = course.rush("status")
    assert "testing 02" in answer.err
    assert course.launches()[2:] == ["test_02_own"]


def test_without_running_it_says_what_is_out_of_date(course):
    course.solve("01_alpha")
    course.student("02_beta/beta.cpp", BEGUN)
    course.rush("status")
    course.student("02_beta/beta.cpp", "// done\n")
    answer = course.rush("status", "--no-run")
    assert "02" in answer.err and "not tested" in answer.out
    assert len(course.launches()) == 2


def test_borrowed_modules_never_count_as_the_students(course):
    course.rush("status")
    assert course.rush("test", "01", "--reference", "01").code == 0
    assert "0 of 4 tasks" in course.rush("status").out


def test_the_next_task_is_what_holds_the_others_up(course):
    course.student("01_alpha/b.cpp", "SYNTAX ERROR\n")
    assert "Next: 01.2" in course.rush("status").out


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
