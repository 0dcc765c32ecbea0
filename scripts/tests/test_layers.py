"""The packages of rushlight stand on each other in one order; no import goes upwards or sideways."""

import ast
from pathlib import Path

import pytest

RUSHLIGHT = Path(__file__).resolve().parents[1] / "rushlight"
LAYERS = (
    ("basics",),
    ("course", "steps"),
    ("building",),
    ("verdicts",),
    ("milestones", "benchmarks", "compare", "gpu", "machine", "ranks", "site"),
    ("commands",),
)
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}


def test_every_package_has_its_place_and_says_what_it_is_for():
    found = {path.parent.name: ast.get_docstring(ast.parse(path.read_text())) for path in RUSHLIGHT.glob("*/__init__.py")}
    assert found.keys() == LEVEL.keys()
    assert all(text and "\n" not in text for text in found.values())


@pytest.mark.parametrize("package", LEVEL)
def test_imports_go_downwards(package):
    for path in (RUSHLIGHT / package).glob("*.py"):
        imports = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ImportFrom)]
        others = {node.module.split(".")[0] for node in imports if node.level == 2}
        assert all(LEVEL[other] < LEVEL[package] for other in others), f"{path.name} imports {others}"
