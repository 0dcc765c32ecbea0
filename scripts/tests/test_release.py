"""`rush release`: the students' tree, complete and without a line of a solution."""

import shutil
from pathlib import Path

from conftest import skeleton_text


def files_below(folder) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_it_holds_skeletons_and_tests_and_no_solution(course, git, tmp_path):
    course.write("tests/mutants/01.json", "[]")
    course.write("scripts/rush", "#!/bin/sh\n")
    course.write("tools/mutants.py", "secret_tool")
    course.write("CONTRIBUTING.md", "python3 tools/mutants.py")
    course.write("scripts/tests/test_x.py", "")
    course.write(".ci/run", "")
    git("add", "-A")
    course.write("notes.txt", "not tracked")
    course.student("01_alpha/a.cpp", "the instructor's own try\n")
    answer = course.rush("release", str(tmp_path / "out/students"))
    assert answer.code == 0
    students = tmp_path / "out/students"
    found = files_below(students)
    assert {"scripts/rush", "modules/01_alpha/module.json", "tests/01_alpha/cases.txt", "CMakePresets.json"} <= found
    forbidden = ("solutions/", "tests/mutants/", ".ci/", "tools/", "scripts/tests/", "CONTRIBUTING.md", "notes.txt", ".git/")
    assert not [name for name in found if name.startswith(forbidden)]
    assert not [name for name in found if "secret" in (students / name).read_text()]
    assert (students / "modules/01_alpha/a.cpp").read_text() == skeleton_text(["01.1"])
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["students"]  # nothing half-made is left


def test_a_released_tree_tests_resets_and_explains_itself(course, git, tmp_path, monkeypatch):
    course.rush("release", str(tmp_path / "students"))
    course.root = tmp_path / "students"
    monkeypatch.setenv("RUSHLIGHT_ROOT", str(course.root))
    verdict = course.rush("test", "--json").json
    assert {task["state"] for task in verdict["tasks"] if task["points"]} == {"todo"}
    course.student("01_alpha/a.cpp", "my work\n")
    assert course.rush("reset", "01").code == 0
    assert (course.root / "modules/01_alpha/a.cpp").read_text() == skeleton_text(["01.1"])
    for command in (["test", "--stack", "solution"], ["test", "--reference", "01"], ["release", str(tmp_path / "x")]):
        answer = course.rush(*command)
        assert answer.code == 2 and answer.err.count("rush: ") == 1
    assert "no solutions" in course.rush("reveal", "01.1").err


def test_a_folder_with_something_in_it_is_refused(course, git, tmp_path):
    target = tmp_path / "full"
    target.mkdir()
    (target / "precious").write_text("x")
    answer = course.rush("release", str(target))
    assert answer.code == 2 and "not an empty folder" in answer.err
    assert files_below(target) == {"precious"}


def test_an_empty_folder_is_filled(course, git, tmp_path):
    (tmp_path / "empty").mkdir()
    assert course.rush("release", str(tmp_path / "empty")).code == 0
    assert (tmp_path / "empty/CMakePresets.json").is_file()


def test_a_failure_leaves_nothing_behind(course, git, tmp_path):
    shutil.rmtree(course.root / "solutions/02_beta")
    (tmp_path / "out").mkdir()
    assert course.rush("release", str(tmp_path / "out/students")).code != 0
    assert list((tmp_path / "out").iterdir()) == []


def test_it_wants_a_git_clone(course, tmp_path):
    answer = course.rush("release", str(tmp_path / "students"))
    assert answer.code == 2 and "git" in answer.err


def test_the_readme_of_students_promises_nothing_that_needs_solutions():
    from rushlight.course.release import for_students

    text = "start\n\n<!-- with solutions -->\nrun the reference\n<!-- end with solutions -->\n\nend\n"
    assert for_students(text) == "start\n\nend\n"
    here = Path(__file__).resolve().parents[2] / "README.md"
    shown = for_students(here.read_text(encoding="utf-8"))
    assert not [words for words in ("--stack solution", "CONTRIBUTING", "tools/") if words in shown]


def test_a_file_that_git_does_not_track_is_missed_before_students_miss_it(course, git, tmp_path):
    manifest = course.root / "modules/01_alpha/module.json"
    manifest.write_text(manifest.read_text().replace('"tasks"', '"given": ["new.cpp"], "tasks"', 1))
    course.write("modules/01_alpha/new.cpp", "// new.cpp: given.\n")
    answer = course.rush("release", str(tmp_path / "students"))
    assert answer.code == 2 and "modules/01_alpha/new.cpp" in answer.err and "git add" in answer.err
    assert not (tmp_path / "students").exists()
