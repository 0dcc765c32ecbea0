"""`rush bench loop`: unique edits, the file as it was afterwards, the slowest file, limits by what a file includes."""

import json
import sys

import pytest
from rushlight.benchmarks import edit_loop
from rushlight.building.build import Build
from rushlight.basics.errors import RushError
from rushlight.course.manifest import load_module
from rushlight.course.tree import Tree


def test_it_times_every_module_and_restores_its_files(course, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(edit_loop.Path(edit_loop.__file__).parents[2]))
    before = {path: path.read_bytes() for path in (course.root / "solutions").rglob("*.cpp")}
    answer = course.rush("bench", "loop", "--json")
    timed = answer.json["modules"]
    assert {entry["module"] for entry in timed} == {"01_alpha", "02_beta"}
    assert all(set(entry) == {"module", "file", "seconds"} and entry["seconds"] > 0 for entry in timed)
    assert {path: path.read_bytes() for path in before} == before
    assert course.launches().count("test_01_solution") == edit_loop.ROUNDS  # every edit was new, and ran
    assert not [path for path in (course.root / ".rush/bench").rglob("*") if path.is_file()]


def test_the_file_is_put_back_whatever_happens(course):
    tree = Tree(course.root)
    path = course.root / "modules/01_alpha/a.cpp"
    before = path.read_text()
    with pytest.raises(KeyboardInterrupt):
        with edit_loop.preserved(tree, path):
            path.write_text("edited")
            raise KeyboardInterrupt
    assert path.read_text() == before
    assert edit_loop.restore_leftovers(tree) == []


def test_a_killed_run_is_mended_by_the_next(course):
    tree = Tree(course.root)
    path = course.root / "modules/01_alpha/a.cpp"
    before = path.read_text()
    course.write(".rush/bench/modules/01_alpha/a.cpp", before)
    path.write_text("edited")
    assert edit_loop.restore_leftovers(tree) == [path]
    assert path.read_text() == before


def test_files_of_xtensor_expressions_have_more_time(course):
    course.student("01_alpha/a.cpp", '#include "01_alpha/bridge.hpp"\n')
    folder = course.root / "modules/01_alpha"
    manifest = json.loads((folder / "module.json").read_text())
    course.write("modules/01_alpha/module.json", json.dumps(manifest | {"xtensor": ["bridge.hpp"]}))
    timed = edit_loop.files_to_time(load_module(folder), folder, cost=None)
    assert {path.name: limit for path, limit in timed} == {"a.cpp": edit_loop.XTENSOR_LIMIT, "b.cpp": edit_loop.LIMIT}


def test_of_other_modules_the_slowest_file_is_timed_not_the_longest(course):
    folder = course.root / "modules/01_alpha"
    course.student("01_alpha/b.cpp", "// long and quick to compile\n" * 1000)
    seconds = {"a.cpp": 3.0, "b.cpp": 1.0}
    timed = edit_loop.files_to_time(load_module(folder), folder, lambda path: seconds[path.name])
    assert timed == [(folder / "a.cpp", edit_loop.LIMIT)]


def test_the_cost_of_a_file_is_what_its_compile_command_takes(course):
    build = Build(Tree(course.root))
    busy, idle = course.root / "busy.cpp", course.root / "idle.cpp"
    commands = {busy: "sum(range(20_000_000))", idle: "0"}
    entries = [
        {"directory": "/", "command": f"{sys.executable} -SEc '{code}' -o x", "file": str(path)}
        for path, code in commands.items()
    ]
    course.write("build/student/compile_commands.json", json.dumps(entries))
    cost = edit_loop.compile_cost(build)
    assert cost(busy) > 2 * cost(idle) > 0
    with pytest.raises(RushError, match="no command for"):
        cost(course.root / "other.cpp")
