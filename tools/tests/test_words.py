"""words.py: a test may ask for a word of an error message only if whoever writes the code was told it."""

from pathlib import Path

import pytest
import words

VISIBLE = '''
// 01.1 twice  Throws ShapeError: the message names both shapes.
// "needs a ... of at least S", S the smallest size that works.
  throw ValueError("{}: features is {}, but it must be "
                   "at least 1.", {name, features});
'''


def asked(piece: str, statement: str = "twice(x)", before: str = "") -> words.Question:
    return words.Question(Path("unit.cpp"), 1, statement, before, piece)


@pytest.mark.parametrize(
    "piece",
    ["ShapeError", "(2, 3)", "-1x0", "features is 0", "at least 5", "must be at least", "No such file", "names both shapes"],
)
def test_what_is_visible_or_a_value_may_be_asked_for(piece):
    assert words.is_told(asked(piece), VISIBLE)


def test_what_the_test_hands_in_may_be_asked_for():
    assert not words.is_told(asked("banana"), VISIBLE)
    assert words.is_told(asked("banana", 'twice("banana")'), VISIBLE)
    assert words.is_told(asked("banana", before='const char* name = "banana";'), VISIBLE)
    assert words.is_told(asked("banana: features is 3", 'twice("banana")'), VISIBLE)


def test_the_name_of_what_is_called_may_only_if_it_stands_in_quotes():
    assert not words.is_told(asked("twice"), VISIBLE)
    assert not words.is_told(asked("twice:", "twice({1, 2})"), VISIBLE)
    assert words.is_told(asked("twice"), VISIBLE + '  check_features("twice", x);\n')
    assert words.is_told(asked("twice"), VISIBLE + "// Errors begin with `twice`.\n")
    assert words.is_told(asked("twice", "helper(x)"), "// as twice\n")


@pytest.mark.parametrize("piece", ["no line with an example", "features are 0", "1 value(s) per channel", "of at most 5"])
def test_other_words_may_not(piece):
    assert not words.is_told(asked(piece), VISIBLE)


def test_questions_are_found_with_their_pieces(tmp_path):
    path = tmp_path / "unit.cpp"
    path.write_text(
        "TEST(Unit_01_1, Errors) {\n"
        '  EXPECT_THROWS_WITH(f(a, "x, y"), ShapeError, "f", "(2, 3)",\n                     "two "\n                     "words");\n'
        "  EXPECT_THROWS_WITH(g({1, 2}), rushlight::Error);\n}\n"
    )
    found = words.questions_of(path)
    assert [(each.line, each.piece) for each in found] == [(2, "f"), (2, "(2, 3)"), (2, "two words")]
    assert found[0].statement == 'f(a, "x, y")'


def test_a_blanks_own_text_is_not_visible(course):
    from rushlight.course.tree import Tree

    tree = Tree(course)
    unit = course / "tests/01_mini/unit.cpp"
    unit.write_text(unit.read_text() + '\nTEST(Unit_01_1, Words) { EXPECT_THROWS_WITH(twice(0), Error, "never told"); }\n')
    problems = words.problems_of(tree, tree.modules["01"])
    assert len(problems) == 1 and "tests/01_mini/unit.cpp" in problems[0] and "'never told'" in problems[0]
