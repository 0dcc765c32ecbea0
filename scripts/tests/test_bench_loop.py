"""`rush bench loop`: unique edits, the file as it was afterwards, limits by what a file includes."""

import pytest
from rushlight import bench_loop
from rushlight.manifest import load_module
from rushlight.tree import Tree


def test_it_times_every_module_and_restores_its_files(course, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(bench_loop.Path(bench_loop.__file__).parents[1]))
    before = {path: path.read_bytes() for path in (course.root / "solutions").rglob("*.cpp")}
    answer = course.rush("bench", "loop", "--json")
    timed = answer.json["modules"]
    assert {entry["module"] for entry in timed} == {"01_alpha", "02_beta"}
    assert all(set(entry) == {"module", "file", "seconds"} and entry["seconds"] > 0 for entry in timed)
    assert {path: path.read_bytes() for path in before} == before
    assert course.launches().count("test_01_solution") == bench_loop.ROUNDS  # every edit was new, and ran
    assert not [path for path in (course.root / ".rush/bench").rglob("*") if path.is_file()]


def test_the_file_is_put_back_whatever_happens(course):
    tree = Tree(course.root)
    path = course.root / "modules/01_alpha/a.cpp"
    before = path.read_text()
    with pytest.raises(KeyboardInterrupt):
        with bench_loop.preserved(tree, path):
            path.write_text("edited")
            raise KeyboardInterrupt
    assert path.read_text() == before
    assert bench_loop.restore_leftovers(tree) == []


def test_a_killed_run_is_mended_by_the_next(course):
    tree = Tree(course.root)
    path = course.root / "modules/01_alpha/a.cpp"
    before = path.read_text()
    course.write(".rush/bench/modules/01_alpha/a.cpp", before)
    path.write_text("edited")
    assert bench_loop.restore_leftovers(tree) == [path]
    assert path.read_text() == before


def test_files_of_xtensor_expressions_have_more_time(course):
    course.student("01_alpha/a.cpp", '#include "01_alpha/xtensor_bridge.hpp"\n')
    folder = course.root / "modules/01_alpha"
    timed = {path.name: limit for path, limit in bench_loop.files_to_time(load_module(folder), folder)}
    assert timed == {"a.cpp": bench_loop.XTENSOR_LIMIT, "b.cpp": bench_loop.LIMIT}
    beta = course.root / "modules/02_beta"
    assert len(bench_loop.files_to_time(load_module(beta), beta)) == 1
