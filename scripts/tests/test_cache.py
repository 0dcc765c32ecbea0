"""Verdicts are remembered by what was tested, and by nothing else."""

import json


def test_an_unchanged_program_is_not_run_again(course):
    course.rush("test", "01")
    first = course.rush("test", "01", "--json")
    assert course.launches() == ["test_01_own"]
    assert first.json["todo"] == 3


def test_no_cache_runs_it_again(course):
    course.rush("test", "01")
    course.rush("test", "01", "--no-cache")
    assert course.launches() == ["test_01_own"] * 2


def test_that_something_took_too_long_is_not_remembered(course):
    course.student("01_alpha/a.cpp", "SLOW 01.1\n")
    assert course.rush("test", "01").code == 1 and course.rush("test", "01").code == 1
    assert course.launches() == ["test_01_own"] * 2


def test_a_changed_file_a_changed_case_list_and_a_changed_launcher_count(course):
    course.rush("test", "01")
    course.solve("01_alpha")
    assert course.rush("test", "01").code == 0
    course.write("tests/01_alpha/cases.txt", "Unit_01_1.Adds\nUnit_01_2.Multiplies\n")
    course.rush("test", "01")
    launcher = course.root / "build/student/tests/launcher"
    launcher.write_text(launcher.read_text() + "# changed\n")
    course.rush("test", "01")
    assert course.launches() == ["test_01_own"] * 4


def test_golden_values_count(course):
    course.write("tests/golden/a.json", "1")
    course.rush("test", "01")
    course.write("tests/golden/a.json", "22")
    course.rush("test", "01")
    assert course.launches() == ["test_01_own"] * 2


def test_points_that_changed_are_not_taken_from_the_cache(course):
    course.rush("test", "01")
    manifest = course.root / "modules/01_alpha/module.json"
    data = json.loads(manifest.read_text())
    data["tasks"][0]["points"] = 77
    manifest.write_text(json.dumps(data))
    assert course.task(course.rush("test", "01", "--json").json, "01.1")["points"] == 77


def test_a_broken_cache_is_made_anew(course):
    course.rush("test", "01")
    for name in ("own/01.json", "digests.json"):
        (course.root / "build/student/verdicts" / name).write_text("{half")
    assert course.rush("test", "01", "--json").json["todo"] == 3
    assert len(course.launches()) == 2


def test_one_tasks_run_is_not_taken_for_the_whole_module(course):
    course.rush("test", "01.1")
    assert len(course.rush("test", "01", "--json").json["tasks"]) == 2
