"""Shows verdicts to a person: one line per task, the first failure explained, and the count."""

import re

from rich.console import Console, Group
from rich.panel import Panel
from rich.text import Text

from ..basics.terminal import COLOURS, glyph
from ..building.build import PRESET
from ..building.warnings import Remark, known_warnings
from ..course import blanks
from ..course.blanks import find_blank
from ..course.tree import Tree
from .runner import Request
from .verdict import TaskVerdict, totals

LONGEST_MESSAGE = 14  # lines
SHOWN_NAMES = 4
SHOWN_WARNINGS = 2
ESCAPED = "an exception came out of the test: "  # support/first_failure.cpp
# As support/tape.cpp says it, and an engine (05.2) that names the op like the reference's.
ABOUT_A_RULE = re.compile(r"(?:backward of )?(\w+): (?:the rule|a gradient|the gradient)\b")


def show(console: Console, tree: Tree, verdicts: list[TaskVerdict], request: Request, next_line: Text | None = None) -> None:
    """The count comes last: programs read it there."""
    for verdict in verdicts:
        console.print(_line(tree, verdict))
        for line in _passed_by_luck(tree, verdict, request.stack):
            console.print(Text.assemble("    ", (line, "yellow")))
    if worst := first_to_mend(verdicts):
        _show_explanation(console, tree, worst, request)
    if next_line:
        console.print(next_line)
    counts = totals(verdicts)
    failed = sum(counts.values()) - counts["passed"] - counts["todo"]
    blank = f", {counts['todo']} to do" if counts["todo"] else ""  # a blank is no mistake
    console.print(Text(f"{counts['passed']} passed, {failed} failed{blank}"))


def first_to_mend(verdicts: list[TaskVerdict]) -> TaskVerdict | None:
    """What is broken comes before what is blank, and a cause before what it holds up."""
    broken = [v for v in verdicts if v.state in ("wrong", "crash")]
    blank = [v for v in verdicts if v.state == "todo"]
    for group in (broken, blank):
        if group:
            return next((v for v in group if v.blocked_by is None), group[0])
    return None


def _show_explanation(console: Console, tree: Tree, verdict: TaskVerdict, request: Request) -> None:
    lines = explain(tree, verdict, request)
    title = Text.assemble(glyph(verdict.state), f" {verdict.id} {_title(tree, verdict)}".rstrip())
    if console.is_terminal:
        colour = COLOURS[verdict.state]
        console.print(Panel(Group(*lines), title=title, title_align="left", border_style=colour))
    else:
        console.print(title)
        for line in lines:
            console.print(Text.assemble("    ", line))


def explain(tree: Tree, verdict: TaskVerdict, request: Request) -> list[Text]:
    failure = verdict.first_failure or {}
    lines: list[Text] = []
    if verdict.state == "todo":
        lines.append(_explain_todo(tree, verdict, request.stack))
    else:
        lines += [Text(line, style="yellow") for line in _warnings(tree, verdict, request.stack)]
        if case := failure.get("case"):
            lines.append(Text(case, style="bold"))
        message = (failure.get("message") or verdict.message or "no message").strip("\n").splitlines()
        if place := place_of_wrong_gradient(tree, message[0] if message else ""):
            message[0] = message[0].removeprefix(ESCAPED)
        lines += [Text(line) for line in message[:LONGEST_MESSAGE]]
        if len(message) > LONGEST_MESSAGE:
            lines.append(Text(f"… {len(message) - LONGEST_MESSAGE} more lines", style="dim"))
        if failure.get("file"):
            lines.append(Text(f"{failure['file']}:{failure.get('line', 0)}", style="cyan"))
        lines += [Text(line) for line in verdict.explanation]
        if place:
            lines.append(Text(place, style="cyan"))
        others = dict.fromkeys(case["case"] for case in verdict.failures if case["state"] != "todo")  # a blank is no failure
        others.pop(failure.get("case"), None)
        if others:
            lines.append(Text(f"also failing: {_listed(list(others))}", style="dim"))
    return lines + _next_steps(tree, verdict, request)


def _warnings(tree: Tree, verdict: TaskVerdict, stack: str) -> list[str]:
    """What the compiler said of the lines in this task's files: often it knew before the test did."""
    found = _remarks(tree, verdict, stack)
    more = [f"… and {len(found) - SHOWN_WARNINGS} more warnings"] if len(found) > SHOWN_WARNINGS else []
    return [line for warning in found[:SHOWN_WARNINGS] for line in warning.lines] + more


def _passed_by_luck(tree: Tree, verdict: TaskVerdict, stack: str) -> list[str]:
    """A pass that rests on a value nobody gave may be none tomorrow."""
    found = _remarks(tree, verdict, stack) if verdict.state == "pass" else []
    return [line for remark in found if remark.of_a_value_nobody_gave for line in remark.lines]


def _remarks(tree: Tree, verdict: TaskVerdict, stack: str) -> list[Remark]:
    task = tree.tasks.get(verdict.id)
    if task is None or stack not in ("own", "isolated"):
        return []
    folder = f"modules/{tree.modules[task.module].name}"
    return known_warnings(tree.root / "build" / PRESET, {f"{folder}/{name}" for name in task.files})


def place_of_wrong_gradient(tree: Tree, message: str) -> str:
    """A message about the gradient that a rule gave is about that rule: where it is, and whose task."""
    match = ABOUT_A_RULE.match(message.removeprefix(ESCAPED))
    found = blanks.recorded_in(tree, match[1]) if match else None
    return f"the rule of {match[1]}, task {found[0]}: {found[1]}" if match and found else ""


def _listed(names: list[str]) -> str:
    shown = ", ".join(name.partition(".")[2] or name for name in names[:SHOWN_NAMES])
    rest = len(names) - SHOWN_NAMES
    return f"{shown} and {rest} more" if rest > 0 else shown


def _explain_todo(tree: Tree, verdict: TaskVerdict, stack: str) -> Text:
    if verdict.blocked_by:
        others = verdict.waits_for or (verdict.blocked_by,)
        return Text(f"waits for {', '.join(others)}, still {'a blank' if len(others) == 1 else 'blanks'}")
    task = tree.tasks.get(verdict.id)
    where = find_blank(tree, task) if task and stack != "solution" else ""
    return Text.assemble("a blank that waits for you", (f": {where}" if where else "", "cyan"))


def _next_steps(tree: Tree, verdict: TaskVerdict, request: Request) -> list[Text]:
    """Commands that ask about the same code as the one that led here."""
    option = "" if request.stack == "own" else f" --stack {request.stack}"
    option += f" --reference {','.join(request.reference)}" if request.reference else ""
    task = verdict.blocked_by or verdict.id
    asked = task if task in tree.tasks else task.split(".")[0]
    steps = [("again", f"scripts/rush test {asked}{option}{' --race' if request.race else ''}")]
    if task in tree.tasks and request.stack != "solution":
        steps.append(("stuck", f"scripts/rush hint {task}"))
    if lender := _lender(tree, verdict, request):
        steps.append(("or borrow", f"scripts/rush test {verdict.id} --reference {lender}"))
    if verdict.state == "crash" and verdict.id in tree.tasks:
        steps.append(("in gdb", f"scripts/rush debug {verdict.id}{option}"))
    return [Text.assemble((f"{label}: ", "bold"), step) for label, step in steps]


def _lender(tree: Tree, verdict: TaskVerdict, request: Request) -> str:
    """The other modules that hold a task up, `02,03`, where all of them can be borrowed; and what is borrowed already."""
    waits = verdict.waits_for or ((verdict.blocked_by,) if verdict.blocked_by else ())
    modules = {task.split(".")[0] for task in waits} - {verdict.id.split(".")[0]}
    fits = request.stack == "own" and verdict.state != "pass" and verdict.id in tree.tasks and modules <= tree.borrowable
    return ",".join(sorted(modules | set(request.reference))) if modules and fits else ""


def _line(tree: Tree, verdict: TaskVerdict) -> Text:
    line = Text.assemble(glyph(verdict.state), f" {verdict.id:<5} {_title(tree, verdict)}  ")
    line.append(f"{verdict.counts['passed']}/{verdict.cases}", style="dim")
    if waits := verdict.waits_for or ((verdict.blocked_by,) if verdict.blocked_by else ()):
        line.append(f"  waits for {', '.join(waits)}", style="dim")
    return line


def _title(tree: Tree, verdict: TaskVerdict) -> str:
    task = tree.tasks.get(verdict.id)
    return task.title if task else ""
