"""A sample of mutants is enough only where nothing changed since all of them were killed."""

import proven
import pytest
from rushlight.basics.files import read_json
from rushlight.course.tree import find_tree


@pytest.fixture
def module(course):
    tree = find_tree()
    first = next(iter(tree.modules.values()))
    (course / "tests" / "mutants").mkdir(parents=True, exist_ok=True)
    (course / "tests" / "mutants" / f"{first.number}.json").write_text("[]")
    return tree, first


def test_what_was_never_recorded_is_not_proven(module):
    assert not proven.is_proven(*module)


def test_what_is_as_it_was_is_proven(module):
    tree, first = module
    proven.record(tree, first, [])
    assert proven.is_proven(tree, first)


@pytest.mark.parametrize("top", ["solutions", "tests"])
def test_a_changed_file_undoes_the_proof(module, top):
    tree, first = module
    proven.record(tree, first, [])
    path = next((tree.root / top / first.name).glob("*.cpp"))
    path.write_text(path.read_text() + "\n")
    assert not proven.is_proven(tree, first)


def test_another_mutant_undoes_the_proof(module):
    tree, first = module
    proven.record(tree, first, [])
    (tree.root / "tests" / "mutants" / f"{first.number}.json").write_text("[{}]")
    assert not proven.is_proven(tree, first)


def test_the_record_is_the_matrix(module):
    tree, first = module
    matrix = [{"id": "01-x", "killer": "Unit_01_1.Doubles", "message": "3, expected 4", "naive": True}]
    proven.record(tree, first, matrix)
    assert read_json(tree.root / "tests" / "proven" / f"{first.number}.json")["mutants"] == matrix


def test_a_broken_record_proves_nothing(module):
    tree, first = module
    (tree.root / "tests" / "proven").mkdir()
    (tree.root / "tests" / "proven" / f"{first.number}.json").write_text("{")
    assert not proven.is_proven(tree, first)


def test_a_sample_has_one_in_so_many_and_keeps_the_order():
    chosen = proven.sample(list(range(100)), 6, seed=3)
    assert len(chosen) == 17 and chosen == sorted(set(chosen))
    assert chosen == proven.sample(list(range(100)), 6, seed=3) != proven.sample(list(range(100)), 6, seed=4)
    assert proven.sample([7], 6, seed=1) == [7]
    assert proven.sample([], 6, seed=1) == []
