"""reach.py: what reports itself, and what is said of it."""

import pytest

from conftest import MINI, script


def test_every_region_reports_itself_at_its_beginning():
    import reach

    text = reach.reporting(MINI, "mini.cpp").splitlines()
    reports = [number for number, line in enumerate(text) if "rushlight_reached(\"" in line]
    assert [text[number].strip() for number in reports] == [f'::rushlight_reached("01.{task}");' for task in (1, 2, 2)]
    assert [text[number + 1].strip() for number in reports] == ["return doubled_by_the_helper(x);", "return 0;", "return twice(x) + x;"]
    assert text[0] == "void rushlight_reached(const char* task);"


def test_a_function_of_one_line_reports_before_it_answers():
    import reach

    text = "// 01.1 twice  x -> 2x\nint twice(int x) { return x + x; }\n"
    assert 'int twice(int x) { ::rushlight_reached("01.1"); return x + x; }' in reach.reporting(text, "mini.cpp")


@pytest.fixture
def module(course):
    from rushlight.course.tree import find_tree

    return find_tree().modules["01"]


def test_a_unit_test_that_reaches_a_later_task_is_found_and_a_progressive_one_may(course, module):
    from reach import check_tests
    from rushlight.course.tree import find_tree

    reached = {"Unit_01_1.A": {"01.1", "01.2"}, "Seeds/Unit_01_2.B/0": {"01.1", "01.2"}, "Progressive_01_1.C": {"01.1", "01.2"}}
    (problem,) = check_tests(find_tree(), module, reached)
    assert problem.startswith("01.1: 1 of its tests reach 01.2, which comes later") and "Unit_01_1.A" in problem


def test_a_progressive_test_that_misses_its_own_task_is_found(course, module):
    from reach import check_tests
    from rushlight.course.tree import find_tree

    (problem,) = check_tests(find_tree(), module, {"Progressive_01_2.C": {"01.1"}})
    assert "does not reach 01.2" in problem


def test_a_module_and_what_it_does_not_need_are_made_to_report(course):
    from dataclasses import replace

    from reach import reporters_for
    from rushlight.course.tree import find_tree

    tree = find_tree()
    one = tree.modules["01"]
    for number, needs in (("02", ("01",)), ("03", ("01",)), ("04", ("03",)), ("05", ())):
        tree.modules[number] = replace(one, folder=course / f"modules/{number}_more", needs=needs)
    assert reporters_for(tree, "02") == ["02"]
    assert reporters_for(tree, "04") == ["02", "04"]


def test_a_module_that_the_manifest_does_not_lead_to_is_found(course):
    from dataclasses import replace

    from reach import check_tests
    from rushlight.course.tree import find_tree

    tree = find_tree()
    later = replace(tree.modules["01"], folder=course / "modules/02_more", needs=())
    tree.modules["02"] = later
    reached = {"Unit_02_1.A": {"01.1", "02.1"}}
    assert "does not lead to" in check_tests(tree, later, reached)[0]
    tree.modules["02"] = replace(later, needs=("01",))
    assert check_tests(tree, later, reached) == []


def test_it_runs_on_a_course(built_course):
    """Progressive_01_2 and the units reach no more than they may."""
    done = script("reach.py", "--build", built_course / "build", "01", root=built_course)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "what is declared is what is reached" in done.stdout
