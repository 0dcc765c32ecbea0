"""lines.py: what counts as code, where a function ends, and whether the README tells today's figure."""

import lines
import pytest
from conftest import MINI, ROOT, script

from rushlight.course.tree import Tree

SOURCE = """\
// file.cpp: one of each.
#include <vector>

namespace rushlight {
namespace {  // solution

constexpr int table[] = {1, 2,
                         3};

struct Pair {
  int sum() const { return a + b; }
  int a = 0, b = 0;
};

}  // namespace

// 01.1 f  x -> x
Array f(const Array& x,
        int axis) {
  // solution 01.1
  if (axis > 0) {
    return x;
  }
  // end solution
}

Linear::Linear(int in) : in_(in) {}

}  // namespace rushlight
"""


def test_code_is_what_is_no_comment_blank_include_or_namespace():
    counted = lines.count(SOURCE)
    assert (counted.code, counted.comments) == (2 + 4 + 6 + 1, 2)


def test_functions_are_free_ones_and_members():
    assert lines.functions(SOURCE.splitlines()) == [1, 8, 1]


@pytest.mark.parametrize("text", ["int f();\n", "int x = f(1);\n", "struct A {\n  int x;\n};\n", "enum class E { a };\n"])
def test_a_declaration_is_no_function(text):
    assert lines.functions(text.splitlines()) == []


def test_a_course_is_counted(course):
    done = script("lines.py", root=course)
    assert done.returncode == 0, done.stderr
    rows = [line.split() for line in done.stdout.splitlines()]
    assert rows[1][:4] == ["01_mini", str(lines.count(MINI).code), str(lines.count(MINI).comments), "3"]
    assert rows[2][0] == "total"


def test_long_files_are_named(course):
    (course / "solutions/01_mini/mini.cpp").write_text(MINI + "// more\n" * 300)
    assert "solutions/01_mini/mini.cpp has 3" in script("lines.py", root=course).stdout


def test_the_figures_are_written_into_the_readme(course):
    readme, count = course / "README.md", len((course / "tests/01_mini/cases.txt").read_text().split())
    readme.write_text("The reference is 1,234 lines of code, says this.\n7 passed, 0 failed\n")
    assert script("lines.py", "--update", root=course).returncode == 0
    assert readme.read_text() == f"The reference is {lines.count(MINI).code} lines of code, says this.\n{count} passed, 0 failed\n"
    readme.write_text("The reference is 1,234 lines of code, says this.\n")
    assert script("lines.py", "--update", root=course).returncode != 0
    readme.write_text("nothing\n")
    assert script("lines.py", "--update", root=course).returncode != 0


def test_the_readme_tells_todays_figures():
    tree, readme = Tree(ROOT), (ROOT / "README.md").read_text(encoding="utf-8")
    told = (lines.SENTENCE.findall(readme), lines.VERDICT.findall(readme))
    assert told == ([f"{lines.table(tree)[1].code:,}"], [str(lines.cases(tree))]), "run: python3 tools/lines.py --update"
