"""tests/obligations.json: what must always hold, and which tests would notice if it did not."""

import json
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OBLIGATIONS = json.loads((ROOT / "tests" / "obligations.json").read_text(encoding="utf-8"))
CASES = {
    line.strip() for path in (ROOT / "tests").glob("*/cases.txt") for line in path.read_text(encoding="utf-8").splitlines()
}


@pytest.mark.parametrize("obligation", OBLIGATIONS, ids=lambda obligation: obligation["id"])
def test_the_tests_that_it_names_exist(obligation):
    assert obligation["tests"]
    for pattern in obligation["tests"]:
        assert any(fnmatchcase(case, pattern) for case in CASES), f"no test is called {pattern}"


@pytest.mark.parametrize("obligation", OBLIGATIONS, ids=lambda obligation: obligation["id"])
def test_it_says_what_holds_and_what_to_do(obligation):
    assert set(obligation) == {"id", "invariant", "tests", "if_it_fails"}
    assert len(obligation["invariant"]) > 30 and len(obligation["if_it_fails"]) > 30


def test_ids_are_unique():
    ids = [obligation["id"] for obligation in OBLIGATIONS]
    assert len(ids) == len(set(ids)) > 10
