"""Skeletons come from solutions, and a solution that cannot give one is refused with its place."""

import pytest
from conftest import COURSE, MINI, MINI_SKELETON, script

import skeleton
from rushlight.basics.errors import RushError

SOLUTION = "solutions/01_mini/mini.cpp"
SKELETON = "modules/01_mini/mini.cpp"


def test_strip_makes_the_skeleton():
    assert skeleton.strip(MINI, "mini.cpp") == MINI_SKELETON


def test_strip_only_one_task_leaves_the_rest_solved():
    text = skeleton.strip(MINI, "mini.cpp", "01.1")
    assert text.count('todo("01.1");') == 1 and "01.2\");" not in text
    assert "twice(x) + x" in text and "int doubled_by_the_helper" in text


def test_gaps_are_closed_and_an_anonymous_namespace_with_content_stays():
    text = "namespace {\n\n// solution helper\nint a;\n// end solution\n\nint b;\n}  // namespace\n"
    assert skeleton.strip(text, "x.cpp") == "namespace {\n\nint b;\n}  // namespace\n"


INFERRED = """\
namespace {  // solution

int doubled(int x) { return x + x; }

}  // namespace

// 01.1 twice  x -> 2x
// Hint: add.
int twice(int x) { return doubled(x); }

// 01.2 thrice  x -> 3x
int thrice(int x,
           int unused) {
  return twice(x) + x;
}

// No task: this stays.
int one() { return 1; }
"""

INFERRED_SKELETON = """\

// 01.1 twice  x -> 2x
// Hint: add.
int twice(int x) {
  todo("01.1");
}

// 01.2 thrice  x -> 3x
int thrice(int x,
           int unused) {
  todo("01.2");
}

// No task: this stays.
int one() { return 1; }
"""


def test_a_contract_is_enough_to_blank_the_body_under_it():
    assert skeleton.strip(INFERRED, "x.cpp") == INFERRED_SKELETON


def test_a_mark_inside_a_body_leaves_the_rest_of_it():
    text = "// 01.1 f  x\nint f() {\n  int x = 1;\n  // solution 01.1\n  return x;\n  // end solution\n}\n"
    assert skeleton.strip(text, "x.cpp") == '// 01.1 f  x\nint f() {\n  int x = 1;\n  todo("01.1");\n}\n'


@pytest.mark.parametrize(
    "text, message",
    [
        ("// solution 01.1\n", "x.cpp:1: region 01.1 has no `// end solution`"),
        ("int a;\n// end solution\n", "x.cpp:2: `// end solution` without"),
        ("// solution 01.1\n// solution 01.2\n// end solution\n", "x.cpp:2: a region begins inside the one of line 1"),
        ("// solution 1.1\n", "x.cpp:1: `// solution 1.1` is not a marker"),
        ("// End solution.\n", "x.cpp:1: `// End solution.` is not a marker"),
        ("namespace {  // solution\nint a;\n", "x.cpp:1: region helper has no `}  // namespace`"),
        ("namespace { // the solution\n", "x.cpp:1: `namespace { // the solution` is not a marker"),
    ],
)
def test_bad_markers_are_named_with_their_line(text, message):
    with pytest.raises(RushError) as error:
        skeleton.strip(text, "x.cpp")
    assert message in error.value.message


def test_generate_and_check(course):
    assert script("skeleton.py", "--check", root=course).returncode == 0
    (course / SKELETON).write_text(MINI_SKELETON.replace("Hint: add.", "Hint: subtract."))
    done = script("skeleton.py", "--check", root=course)
    assert done.returncode == 1 and f"{SKELETON}:9: not what its solution gives" in done.stderr
    assert script("skeleton.py", root=course).stdout == f"wrote {SKELETON}\n"
    assert (course / SKELETON).read_text() == MINI_SKELETON
    done = script("skeleton.py", "generate", "01", root=course)
    assert (done.returncode, done.stdout) == (0, ""), "an unchanged file keeps its time stamp"


def test_strip_on_the_command_line(course):
    done = script("skeleton.py", "strip", course / SOLUTION, "--only", "01.2", root=course)
    assert done.returncode == 0 and done.stdout.count('todo("01.2");') == 2
    done = script("skeleton.py", "strip", course / SOLUTION, "--only", "01.7", root=course)
    assert done.returncode == 2 and "no region of task 01.7" in done.stderr


def edit(course, path, old, new):
    text = COURSE[path]
    assert old in text
    (course / path).write_text(text.replace(old, new))


@pytest.mark.parametrize(
    "path, old, new, message",
    [
        (SOLUTION, "// solution 01.1", "// solution 01.3", "mini.cpp:18: there is no task 01.3"),
        (SOLUTION, "// solution 01.1", "// solution 01.3", "task 01.1 has no region in"),
        (SOLUTION, "// 01.1 twice", "// twice", "mini.cpp:18: no comment in the skeleton says what 01.1 asks"),
        ("modules/01_mini/module.json", '"given": []', '"given": ["todo.cpp"]', '"given" lists todo.cpp'),
    ],
)
def test_solutions_and_manifest_must_agree(course, path, old, new, message):
    edit(course, path, old, new)
    done = script("skeleton.py", "--check", root=course)
    assert done.returncode == 1 and message in done.stderr


def test_every_file_is_listed(course):
    (course / "solutions/01_mini/more.cpp").write_text("// more\n")
    (course / "modules/01_mini/stray.cpp").write_text("// stray\n")
    done = script("skeleton.py", "--check", root=course)
    assert "solutions/01_mini/more.cpp: not listed" in done.stderr
    assert "modules/01_mini/stray.cpp: neither in" in done.stderr


def test_a_given_file_says_so(course):
    edit(course, "modules/01_mini/module.json", '"given": []', '"given": ["node.cpp"]')
    (course / "modules/01_mini/node.cpp").write_text("// node.cpp: the graph.\n")
    assert "says `given`" in script("skeleton.py", "--check", root=course).stderr
    (course / "modules/01_mini/node.cpp").write_text("// node.cpp: given. The graph.\n")
    assert script("skeleton.py", "--check", root=course).returncode == 0


def test_the_students_tree_has_nothing_to_generate_from(course):
    (course / SOLUTION).unlink()
    (course / "solutions/01_mini").rmdir()
    (course / "solutions").rmdir()
    done = script("skeleton.py", root=course)
    assert done.returncode == 2 and "no solutions/" in done.stderr
