"""`rush test --race`: another build folder, and another way for what has no threads of the system; `--ranks` is no cached verdict."""

from pathlib import Path

from rushlight.course.tree import Tree
from rushlight.verdicts.runner import Request, Runner

ROOT = Path(__file__).resolve().parents[2]


def launched(course, preset):
    log = course.root / "build" / preset / "launches.txt"
    return log.read_text().split() if log.exists() else []


def test_a_race_is_looked_for_in_a_build_of_its_own(course):
    course.solve("01_alpha")
    assert course.rush("test", "01", "--race").code == 0
    assert launched(course, "threads") == ["test_01_own"] and launched(course, "student") == []


def test_a_crash_there_needs_no_second_build(course):
    course.student("01_alpha/a.cpp", "CRASH 01.1\nSANITIZED modules/01_alpha/a.cpp:1\n")
    answer = course.rush("test", "01", "--race", "--json")
    assert course.task(answer.json, "01.1")["state"] == "crash"
    assert launched(course, "threads") == ["test_01_own"]
    assert "scripts/rush test 01.1 --race" in course.rush("test", "01", "--race").out


def test_where_an_emulator_looks_anyway_nothing_else_is_built(course):
    course.write("modules/02_beta/emulator/race.cpp", "")
    course.solve("02_beta")
    answer = course.rush("test", "02", "--race")
    assert answer.code == 0 and "the emulator looks for races in every run" in answer.err + answer.out
    assert launched(course, "threads") == [] and launched(course, "student") == ["test_02_own"]


def test_one_module_at_a_time(course):
    answer = course.rush("test", "--race")
    assert answer.code == 2 and "one module at a time" in answer.err


def test_the_suppressions_are_there():
    environment = Runner(Tree(ROOT), Request(race=True))._race_environment()
    path = environment["TSAN_OPTIONS"].split("suppressions=")[1]
    assert Path(path).is_file()
    assert Runner(Tree(ROOT), Request())._race_environment() == {}


def test_more_ranks_are_another_question(course, monkeypatch):
    monkeypatch.setenv("RUSHLIGHT_RANKS", "")
    course.rush("test", "01")
    course.rush("test", "01", "--ranks", "4")
    course.rush("test", "01", "--ranks", "4")
    assert course.launches() == ["test_01_own"] * 2
