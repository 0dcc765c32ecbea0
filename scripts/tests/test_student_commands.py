"""hint, reveal, debug, and the list of commands."""

import os
import shutil
import subprocess
import sys

import pytest
from conftest import SCRIPTS, skeleton_text
from rushlight.course.tree import Tree
from rushlight.verdicts import gdb


def hints(answer) -> list[str]:
    return [line for line in answer.out.splitlines() if line[:2] in ("1.", "2.", "3.")]


def test_hints_come_one_more_each_time(course):
    assert hints(course.rush("hint", "01.1")) == ["1. one"]
    assert hints(course.rush("hint", "01.1")) == ["1. one", "2. two"]
    assert hints(course.rush("hint", "01.2")) == ["1. one"]  # each task has its own level
    course.rush("hint", "01.1")
    assert hints(course.rush("hint", "01.1")) == ["1. one", "2. two", "3. three"]
    assert hints(course.rush("hint", "01.1", "--from-start")) == ["1. one"]
    assert hints(course.rush("hint", "01.1")) == ["1. one", "2. two"]


def test_a_broken_hint_file_starts_again(course):
    course.write(".rush/hints.json", "[1, 2")
    assert hints(course.rush("hint", "01.1")) == ["1. one"]


def test_the_reference_is_shown_once_the_task_passes(course):
    refused = course.rush("reveal", "01.1")
    assert refused.code == 1 and "secret" not in refused.out and "does not pass yet" in refused.err
    course.student("01_alpha/a.cpp", "// done\n")
    shown = course.rush("reveal", "01.1")
    assert shown.code == 0
    for expected in ("// 01.1 f011", "// Hint: think.", "int f011(int x) {", "return secret_f011(x)", "int helper_of_01_1"):
        assert expected in shown.out
    assert "// solution" not in shown.out and "end solution" not in shown.out


def test_only_the_asked_task_is_revealed(course):
    course.solve("02_beta")
    course.solve("01_alpha")
    shown = course.rush("reveal", "02.2").out
    assert "secret_f022" in shown and "secret_f021" not in shown and "helper_of_02_1(int" not in shown


def test_forcing_asks_first(course):
    assert "--yes" in course.rush("reveal", "01.1", "--force").err
    assert "secret_f011" in course.rush("reveal", "01.1", "--force", "--yes").out


def test_debug_prints_the_gdb_command_of_the_first_failing_case(course, tmp_path):
    (tmp_path / "bin/gdb").symlink_to("/bin/true")
    course.student("02_beta/beta.cpp", "WRONG 02.2\n")
    answer = course.rush("debug", "02.2", "--print")
    assert answer.code == 0
    assert "-ex run -x" in answer.out and "in_gdb.py" in answer.out
    assert "modules/02_beta/beta.cpp" in answer.out  # where frames of the student's are looked for
    assert f"directory {course.root}" in answer.out  # or it finds sources only when started there
    assert "tests/test_02_own_debug --gtest_filter=Unit_02_2.Decays" in answer.out


def test_debug_has_nothing_to_say_when_all_passes(course, tmp_path):
    (tmp_path / "bin/gdb").symlink_to("/bin/true")
    course.solve("01_alpha")
    course.solve("02_beta")
    answer = course.rush("debug", "02.2", "--print")
    assert answer.code == 1 and "nothing to debug" in answer.err
    named = course.rush("debug", "02.2", "--print", "--case", "Unit_02_2.Decays")
    assert "--gtest_filter=Unit_02_2.Decays" in named.out


CRASHING = """// 01.1 f011  x -> x;  y = x
int f011(int x) {
  int y = x;
  if (y > 0) __builtin_trap();
  return y;
}
int main() { return f011(3); }
"""


@pytest.mark.skipif(shutil.which("gdb") is None, reason="gdb is not installed")
def test_gdb_opens_at_the_students_line_and_says_how_to_go_on(course):
    course.student("01_alpha/a.cpp", CRASHING)
    tree, program = Tree(course.root), course.root / "program"
    subprocess.run(["/usr/bin/g++", "-g", "-o", program, "modules/01_alpha/a.cpp"], cwd=course.root, check=True)
    command = gdb.gdb_command(tree, program, "Unit_01_1.Adds", tree.tasks["01.1"])
    shown = subprocess.run(command, input="quit\n", capture_output=True, text=True).stdout
    assert "modules/01_alpha/a.cpp:4  f011" in shown and "y = 3" in shown
    assert "Breakpoint 1 at" in shown and "a.cpp, line 3" in shown
    assert [word for word in ("run ", "next ", "print x ", "up ") if f"\n  {word}" not in shown] == []


def test_breakpoints_are_on_what_the_case_calls(course):
    course.student("01_alpha/a.cpp", "// 01.1 add  x\n// Hint: think.\nint add(int x) {}\n// 01.1 sub  x\nint sub(int x) {}\n")
    course.write("tests/01_alpha/unit.cpp", "TEST(Unit_01_1, Adds) { EXPECT_EQ(add(1), 1); }\nTEST(Unit_01_1, Other) {}\n")
    tree = Tree(course.root)
    assert gdb.breakpoints(tree, tree.tasks["01.1"], "Unit_01_1.Adds") == ["modules/01_alpha/a.cpp:3"]
    both = ["modules/01_alpha/a.cpp:3", "modules/01_alpha/a.cpp:5"]
    assert gdb.breakpoints(tree, tree.tasks["01.1"], "Unit_01_1.Other") == both


def test_debug_links_the_compile_commands(course, tmp_path):
    (tmp_path / "bin/gdb").symlink_to("/bin/true")
    course.write("build/student/compile_commands.json", "[]")
    course.rush("debug", "01.1", "--print")
    link = course.root / "compile_commands.json"
    assert os.readlink(link) == "build/student/compile_commands.json"


def test_every_command_is_listed_and_found(course):
    """cli.FILES says which file has a command; `register` in that file says it again."""
    from rushlight import cli

    answer = course.rush("--help")
    for names in cli.FILES.values():
        for name in names:
            assert f"\n  {name} " in answer.out
            assert course.rush(name, "--help").code == 0
    assert answer.out.split("Commands:")[1].count("\n  ") == sum(map(len, cli.FILES.values()))


def test_a_command_that_draws_nothing_does_not_wait_for_rich(course):
    course.solve("01_alpha")
    program = "import sys; from rushlight.cli import run; code = run(['test', '01', '--json']); "
    program += "sys.exit(3 if any(name.split('.')[0] == 'rich' for name in sys.modules) else code)"
    environment = os.environ | {"PYTHONPATH": str(SCRIPTS)}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
