"""watch: a verdict at the start, one on every save, and keys."""

import os
import pty
import select
import subprocess
import sys
import threading
import time

import pytest

from conftest import SCRIPTS


def test_watch_tests_the_saved_file_once(course):
    from rushlight.verdicts.watch import watch

    file = course.root / "modules/01_alpha/a.cpp"
    calls: list[set] = []

    def save_twice() -> None:
        time.sleep(0.5)
        file.write_text("one\n")
        time.sleep(0.1)
        file.write_text("one two\n")

    deadline = time.monotonic() + 8
    saver = threading.Thread(target=save_twice)
    saver.start()
    watch([file], calls.append, keep_going=lambda: not calls and time.monotonic() < deadline)
    saver.join()
    assert calls == [{file}]
    assert file.read_text() == "one two\n"


def test_a_file_that_an_editor_replaces_counts_as_one_change(course):
    from rushlight.verdicts.watch import changes, stamps

    file = course.root / "modules/01_alpha/a.cpp"
    before = stamps([file])
    file.unlink()
    assert changes(before, stamps([file])) == set()
    file.write_text("replaced\n")
    assert changes(before, stamps([file])) == {file}


class Terminal:
    """`rush watch 01` at a terminal, as a person has it."""

    def __init__(self, *arguments: str) -> None:
        self.ours, theirs = pty.openpty()
        environment = os.environ | {"PYTHONPATH": str(SCRIPTS), "TERM": "dumb"}
        command = [sys.executable, "-m", "rushlight", *arguments]
        self.process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment)
        os.close(theirs)
        self.text = ""

    def wait_for(self, words: str) -> str:
        """What came up to these words."""
        deadline = time.monotonic() + 20
        while words not in self.text:
            ready, _, _ = select.select([self.ours], [], [], max(0.0, deadline - time.monotonic()))
            assert ready, f"{words!r} did not come after: {self.text}"
            self.text += os.read(self.ours, 4096).decode(errors="replace")
        before, _, self.text = self.text.partition(words)
        return before + words

    def press(self, key: str) -> None:
        os.write(self.ours, key.encode())

    def end(self) -> int:
        self.press("q")
        code = self.process.wait(20)
        os.close(self.ours)
        return code


@pytest.fixture
def terminal():
    opened: list[Terminal] = []

    def watch(*arguments: str) -> Terminal:
        opened.append(Terminal(*arguments))
        return opened[-1]

    yield watch
    for each in opened:
        if each.process.poll() is None:
            each.process.kill()
            each.process.wait()


def test_the_first_verdict_comes_without_a_save(course, terminal):
    course.solve("01_alpha")
    course.student("01_alpha/b.cpp", "WRONG 01.2\n")
    watch = terminal("watch", "01")
    assert "h hint" in watch.wait_for("q quit")
    assert "01.2" in watch.wait_for("1 failed")
    course.student("01_alpha/b.cpp", "// done, really\n")
    text = watch.wait_for("0 failed")
    assert "b.cpp" in text and "Next: 02.1" in text
    assert watch.end() == 0


def test_keys_give_a_hint_the_next_task_and_another_run(course, terminal):
    course.student("01_alpha/a.cpp", "// done\n")
    watch = terminal("watch", "01")
    watch.wait_for("1 to do")
    watch.press("h")
    assert "01.2 hint 1" in watch.wait_for("one")
    watch.press("h")
    assert "01.2 hint 2" in watch.wait_for("two")
    watch.press("n")
    watch.wait_for("Next: 01.2 task 01.2")
    watch.press("r")
    assert "again" in watch.wait_for("1 to do")
    watch.press("x")
    watch.wait_for("d debug")
    assert watch.end() == 0


def test_whoever_borrows_watches_too(course, terminal):
    course.student("01_alpha/a.cpp", "WRONG 01.1\n")
    watch = terminal("watch", "--reference", "01")
    assert "02.1" in watch.wait_for("3 to do"), "at work behind what is borrowed, though 01 is not done"
    course.student("02_beta/beta.cpp", 'todo("02.2"); // done\n')
    watch.wait_for("1 to do")
    watch.press("n")
    watch.wait_for("Next: 02.2")
    course.solve("02_beta")
    watch.wait_for("3 passed")
    assert watch.end() == 0


def test_debug_has_the_terminal_and_gives_it_back(course, terminal, tmp_path):
    gdb = tmp_path / "bin/gdb"
    gdb.write_text("#!/bin/sh\nread -r line\necho gdb heard $line\n")
    gdb.chmod(0o755)
    course.student("01_alpha/a.cpp", "WRONG 01.1\n")
    watch = terminal("watch", "01")
    watch.wait_for("failed")
    watch.press("d")
    time.sleep(2)
    watch.press("where\n")
    watch.wait_for("gdb heard where")
    time.sleep(0.5)
    watch.press("h")
    watch.wait_for("01.1 hint 1")
    assert watch.end() == 0


def test_without_a_terminal_there_are_no_keys(course):
    environment = os.environ | {"PYTHONPATH": str(SCRIPTS)}
    process = subprocess.Popen(
        [sys.executable, "-m", "rushlight", "watch", "02"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, env=environment,
    )
    lines = [process.stdout.readline() for _ in range(4)]
    process.terminate()
    process.wait(20)
    assert "Ctrl-C to stop" in lines[0] and "02.1" in "".join(lines)
