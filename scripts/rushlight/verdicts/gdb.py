"""The failing test of a task under gdb, stopped where it fails; compile_commands.json for editors."""

import os
import re
from pathlib import Path

from ..basics.errors import RushError
from ..basics.process import tool
from ..building.build import Build
from ..course import blanks
from ..course.tree import Task, Tree
from . import reading_order
from .verdict import TaskVerdict

MOST_BREAKPOINTS = 6


def failing_case(verdict: TaskVerdict, case: str | None) -> str:
    names = [detail["case"] for detail in verdict.details]
    if case is not None:
        if case not in names:
            listing = ", ".join(names[:6]) or "none"
            raise RushError(f"{verdict.id} has no case {case}.", f"its cases: {listing}")
        return case
    if verdict.first_failure:
        return verdict.first_failure["case"]
    if not names:
        raise RushError(f"{verdict.id} cannot be debugged before it compiles: {verdict.message}", code=1)
    raise RushError(f"every test of {verdict.id} passes: there is nothing to debug.", "name one with --case.", code=1)


def gdb_command(tree: Tree, executable: Path, case: str, task: Task) -> list[str]:
    """Stops at the failing check, at an escaping exception, or at the crash, and says where that is (in_gdb.py)."""
    files = [f"modules/{module.name}/{name}" for module in tree.modules.values() for name in module.files]
    known = {"files": files, "places": breakpoints(tree, task, case)}
    return [
        tool("gdb"),
        "-q",
        "-iex",
        f"directory {tree.root}",  # the programs name their sources as seen from there
        "-ex",
        "set environment ASAN_OPTIONS=detect_leaks=0:abort_on_error=1",  # leaks cannot be counted under gdb
        "-iex",
        f"python rush_task = {known!r}",
        "-ex",
        "run",
        "-x",
        str(Path(__file__).with_name("in_gdb.py")),
        "--args",
        str(executable),
        f"--gtest_filter={case}",
        "--gtest_break_on_failure",
        "--gtest_catch_exceptions=0",
    ]


def breakpoints(tree: Tree, task: Task, case: str) -> list[str]:
    """`modules/02_x/file.cpp:12` for each function of the task that the case's text names; for all where it names none."""
    module = tree.modules[task.module]
    functions = blanks.functions_of(tree, task)
    text = reading_order.body_of(tree.root / "tests" / module.name, case)
    named = [place for name, place in functions if re.search(rf"\b{re.escape(name)}\b", text)]
    return (named or [place for _, place in functions])[:MOST_BREAKPOINTS]


def link_compile_commands(tree: Tree, build: Build) -> None:
    """compile_commands.json in the root, where clangd and other editors' helpers look."""
    link, database = tree.root / "compile_commands.json", build.folder / "compile_commands.json"
    if not database.is_file() or (link.exists() and not link.is_symlink()):
        return
    wanted = os.path.relpath(database, tree.root)
    if link.is_symlink():
        if os.readlink(link) == wanted:
            return
        link.unlink()
    link.symlink_to(wanted)
