"""A verdict is on the files that are there, whatever their dates say; and only files count."""

import os
import threading
import time

import pytest


def test_files_from_an_archive_with_old_dates_are_built_again(course):
    course.solve("01_alpha")
    assert course.rush("test", "01").code == 0
    for name in ("a.cpp", "b.cpp"):
        course.student(f"01_alpha/{name}", f"WRONG 01.{'ab'.index(name[0]) + 1}\n")
        os.utime(course.root / "modules/01_alpha" / name, (1, 1))
    verdict = course.rush("test", "01", "--json").json
    assert verdict["wrong"] == 3 and verdict["passed"] == 0
    assert course.rush("status", "--json").json["wrong"] == 3


def test_the_board_says_that_a_verdict_is_on_other_files(course):
    course.solve("01_alpha")
    course.rush("test", "01")
    course.student("01_alpha/a.cpp", "WRONG 01.1\n")
    os.utime(course.root / "modules/01_alpha/a.cpp", (1, 1))
    assert {task["old"] for task in course.rush("status", "--json").json["tasks"] if task["state"] == "pass"} == {True}


def test_a_digest_is_not_remembered_by_the_date_of_the_text(course):
    course.solve("01_alpha")
    path = course.root / "modules/01_alpha/a.cpp"
    course.rush("test", "01")
    stat = path.stat()
    path.write_text("WRONG 1")  # as long as what stood there
    path.write_text("WRONG 01.1\n"[: stat.st_size])
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    course.rush("test", "01")
    assert len(course.launches()) == 2


@pytest.mark.parametrize(
    "make, words",
    [
        (lambda path: None, "modules/01_alpha/b.cpp is missing"),
        (lambda path: path.symlink_to("a.cpp"), "modules/01_alpha/b.cpp is a symbolic link"),
        (os.mkfifo, "modules/01_alpha/b.cpp is not a regular file"),
        (os.mkdir, "modules/01_alpha/b.cpp is not a regular file"),
    ],
)
def test_only_files_count(course, make, words):
    course.solve("01_alpha")
    path = course.root / "modules/01_alpha/b.cpp"
    path.unlink()
    make(path)
    verdict = course.rush("test", "--json").json
    guilty = course.task(verdict, "01.2")
    assert guilty["state"] == "wrong" and guilty["message"].startswith(words)
    assert ("the file itself" if "link" in words else "scripts/rush reset 01") in guilty["message"]
    waiting = course.task(verdict, "02.1")
    assert (waiting["state"], waiting["blocked_by"]) == ("wrong", "01.2")
    assert course.task(course.rush("test", "02", "--stack", "isolated", "--json").json, "02.1")["state"] == "todo"


def test_one_command_at_a_time_uses_a_build_folder(course, capfd):
    from rushlight.building.build import Build
    from rushlight.course.tree import Tree

    course.rush("test", "01")
    build = Build(Tree(course.root))
    order = []

    def hold():
        with build.lock:
            order.append("held")
            time.sleep(0.5)
            order.append("released")

    thread = threading.Thread(target=hold)
    thread.start()
    while not order:
        time.sleep(0.01)
    answer = course.rush("test", "01")
    order.append("tested")
    thread.join()
    assert order == ["held", "released", "tested"]
    assert "waiting for" in answer.err and str(os.getpid()) in answer.err
