"""What a student uses every day: start, status, test."""

import json
import os
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Iterator, Optional

import typer

from ..basics.errors import RushError, from_os_error
from ..basics.terminal import note, out, styled
from ..course import blanks, history
from ..course.tree import Tree, Unit, find_tree
from ..verdicts import gdb
from ..verdicts.last import by_module, last_known, up_to_the_next
from ..verdicts.runner import Request, Runner
from ..verdicts.unwritten import all_todo, is_unwritten
from ..verdicts.verdict import TaskVerdict, all_passed, as_json
from .options import JSON, NO_CACHE, REFERENCE, STACK

if TYPE_CHECKING:
    from rich.text import Text


def register(app: typer.Typer) -> None:
    for command in (start, status, test):
        app.command()(command)


def start() -> None:
    """Set up, build, show the board, run the first task's tests and say what to do next."""
    from ..verdicts import report
    from ..verdicts.board import next_task, show_board

    tree, console = find_tree(), out()
    runner = Runner(tree, Request())
    console.print(styled("Rushlight: the torch you make yourself.\n", style="bold"))
    with _step("configured"):
        runner.build.ensure()
        gdb.link_compile_commands(tree, runner.build)
    units = [unit for unit in tree.units.values() if unit.module]
    verdicts = _up_to_the_next_task(runner, units)
    console.print()
    for unit in units[units.index(tree.units[verdicts[-1].module[:2]]) + 1 :]:
        verdicts += all_todo(unit) if is_unwritten(tree, unit) else []
    modules = by_module(tree, verdicts)
    show_board(console, tree, modules, "own")
    task = next_task(tree, modules)
    if task is None:
        return
    console.print(styled(f"\nThe tests of {task.id}, {task.title}, say:", style="bold"))
    report.show(console, tree, [v for v in verdicts if v.id == task.id], runner.request)
    lesson = f"modules/{tree.modules[task.module].name}/README.md"
    steps = [
        f"read the lesson: {lesson}",
        f"write {task.id} in place of its blank: {blanks.find_blank(tree, task)}",
        f"test it: scripts/rush test {task.id}   (or leave `scripts/rush watch` running)",
        f"stuck: scripts/rush hint {task.id}",
    ]
    if history.can_begin(tree.root) and not _begin_history(tree):
        steps.append(f"keep what you write: {' && '.join(history.COMMANDS)}")
    console.print(styled("\nWhat to do next", style="bold"))
    for number, line in enumerate(steps, 1):
        console.print(styled(f"  {number}. {line}"))


def _begin_history(tree: Tree) -> bool:
    """Asks where somebody is there to answer."""
    wanted = sys.stdin.isatty() and typer.confirm("\nKeep a history of what you write here (git init and one commit)?", True)
    if wanted:
        history.begin(tree.root)
    return wanted


def _up_to_the_next_task(runner: Runner, units: list[Unit]) -> list[TaskVerdict]:
    """Module by module, until one is not finished: the first verdict must not wait for what comes later."""
    verdicts: list[TaskVerdict] = []
    for unit in units:
        with _step(f"built {unit.name} and tested it"):
            fresh = runner.test([unit])
        verdicts += fresh
        if any(verdict.state != "pass" for verdict in fresh):
            break
    return verdicts


@contextmanager
def _step(what: str) -> Iterator[None]:
    started = time.monotonic()
    yield
    out().print(styled(("✓ ", "green"), f"{what} ", (f"({time.monotonic() - started:.1f} s)", "dim")))


def status(
    stack: str = STACK,
    json_: bool = JSON,
) -> None:
    """The board: every module, four states, points, the next task. At once: it builds and tests nothing."""
    tree = find_tree()
    stack = tree.check_stack(stack)
    known = last_known(tree, stack)
    verdicts = [each.verdict for each in known]
    if json_:
        board = as_json(verdicts)
        tasks = [task | {"old": each.old, "borrowed": each.borrowed} for task, each in zip(board["tasks"], known)]
        typer.echo(json.dumps({**board, "tasks": tasks}))
    else:
        from ..verdicts.board import marks_of, show_board

        show_board(out(), tree, by_module(tree, verdicts), stack, marks_of(known))


def test(
    what: Optional[str] = typer.Argument(None, metavar="[NN[.T]]", help="a module, a task or a suite; all without it."),
    stack: str = STACK,
    reference: Optional[str] = REFERENCE,
    race: bool = typer.Option(False, "--race", help="look for races between threads: once more under ThreadSanitizer; module 22's emulator always looks."),
    ranks: Optional[int] = typer.Option(None, "--ranks", metavar="3|4", min=2, max=4, help="module 21 with up to so many processes; 2 without it."),
    no_cache: bool = NO_CACHE,
    json_: bool = JSON,
) -> None:
    """Build only what is needed, run it, explain the first failure."""
    if ranks:
        os.environ["RUSHLIGHT_RANKS"] = str(ranks)
    try:
        verdicts = _test(find_tree(), what, stack, reference, not no_cache, json_, race)
    except (RushError, OSError) as error:
        if json_:  # whoever reads it gets an object in any case; what went wrong is no verdict on anybody's code
            problem = error if isinstance(error, RushError) else from_os_error(error)
            typer.echo(json.dumps(as_json([]) | {"error": problem.message}))
        raise
    raise typer.Exit(0 if all_passed(verdicts) else 1)


def _test(
    tree: Tree, what: Optional[str], stack: str, reference: Optional[str], use_cache: bool, json_: bool, race: bool = False
) -> list[TaskVerdict]:
    whose = tree.check_stack(stack), tree.check_reference(reference)
    units, task = choose(tree, what, stack)
    request = Request(*whose, use_cache, race and not _watched_anyway(what, units))
    verdicts = Runner(tree, request).test(units, task)
    if json_:
        typer.echo(json.dumps(as_json(verdicts)))
    else:
        from ..verdicts import report

        following = _next_line(tree, request, verdicts[-1].id) if all_passed(verdicts) else None
        report.show(out(), tree, verdicts, request, following)
    return verdicts


def _watched_anyway(what: Optional[str], units: list[Unit]) -> bool:
    """To ThreadSanitizer the threads of an emulated kernel are one; the emulator itself compares their accesses."""
    if what is None:
        raise RushError("--race compiles everything once more, for one module at a time.", "scripts/rush test 18 --race")
    if not any(unit.module and (unit.module.folder / "emulator").is_dir() for unit in units):
        return False
    note("the emulator looks for races in every run: each access of a kernel is compared with those of other threads")
    return True


def _next_line(tree: Tree, request: Request, passed: str) -> "Text | None":
    from ..verdicts.board import next_after, next_line

    if request.stack == "isolated" or request.stack == "own" and request.reference:
        return next_after(tree, passed, request.reference)
    return next_line(tree, up_to_the_next(tree, "own")) if request.stack == "own" else None


def choose(tree: Tree, what: Optional[str], stack: str):
    """The units to test, and the one task of theirs that was asked for, if it was one."""
    if what is None:
        units = [unit for unit in tree.units.values() if stack != "accelerated" or unit.key != tree.kernels]
        units = [unit for unit in units if unit.module or stack != "isolated"]
        if left_out := [unit.name for unit in units if tree.lacking(stack, tree.last_module(unit))]:
            note(f"not here, for want of the reference they need: {', '.join(left_out)}")
        return [unit for unit in units if unit.name not in left_out], None
    unit, task = tree.unit(what)
    if unit.module is None and stack == "isolated":
        raise RushError(f"{unit.name} spans modules, so there is none to isolate.", "choose --stack own.")
    if unit.key == tree.kernels and stack == "accelerated":
        raise RushError(f"the tests of {unit.name} install its kernels themselves.", "choose --stack own.")
    tree.check_stack(stack, last=tree.last_module(unit))
    return [unit], task
