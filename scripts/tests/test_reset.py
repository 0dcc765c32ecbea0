"""reset: a module, a task, and back again."""

from pathlib import Path

import pytest

from conftest import skeleton_text
from rushlight.course.reset import _with_blanks
from rushlight.course.skeletons import skeletons
from rushlight.course.tree import Tree

ROOT = Path(__file__).resolve().parents[2]


def backups(course) -> list[Path]:
    return sorted((course.root / ".rush/backup").glob("*"))


def test_reset_restores_the_skeleton_and_keeps_a_copy(course):
    course.student("01_alpha/a.cpp", "my work\n")
    answer = course.rush("reset", "01")
    assert answer.code == 0
    assert (course.root / "modules/01_alpha/a.cpp").read_text() == skeleton_text(["01.1"])
    (backup,) = backups(course)
    assert (backup / "a.cpp").read_text() == "my work\n" and str(backup.relative_to(course.root)) in answer.out


def test_a_second_reset_never_writes_over_the_first_backup(course):
    for text in ("first\n", "second\n"):
        course.student("01_alpha/a.cpp", text)
        course.rush("reset", "01")
    assert sorted((folder / "a.cpp").read_text() for folder in backups(course)) == ["first\n", "second\n"]


def test_nothing_changed_nothing_kept(course):
    answer = course.rush("reset", "01")
    assert answer.code == 0 and "nothing to restore" in answer.out and backups(course) == []


def test_reset_leaves_other_modules_alone(course):
    course.student("02_beta/beta.cpp", "my work\n")
    course.rush("reset", "01")
    assert (course.root / "modules/02_beta/beta.cpp").read_text() == "my work\n"


def test_a_deleted_file_comes_back(course):
    (course.root / "modules/01_alpha/a.cpp").unlink()
    assert course.rush("reset", "01").code == 0
    assert (course.root / "modules/01_alpha/a.cpp").read_text() == skeleton_text(["01.1"])


MINE = skeleton_text(["02.1", "02.2"]).replace('  todo("02.1");', "  if (x) {\n    return x;\n  }\n\n  return mine(x);").replace(
    'int f022(int x) {\n  todo("02.2");\n}', "int f022(int x) { return my_other(x); }"
)


def test_one_task_becomes_blank_and_the_rest_stays(course):
    course.student("02_beta/beta.cpp", MINE)
    answer = course.rush("reset", "02.1")
    text = (course.root / "modules/02_beta/beta.cpp").read_text()
    assert answer.code == 0 and "my_other" in text and "mine(x)" not in text and text.count('todo("02.1")') == 1
    course.rush("reset", "02.2")
    assert (course.root / "modules/02_beta/beta.cpp").read_text() == skeleton_text(["02.1", "02.2"])


def test_undo_brings_back_and_takes_away_again(course):
    course.student("02_beta/beta.cpp", MINE)
    course.rush("reset", "02.1")
    undone = course.rush("reset", "02", "--undo").out
    assert "brought back beta.cpp" in undone and "what stood there: .rush/backup/02-" in undone
    assert (course.root / "modules/02_beta/beta.cpp").read_text() == MINE
    course.rush("reset", "02.1", "--undo")
    assert 'todo("02.1")' in (course.root / "modules/02_beta/beta.cpp").read_text()
    assert course.rush("reset", "01", "--undo").code == 1


def test_a_task_whose_function_is_gone_says_what_to_do(course):
    course.student("02_beta/beta.cpp", "// all gone\n")
    answer = course.rush("reset", "02.1")
    assert answer.code == 1 and "int f021(int x) {" in answer.err and "scripts/rush reset 02" in answer.err
    assert (course.root / "modules/02_beta/beta.cpp").read_text() == "// all gone\n" and backups(course) == []


@pytest.mark.parametrize("number", Tree(ROOT).modules)
def test_every_task_of_the_course_can_be_reset_alone(number, tmp_path):
    """In files where all is written, the blanks of one task come back, all of them and no other."""
    tree = Tree(ROOT)
    module = tree.modules[number]
    if not tree.has_solutions:
        pytest.skip("needs solutions/")
    from dataclasses import replace

    written = replace(module, folder=ROOT / "solutions" / module.name)
    for task in module.tasks:
        for name, skeleton in skeletons(tree, module).items():
            if name in task.files:
                text = _with_blanks(written, name, skeleton, task)
                blanks = [line for line in text.splitlines() if line.strip().startswith("todo(")]
                wanted = [line for line in skeleton.splitlines() if f'todo("{task.id}")' in line]
                assert blanks[: len(wanted)] and set(blanks) >= set(wanted)
                assert sum(f'todo("{task.id}")' in line for line in blanks) == len(wanted)
