"""`rush release`: the students' tree, complete and without a line of a solution."""

import shutil
from pathlib import Path

import pytest

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
    answer = course.rush("release", str(tmp_path / "x"))
    assert answer.code == 2 and answer.err.count("rush: ") == 1


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


@pytest.fixture
def students(course, git, tmp_path, monkeypatch):
    """Makes the students' tree with these options, and turns to it."""

    def make(*options: str) -> None:
        assert course.rush("release", str(tmp_path / "students"), *options).code == 0
        course.root = tmp_path / "students"
        monkeypatch.setenv("RUSHLIGHT_ROOT", str(course.root))

    return make


def archives(course) -> list[str]:
    return sorted(path.name for path in course.root.glob("reference/*/*.a"))


def test_students_can_borrow_every_module(course, students):
    students()
    assert archives(course) == ["01_alpha.a", "02_beta.a"]
    (archive,) = course.root.glob("reference/*/01_alpha.a")
    assert archive.read_text() == "stripped machine code of rl_01_ref\n" and archive.parent.name.startswith("Linux-")
    assert (archive.parent / "made_with.txt").is_file()
    course.solve("02_beta")
    shutil.rmtree(course.root / "modules/01_alpha/.skeleton")
    for file in course.root.glob("modules/01_alpha/*.cpp"):
        file.unlink()
    assert course.rush("test", "02", "--reference", "01").code == 0
    assert course.rush("test", "02", "--stack", "isolated").code == 0


def test_an_instructor_lends_some_modules_or_none(course, students):
    students("--borrow", "02")
    assert archives(course) == ["02_beta.a"]
    refused = course.rush("test", "02", "--reference", "01")
    assert refused.code == 2 and "cannot lend module 01" in refused.err and "these can be borrowed: 02" in refused.err
    refused = course.rush("test", "02", "--stack", "isolated")
    assert refused.code == 2 and "reference of 01" in refused.err and "the stacks here: own, accelerated" in refused.err
    assert course.rush("test", "01", "--stack", "isolated", "--json").code == 1  # it needs no other module
    asked = " ".join(course.rush("test", "--stack").err.split())
    assert "earlier ones the reference, up to 01" in asked and "solution" not in asked


def test_where_nothing_is_lent_nothing_is_advised(course, students):
    students("--borrow", "none", "--no-reveal")
    assert not (course.root / "reference").exists()
    for command in (["test", "--stack", "solution"], ["test", "--reference", "01"]):
        answer = course.rush(*command)
        assert answer.code == 2 and answer.err.count("rush: ") == 1 and "solutions/" not in answer.err
    asked = course.rush("test", "--stack")
    assert asked.code == 2 and "own" in asked.err and "isolated" not in asked.err
    assert "yours, with the kernels" in asked.err and "solutions" not in asked.err
    helped = [course.rush(*command, "--help").out for command in (["test"], ["milestone"], ["compare"], ["export", "sample"])]
    assert not [page for page in helped if "borrow" in page or "--reference" in page or "and the reference's" in page]
    listed = course.rush("--help").out
    assert not [name for name in ("mutants", "release", "reveal") if f"\n  {name} " in listed]


def test_benchmarks_of_the_reference_are_not_offered_to_students(course, students):
    assert "libtorch" in course.rush("bench", "--help").out
    students()
    offered = course.rush("bench").out
    assert "libtorch" not in course.rush("--help").out + offered and "\n  ladder " in offered


def test_the_stacks_that_exist_are_listed(course, students):
    students()
    assert all(stack in course.rush("test", "--stack").err for stack in ("own", "isolated", "solution", "accelerated"))
    assert "\n  reveal " in course.rush("--help").out and "\n  mutants " not in course.rush("--help").out
    assert "--force" not in course.rush("reveal", "--help").out and "--reference" in course.rush("reveal", "--help").out


def test_archives_that_do_not_fit_this_machine_are_not_offered(course, students):
    students()
    course.write("build/student/CMakeCache.txt", "RUSHLIGHT_NO_REFERENCE:INTERNAL=they were made with GNU 14\n")
    refused = course.rush("test", "02", "--reference", "01")
    assert refused.code == 2 and "made with GNU 14" in refused.err and "leave --reference out" in refused.err


def test_a_pass_opens_the_reference(course, students):
    students()
    refused = course.rush("reveal", "01.1")
    assert refused.code == 1 and "does not pass yet" in refused.err and "--force" not in refused.err
    assert "secret" not in (course.root / "reference/sealed/01.1.txt").read_text()
    assert course.rush("reveal", "01.1", "--force", "--yes").code == 2
    course.student("01_alpha/a.cpp", "// done\n")
    shown = course.rush("reveal", "01.1")
    assert shown.code == 0 and "return secret_f011(x)" in shown.out and "01_alpha/a.cpp" in shown.out
    assert "solutions/" not in shown.out and "secret_f012" not in shown.out


def test_a_pass_with_borrowed_modules_opens_the_reference(course, students):
    students()
    course.student("01_alpha/a.cpp", "WRONG 01.1\n")
    course.solve("02_beta")
    (course.root / "modules/01_alpha/b.cpp").unlink()
    refused = course.rush("reveal", "02.2")
    assert refused.code == 1 and "reveal 02.2 --reference NN" in refused.err
    assert "secret_f022" in course.rush("reveal", "02.2", "--reference", "01").out
    own = course.rush("reveal", "01.1", "--reference", "01")
    assert own.code == 2 and "would not be yours" in own.err


def test_a_seal_that_other_tests_made_says_so(course, students):
    students()
    course.solve("01_alpha")
    course.write("tests/01_alpha/cases.txt", "Unit_01_1.Renamed\nUnit_01_2.Multiplies\n")
    assert "sealed for other tests" in course.rush("reveal", "01.1").err
