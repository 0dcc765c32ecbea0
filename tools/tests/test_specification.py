"""specification.py: every row has its proof, and each way in which one can be missing is noticed."""

import json
from pathlib import Path

import pytest
import specification

from rushlight.course.tree import Tree

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def tree() -> Tree:
    return Tree(ROOT)


def problems(tree: Tree, **row) -> list[str]:
    return specification.problems_of(tree, [{"id": "GF-99", "text": "something", **row}])


def test_the_page_in_the_tree_is_up_to_date(tree):
    rows = specification.rows_of(tree)
    assert specification.problems_of(tree, rows) == []
    assert (ROOT / "tests" / "SPECIFICATION.md").read_text(encoding="utf-8") == specification.page_of(rows)


@pytest.mark.parametrize(
    "row, complaint",
    [
        ({}, "nothing proves it"),
        ({"tests": []}, "nothing proves it"),
        ({"tests": ["Unit_01_1.NoSuchCase"]}, "no test is called Unit_01_1.NoSuchCase"),
        ({"tests": ["Unit_99_9.*"]}, "no test is called"),
        ({"mutants": ["01-no-such-mutant"]}, "no mutant is called"),
        ({"python": ["tools/tests/test_specification.py::no_such" + "_test"]}, "there is no tools/tests"),
        ({"python": ["tools/tests/test_specification.py"]}, "there is no tools/tests"),
        ({"waits_for": ["05"]}, "it waits for 05, which is there"),
        ({"tests": ["GradientFlow_05_2.*"], "reason": "none"}, "what is 'reason'"),
        ({"id": "R1", "mutants": ["05-order-null-inputs"]}, "does not say which cases must notice it"),
        ({"id": "XX-01", "tests": ["GradientFlow_05_2.*"]}, "expected one of"),
    ],
)
def test_what_is_missing_is_named(tree, row, complaint):
    found = problems(tree, **row)
    assert len(found) == 1 and complaint in found[0]


def test_sound_rows_pass(tree):
    assert problems(tree, tests=["GradientFlow_05_2.*"], mutants=["05-order-null-inputs"]) == []
    assert problems(tree, waits_for=["99"]) == []
    assert problems(tree, does_not_apply="there is no such thing here") == []


def test_a_row_twice(tree):
    row = {"id": "R1", "text": "something", "waits_for": ["99"]}
    assert specification.problems_of(tree, [row, row]) == ["R1 stands there twice."]


def test_a_table_of_markdown(tree):
    page = specification.page_of(specification.rows_of(tree))
    rows = [line for line in page.splitlines() if line.startswith("| ") and not line.startswith("| row")]
    assert len(rows) == len(json.loads((ROOT / "tests/specification.json").read_text(encoding="utf-8")))
    assert all(line.count("|") == 4 for line in rows)


def test_the_state_of_a_row_is_that_of_its_cases(capsys):
    rows = [{"id": "GF-01", "tests": ["Unit_01_1.*"]}, {"id": "GF-02", "tests": ["Unit_01_2.A"]}, {"id": "GF-03", "mutants": ["m"]}]
    states = {"Unit_01_1.A": "pass", "Unit_01_1.B": "wrong"}
    assert specification.show_states(rows, states) == ["GF-01: Unit_01_1.B is wrong.", "GF-02: Unit_01_2.A did not run."]
    printed = capsys.readouterr().out
    assert "GF-01  Unit_01_1.B is wrong" in printed and "GF-03  0 cases passed; 0 tests of programs, 1 mutants" in printed
