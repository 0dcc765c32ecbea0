"""cases.py, mutants.py and checks.py on a real course of one module."""

import json
import re

import cases
import pytest
from conftest import CASES, COURSE, MINI_SKELETON, script
from mutant_list import given, milestones
from overlay import source_of

from rushlight.course.manifest import load_module
from rushlight.course.tree import Tree


@pytest.fixture
def changed(built_course):
    """Changes files of the built course and puts them back afterwards."""
    touched = set()

    def change(path, text):
        touched.add(path)
        (built_course / path).parent.mkdir(parents=True, exist_ok=True)
        (built_course / path).write_text(text)

    yield change
    for path in touched:
        if path in COURSE:
            (built_course / path).write_text(COURSE[path])
        else:
            (built_course / path).unlink()


def run(name, *arguments, root):
    return script(name, "--build", root / "build", *arguments, root=root)


# ---- cases.py


def test_listing_is_read():
    output = "Unit_02_1.\n  Foo\nSmall/Unit_02_2.  # TypeParam = int\n  Bar/0  # GetParam() = 0x1234\n"
    assert cases.read_names(output) == ["Small/Unit_02_2.Bar/0", "Unit_02_1.Foo"]


@pytest.mark.parametrize(
    "name, message",
    [
        ("Unit_01_3.Foo", "expected a suite <Kind>_01_<T>"),
        ("Unit_02_1.Foo", "expected a suite <Kind>_01_<T>"),
        ("UnitTest.Foo", "expected a suite <Kind>_01_<T>"),
        ("Unit_01_1.DISABLED_Foo", "never run"),
        ("Unit_01_1.Foo/0x7ffe1234", "the same ones on every machine"),
        ("Unit_01_1.a b", "letters, digits and _ only"),
    ],
)
def test_bad_names_are_refused(course, name, message):
    tree = Tree(course)
    listing = cases.listings(tree, ["01"])[0]
    problems = cases.check_names(tree, listing, [*CASES.split(), name])
    assert len(problems) == 1 and name in problems[0] and message in problems[0]


def test_suites_without_a_module(course):
    tree = Tree(course)
    listing = cases.listings(tree, ["integration"])[0]
    assert cases.check_names(tree, listing, ["Integration_01.Foo", "All/Integration_01.Foo/1"]) == []
    assert len(cases.check_names(tree, listing, ["Integration_02.Foo", "Regression_01.Foo"])) == 2


def test_every_task_and_kind_is_covered(course):
    problems = cases._check_coverage(load_module(course / "modules/01_mini"), {"Unit_01_1", "GradientFlow_01_1"})
    assert problems == ["task 01.2 (thrice) has no Unit case.", "the module has no Progressive case."]


def test_cases_are_written_and_checked(built_course, changed):
    built = script("checks.py", "--build", built_course / "build", "--only", "build", root=built_course)
    assert built.returncode == 0, built.stdout
    assert run("cases.py", "--check", root=built_course).returncode == 0
    changed("tests/01_mini/cases.txt", CASES.replace("Unit_01_1.Doubles", "Unit_01_1.Halves"))
    done = run("cases.py", "--check", root=built_course)
    assert done.returncode == 1
    assert "Unit_01_1.Doubles is not in the list" in done.stderr and "Halves is in the list only" in done.stderr
    assert run("cases.py", root=built_course).returncode == 0
    assert (built_course / "tests/01_mini/cases.txt").read_text() == CASES


# ---- mutants.py


def mutant(name, find, replace, task="01.1"):
    return dict(id=name, file="mini.cpp", find=find, replace=replace, why="a slip", task=task)


KILLED = mutant("01-adds-one", "return x + x;", "return x + 1;")
KILLED_ELSEWHERE = mutant("01-wrong-task", "return twice(x) + x;", "return twice(x);")
SURVIVOR = mutant("01-same", "return x + x;", "return 2 * x;")
BROKEN = mutant("01-broken", "return x + x;", "return y;")


def mutants(changed, *entries):
    changed("tests/mutants/01.json", json.dumps(entries))


def test_mutants_are_killed(built_course, changed):
    mutants(changed, KILLED, KILLED_ELSEWHERE)
    done = run("mutants.py", "01", root=built_course)
    assert done.returncode == 0, done.stderr
    named, words = done.stdout.splitlines()[:2]
    assert named.startswith("01-adds-one") and named.endswith("killed by Unit_01_1.Doubles") and "twice" in words
    assert "2 of 2 mutants killed" in done.stdout
    assert (built_course / "solutions/01_mini/mini.cpp").read_text() == COURSE["solutions/01_mini/mini.cpp"]
    assert list((built_course / "build/overlay").iterdir()) == []


def test_survivors_and_broken_mutants_fail(built_course, changed):
    mutants(changed, KILLED, SURVIVOR, BROKEN)
    done = run("mutants.py", "--json", root=built_course)
    assert done.returncode == 1
    said = json.loads(done.stdout)
    assert (said["total"], said["killed"], said["survived"]) == (3, 1, ["01-same"])
    first, second = said["mutants"]
    assert (first["id"], first["killer"], first["naive"]) == ("01-adds-one", "Unit_01_1.Doubles", None)
    assert "twice" in first["message"]
    assert (second["id"], second["killer"], second["message"]) == ("01-same", "", "")
    assert "01-broken does not compile" in done.stderr and "'y' was not declared" in done.stderr


def test_a_mutant_that_is_not_killed_as_expected_survives(built_course, changed):
    mutants(changed, {**KILLED, "kills": {"Unit_01_1.Doubles": "twice"}})
    assert run("mutants.py", "01", root=built_course).returncode == 0
    mutants(changed, {**KILLED, "kills": {"Unit_01_1.Doubles": "other words"}})
    done = run("mutants.py", "01", root=built_course)
    assert done.returncode == 1 and "BUT NOT as expected by Unit_01_1.Doubles" in done.stdout


@pytest.mark.parametrize(
    "entry, message",
    [
        (mutant("01-a", "return", "throw"), "`find` occurs 4 times"),
        (mutant("01-a", "nowhere", "x"), "`find` occurs 0 times"),
        (mutant("01-a", "return 0;", "return 1;", "01.9"), "there is no task 01.9"),
        (mutant("01-a", "return 0;", "return 0;"), "changes nothing"),
        ({"id": "01-a"}, "lacks file"),
        ({**mutant("01-a", "return 0;", "return 1;"), "kills": {"Unit_01_1.Trebles": ""}}, "there is no such case"),
        ({**mutant("01-a", "return 0;", "return 1;"), "kills": ["Unit_01_1.Doubles"]}, "an object of cases"),
    ],
)
def test_bad_mutants_are_refused(built_course, changed, entry, message):
    mutants(changed, entry)
    done = run("mutants.py", root=built_course)
    assert done.returncode == 2 and message in done.stderr


def test_what_lies_beside_a_milestones_main_can_be_mutated_too(course):
    for path, text in {
        "milestones/2016_x/rule.cpp": "int rule() { return 1; }",
        "milestones/2016_x/main.cpp": "int main() {}",
        "tests/milestones/cases.txt": "Lam/Milestones_01.Step/0\nMilestones_01.Forward\n",
    }.items():
        (course / path).parent.mkdir(parents=True, exist_ok=True)
        (course / path).write_text(text)
    tree = Tree(course)
    found = milestones(tree)
    assert (found.number, found.files) == ("milestones", ("2016_x/rule.cpp",))
    assert [task.id for task in found.tasks] == ["01"]
    assert source_of(tree, found, found.files[0]) == course / "milestones/2016_x/rule.cpp"


def test_what_students_are_given_can_be_mutated_too(course):
    for path, text in {
        "modules/01_tiny/given.cpp": "int f() { return 1; }",
        "tests/integration/cases.txt": "Integration_01.Adds\n",
    }.items():
        (course / path).parent.mkdir(parents=True, exist_ok=True)
        (course / path).write_text(text)
    tree = Tree(course)
    found = given(tree)
    assert found.number == "integration" and [task.id for task in found.tasks] == ["01"]
    assert found.files == tuple(sorted(f"{module.name}/{file}" for module in tree.modules.values() for file in module.given))
    assert source_of(tree, found, "01_x/y.cpp") == course / "modules/01_x/y.cpp"


def test_no_mutants_is_no_pass(built_course):
    done = run("mutants.py", root=built_course)
    assert done.returncode == 1 and "no mutants" in done.stderr


# ---- checks.py


def test_all_checks_pass(built_course):
    done = run("checks.py", root=built_course)
    assert done.returncode == 0, done.stdout
    assert "ok    blanks 01.2" in done.stdout and "all checks passed for 1 modules" in done.stdout


def test_a_blank_that_no_test_reaches_is_found(built_course, changed):
    changed("tests/01_mini/unit.cpp", COURSE["tests/01_mini/unit.cpp"].replace("thrice(0), 0", "thrice(2), 6"))
    done = run("checks.py", "--only", "build,blanks,regions", root=built_course)
    assert done.returncode == 1 and done.stdout.count("FAIL") == 1
    assert "with the one blank of solutions/01_mini/mini.cpp:27 empty the task is pass" in done.stdout


def test_leaks_are_found(built_course, changed):
    changed("modules/01_mini/README.md", "```cpp\n  return doubled_by_the_helper(x);\n```\n")
    done = run("checks.py", "--only", "leaks", root=built_course)
    assert done.returncode == 1
    assert "README.md:2: shows a line of the solution (solutions/01_mini/mini.cpp:19)" in done.stdout


def test_a_solved_skeleton_is_found(built_course, changed):
    changed("modules/01_mini/mini.cpp", MINI_SKELETON.replace('todo("01.1");', "return x + x;"))
    done = run("checks.py", "--only", "skeletons,build,empty", root=built_course)
    assert done.returncode == 1
    assert "mini.cpp:11: not what its solution gives" in done.stdout
    assert "Unit_01_1.Doubles passes on the empty skeleton" in done.stdout
    assert "01.1: on the empty skeleton the task is pass, not todo" in done.stdout


def test_a_task_that_its_blank_does_not_stop_is_found(built_course, changed):
    """Nothing calls thrice(): task 01.2 would pass unwritten."""
    changed("tests/01_mini/unit.cpp", re.sub(r"rushlight::thrice\(\d\)", "6 * 1", COURSE["tests/01_mini/unit.cpp"]))
    done = run("checks.py", "--only", "build,blanks", root=built_course)
    assert done.returncode == 1
    assert "01.2: with only its blanks empty the task is" in done.stdout and "not todo 01.2" in done.stdout


def test_an_unknown_check_is_refused(built_course):
    done = run("checks.py", "--only", "leeks", root=built_course)
    assert done.returncode == 2 and "no check leeks" in done.stderr
