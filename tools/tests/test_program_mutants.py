"""Tests the tests of the programs: each mistake of program_mutants.json is planted in a copy of the package, and the tests
that it names (`kills`, with a word of what they then say) have to fail. Without a mistake they pass."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MUTANTS = json.loads((Path(__file__).parent / "program_mutants.json").read_text(encoding="utf-8"))


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def failures(tree: Path, tests: list[str]) -> dict[str, str]:
    """Of those tests that fail, what they say. It is an error when one of them is not there at all."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb=short", "--junitxml=found.xml", *tests]
    ran = subprocess.run(
        command, cwd=tree, capture_output=True, text=True, env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    )
    assert ran.returncode in (0, 1), ran.stdout + ran.stderr
    return {test: ran.stdout for test in tests if f"FAILED {test}" in ran.stdout}


def test_without_a_mistake_they_pass(copy: Path):
    assert failures(copy, sorted({test for mutant in MUTANTS for test in mutant["kills"]})) == {}


@pytest.mark.parametrize("mutant", MUTANTS, ids=[mutant["id"] for mutant in MUTANTS])
def test_a_mistake_is_noticed(copy: Path, mutant: dict):
    file = copy / "scripts" / "rushlight" / mutant["file"]
    text = file.read_text(encoding="utf-8")
    assert text.count(mutant["find"]) == 1
    file.write_text(text.replace(mutant["find"], mutant["replace"]), encoding="utf-8")
    found = failures(copy, list(mutant["kills"]))
    assert found.keys() == mutant["kills"].keys()
    for test, words in mutant["kills"].items():
        assert words in found[test]
