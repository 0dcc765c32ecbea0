"""The board: a row for each module, four states, points, and what comes next."""

from typing import Mapping

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..basics.terminal import COLOURS, LETTERS, glyph, speaks_unicode
from ..course.blanks import find_blank
from ..course.manifest import Module, Task
from ..course.tree import Tree
from .last import Known
from .verdict import TaskVerdict

BAR = 10
OLD = "?"  # behind a verdict that is older than some file
BORROWED = "*"  # behind one for which other modules were borrowed
MARKS = {OLD: "older than a file: scripts/rush test", BORROWED: "with other modules borrowed"}


def show_board(
    console: Console, tree: Tree, by_module: dict[str, list[TaskVerdict]], stack: str, marks: Mapping[str, str] = {}
) -> None:
    """`marks`: by task, what stands behind its sign."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=True, header_style="dim")
    table.add_column("module", no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column("tasks")
    table.add_column("points", justify="right", no_wrap=True)
    table.add_column("hours", justify="right", no_wrap=True)
    for number, module in tree.modules.items():
        verdicts = by_module.get(number)
        points = sum(v.points for v in verdicts or [] if v.state == "pass")
        table.add_row(
            f"{number} {module.name[3:]}",
            _bar(verdicts, module),
            _states(verdicts, module, marks),
            f"{points} / {module.points}",
            f"{module.hours:g}",
        )
    console.print(table)
    console.print(_legend(marks))
    _summary(console, tree, by_module, stack)


def next_task(tree: Tree, by_module: dict[str, list[TaskVerdict]]) -> Task | None:
    """The first task in the course's order that does not pass, or what holds it up."""
    verdicts = {verdict.id: verdict for group in by_module.values() for verdict in group}
    for task in tree.tasks.values():
        verdict = verdicts.get(task.id)
        if verdict is None:
            return task
        if verdict.state != "pass":
            blocker = verdicts.get(verdict.blocked_by or "")
            return task if blocker and blocker.state == "pass" else tree.tasks.get(verdict.blocked_by or "", task)
    return None


def next_line(tree: Tree, by_module: dict[str, list[TaskVerdict]]) -> Text:
    task = next_task(tree, by_module)
    return line_of(tree, task) if task else Text("Everything passes. Well done.", style="green")


def task_after(tree: Tree, task: str, borrowed: tuple[str, ...]) -> Task | None:
    """What follows for whoever borrows modules: the task behind this one, and none of what is borrowed."""
    return next((each for each in tree.tasks.values() if each.id > task and each.module not in borrowed), None)


def next_after(tree: Tree, task: str, borrowed: tuple[str, ...]) -> Text | None:
    following = task_after(tree, task, borrowed)
    return line_of(tree, following) if following else None


def line_of(tree: Tree, task: Task) -> Text:
    return Text.assemble(("Next: ", "bold"), f"{task.id} {task.title}   ", (find_blank(tree, task), "cyan"))


def _summary(console: Console, tree: Tree, by_module: dict[str, list[TaskVerdict]], stack: str) -> None:
    verdicts = [v for group in by_module.values() for v in group]
    passed = [v for v in verdicts if v.state == "pass"]
    points, most = sum(v.points for v in passed), sum(m.points for m in tree.modules.values())
    whose = "" if stack == "own" else f"   ({stack} stack)"
    tasks = f"{len(passed)} of {len(tree.tasks)} tasks"
    console.print(Text(f"{tasks}, {points} of {most} points{whose}", style="bold"))
    console.print(next_line(tree, by_module))


def _bar(verdicts: list[TaskVerdict] | None, module: Module) -> Text:
    if not verdicts:
        return Text("not tested", style="dim")
    passed = sum(v.state == "pass" for v in verdicts)
    full = round(BAR * passed / len(module.tasks))
    if passed < len(module.tasks):
        full = min(full, BAR - 1)  # only a finished module has a full bar
    block, empty = ("█", "░") if speaks_unicode() else ("#", "-")
    return Text.assemble((block * full, "green"), (empty * (BAR - full), "bright_black"))


def marks_of(known: list[Known]) -> dict[str, str]:
    found = {each.verdict.id: (BORROWED if each.borrowed else "") + (OLD if each.old else "") for each in known}
    return {task: marks for task, marks in found.items() if marks}


def _states(verdicts: list[TaskVerdict] | None, module: Module, marks: Mapping[str, str]) -> Text:
    """A sign for every task, in order; a dash for one that was never tested. A mark takes the place of the space behind."""
    known = {verdict.id: verdict for verdict in verdicts or []}
    signs = []
    for task in module.tasks if known else ():
        sign = glyph(known[task.id].state) if task.id in known else Text("--", style="dim")
        signs.append(Text.assemble(sign, (marks.get(task.id, " "), "yellow")))
    row = Text("").join(signs)
    row.rstrip()  # in place
    return row


def _legend(marks: Mapping[str, str]) -> Text:
    parts = [Text.assemble(glyph(state), (f" {state}", COLOURS[state])) for state in LETTERS]
    used = "".join(marks.values())
    parts += [Text.assemble((mark, "yellow"), (f" {meaning}", "dim")) for mark, meaning in MARKS.items() if mark in used]
    return Text("   ").join(parts)
