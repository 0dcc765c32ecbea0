"""`rush doctor`: finds what is wrong, and each problem brings the command that mends it."""

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from rushlight.building.build import Build
from rushlight.course.tree import Tree
from rushlight.machine import doctor, editor, packages

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def findings(course):
    def find(check) -> list[doctor.Finding]:
        return list(check(Tree(course.root)))

    return find


def test_a_missing_required_package_is_bad_and_an_old_one_is_noted(findings, monkeypatch):
    found = {"cmake": "3.0-1", "ninja-build": "99"}
    monkeypatch.setattr(packages, "installed_versions", lambda names: found)
    monkeypatch.setattr(packages, "at_least", lambda version, tested: version == "99")
    by_name = {finding.what.split()[0]: finding for finding in findings(doctor._packages)}
    assert by_name["libxtensor-dev"].level == "bad" and "apt-get install libxtensor-dev" in by_name["libxtensor-dev"].mend
    assert by_name["gdb"].level == "note"  # optional
    assert by_name["cmake"].level == "note" and "older" in by_name["cmake"].what
    assert by_name["ninja-build"].level == "ok"


def test_files_from_the_future_are_found(course, findings):
    path = course.root / "modules/01_alpha/a.cpp"
    os.utime(path, (time.time() + 3600,) * 2)
    (finding,) = findings(doctor._clock)
    assert finding.level == "bad" and str(path) in finding.mend


def test_a_build_folder_from_elsewhere_is_found(course, findings):
    course.write("build/student/CMakeCache.txt", "CMAKE_HOME_DIRECTORY:INTERNAL=/elsewhere\n")
    (finding,) = findings(doctor._build_folder)
    assert finding.level == "bad" and "rm -r" in finding.mend


def test_a_deleted_student_file_is_found_and_can_be_restored(course, findings):
    (course.root / "modules/01_alpha/a.cpp").unlink()
    (finding,) = findings(doctor._course)
    assert finding.level == "bad" and finding.mend == "scripts/rush reset 01"
    assert course.rush("reset", "01").code == 0
    assert findings(doctor._course)[0].level == "ok"


def test_a_full_disk_is_found(findings, monkeypatch):
    usage = doctor.shutil._ntuple_diskusage(10**10, 10**10, 10**6)
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda path: usage)
    assert findings(doctor._disk)[0].level == "bad"


def test_windows_line_ends_are_found_and_the_mend_mends_them(course, findings):
    course.write(".gitattributes", "* text=auto eol=lf\n")
    assert [finding.level for finding in findings(doctor._line_ends)] == ["ok"]
    cases = course.root / "tests/01_alpha/cases.txt"
    cases.write_bytes(cases.read_bytes().replace(b"\n", b"\r\n"))
    (finding,) = findings(doctor._line_ends)
    assert finding.level == "bad" and "tests/01_alpha/cases.txt" in finding.what
    subprocess.run(finding.mend, shell=True, cwd=course.root, check=True)
    assert [finding.level for finding in findings(doctor._line_ends)] == ["ok"]


def test_a_course_that_git_may_give_other_line_ends_is_found(findings):
    (finding,) = findings(doctor._line_ends)
    assert finding.level == "bad" and ".gitattributes" in finding.what


CHECKED = """I[14:15:49.722] Compile command from CDB is: /usr/bin/c++
E[14:15:49.941] [drv_unknown_argument] Line 1: unknown argument: '-fvect-cost-model=dynamic'
E[14:15:50.011] [typecheck_convert] Line 7: no viable conversion
"""


def test_options_that_clangd_does_not_know_are_found(course, findings, tmp_path):
    assert "clangd is missing" in findings(doctor._editor)[0].what
    course.write(".clangd", "CompileFlags:\n")
    clangd = tmp_path / "bin/clangd"
    clangd.write_text(f"#!/bin/sh\ncat >&2 <<'END'\n{CHECKED}END\n")
    clangd.chmod(0o755)
    assert "not asked" in findings(doctor._editor)[0].what  # there is no build folder
    course.rush("test", "01", "--json")
    (finding,) = findings(doctor._editor)
    assert finding.level == "bad" and "-fvect-cost-model=dynamic" in finding.what
    clangd.write_text(f"#!/bin/sh\necho '{CHECKED.splitlines()[2]}' >&2\n")  # in the student's own lines
    assert findings(doctor._editor)[0].level == "ok"


def test_the_exit_status_says_whether_something_is_bad(course, monkeypatch):
    from rushlight.commands import machine as commands_machine

    monkeypatch.setattr(commands_machine, "examine", lambda tree: [doctor.Finding("note", "n", "m")])
    assert course.rush("doctor").code == 0
    monkeypatch.setattr(commands_machine, "examine", lambda tree: [doctor.Finding("bad", "b", "mend it")])
    answer = course.rush("doctor")
    assert answer.code == 1 and "mend it" in answer.out


def test_a_given_file_that_is_missing_is_found(course, findings):
    manifest = course.root / "modules/01_alpha/module.json"
    manifest.write_text(manifest.read_text().replace('"tasks"', '"given": ["helper.cpp"], "tasks"', 1))
    (finding,) = findings(doctor._course)
    assert finding.level == "bad" and "modules/01_alpha/helper.cpp is missing" in finding.what and finding.mend


@pytest.mark.skipif(shutil.which("clangd") is None, reason="clangd is not installed")
def test_clangd_shows_no_error_of_ours():
    """In the course itself, where it is configured: its options change, and .clangd has to follow."""
    tree = Tree(ROOT)
    build = Build(tree)
    if not build.configured:
        build.configure()
    assert editor.clangd_errors(tree, build) == []
