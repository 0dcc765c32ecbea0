"""Whatever can be expected to go wrong: one message, the next step, the right exit status, no traceback."""

import os

import pytest


@pytest.mark.parametrize(
    "command, expected",
    [
        (["tset"], "did you mean test?"),
        (["test", "07"], "01 to 02"),
        (["test", "alhpa"], "did you mean alpha?"),
        (["hint", "01.3"], "did you mean 01."),
        (["test", "--stack", "mine"], "own, isolated, solution"),
        (["test", "--stak", "own"], "--stack"),
        (["test", "regression"], "tests/regression/cases.txt"),
        (["hint"], "hint --help"),
        (["milestone", "mlp"], "scripts/rush milestone"),
    ],
)
def test_misuse_ends_with_status_2_and_a_suggestion(course, command, expected):
    answer = course.rush(*command)
    assert answer.code == 2
    assert expected in answer.err
    assert answer.out == "" and "Traceback" not in answer.err


def test_a_corrupt_manifest_is_named_with_its_line(course):
    course.write("modules/02_beta/module.json", '{"title": "Beta",\n  oops}')
    answer = course.rush("status")
    assert answer.code == 2
    assert "modules/02_beta/module.json:2:3: not valid JSON" in answer.err


@pytest.mark.parametrize(
    "text, complaint",
    [
        ("[]", "expected an object"),
        ('{"title": "B", "xtensr": []}', 'there is no key "xtensr"'),
        ('{"title": 3, "tier": "x", "needs": [], "files": [], "tasks": []}', "1 to 9 tasks"),
        ('{"title": "B", "tier": "x", "needs": [], "files": ["b.cpp"], "tasks": [{"id": "03.1"}]}', '"02.1"'),
        (
            '{"title": "B", "tier": "x", "needs": [], "files": ["b.cpp"], '
            '"tasks": [{"id": "02.1", "title": "t", "file": "c.cpp", "points": 1, "hints": []}]}',
            "c.cpp",
        ),
    ],
)
def test_a_manifest_that_makes_no_sense_is_explained(course, text, complaint):
    course.write("modules/02_beta/module.json", text)
    answer = course.rush("status")
    assert answer.code == 2 and complaint in answer.err and "02_beta/module.json" in answer.err


def test_a_failed_configuration_shows_cmakes_reason(course):
    course.write("break-configure", "")
    answer = course.rush("test", "01")
    assert answer.code == 2
    assert "Rushlight needs xtensor. Install it: sudo apt-get install libxtensor-dev" in answer.err
    assert "Call Stack" not in answer.err


def test_a_launcher_that_fails_is_quoted(course):
    course.student("01_alpha/a.cpp", "LAUNCHER FAILS\n")
    answer = course.rush("test", "01")
    assert answer.code == 2 and "cannot make a folder" in answer.err


def test_a_missing_tool_names_its_package(course, tmp_path, monkeypatch):
    only = tmp_path / "only"
    only.mkdir()
    (only / "cmake").symlink_to(tmp_path / "bin/cmake")
    monkeypatch.setenv("PATH", str(only))
    answer = course.rush("test", "01")
    assert answer.code == 2
    assert "ninja is not installed" in answer.err and "ninja-build" in answer.err


def test_a_build_folder_that_came_from_elsewhere_is_configured_afresh(course):
    course.rush("test", "01")
    cache = course.root / "build/student/CMakeCache.txt"
    cache.write_text("CMAKE_HOME_DIRECTORY:INTERNAL=/somewhere/else\nRUSHLIGHT_REFERENCE:STRING=\n")
    assert course.rush("test", "01", "--json").json["todo"] == 3
    assert "--fresh" in (course.root / "build/student/configured.txt").read_text().splitlines()[-1]


def test_changed_presets_configure_again_and_only_then(course):
    course.rush("test", "01")
    course.rush("test", "01")
    log = course.root / "build/student/configured.txt"
    assert len(log.read_text().splitlines()) == 1
    ninja_file = course.root / "build/student/build.ninja"
    later = ninja_file.stat().st_mtime + 5
    os.utime(course.root / "CMakePresets.json", (later, later))
    course.rush("test", "01")
    assert len(log.read_text().splitlines()) == 2


def test_verdicts_that_cannot_be_remembered_are_given_all_the_same(course, monkeypatch):
    import errno

    from rushlight.basics import files

    def full(*arguments, **options):
        raise OSError(errno.ENOSPC, "No space left on device", "verdicts/01.json")

    monkeypatch.setattr(files.os, "replace", full)
    answer = course.rush("test", "01", "--json")
    assert answer.json["todo"] == 3 and "cannot be remembered: No space left on device" in answer.err
    assert not list((course.root / "build/student/verdicts").rglob(".*"))  # no half-written file either


def test_a_full_disk_is_no_verdict(course):
    course.write("disk-full", "")
    answer = course.rush("test", "01", "--json")
    assert answer.code == 2 and answer.json["tasks"] == [] and answer.json["wrong"] == 0
    assert "No space left on device" in answer.json["error"] and "No space left on device" in answer.err


def test_a_damaged_build_file_is_made_anew_once(course):
    course.rush("test", "01")
    course.write("build/student/build.ninja", "# fa")
    assert course.rush("test", "01", "--json").json["todo"] == 3
    assert len((course.root / "build/student/configured.txt").read_text().splitlines()) == 2


def test_garbage_in_cmakes_cache_is_configured_afresh(course):
    course.rush("test", "01")
    (course.root / "build/student/CMakeCache.txt").write_bytes(b"\x00\xff garbage")
    assert course.rush("test", "01", "--json").json["todo"] == 3
    assert "--fresh" in (course.root / "build/student/configured.txt").read_text().splitlines()[-1]


def test_a_broken_manifest_still_gives_an_object(course):
    course.write("modules/02_beta/module.json", "{oops")
    answer = course.rush("test", "01", "--json")
    assert answer.code == 2 and "module.json:1:2" in answer.json["error"]
    assert answer.json["tasks"] == [] and answer.json["passed"] == 0


def test_ctrl_c_is_one_line_and_status_130(course, monkeypatch):
    from rushlight.verdicts.runner import Runner

    def interrupted(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(Runner, "test", interrupted)
    answer = course.rush("test", "01")
    assert answer.code == 130 and answer.err.strip() == "rush: stopped."


def test_a_tree_without_modules_says_so(course, monkeypatch, tmp_path):
    monkeypatch.setenv("RUSHLIGHT_ROOT", str(tmp_path))
    answer = course.rush("status")
    assert answer.code == 2 and "no modules" in answer.err
