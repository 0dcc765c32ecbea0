"""For whoever is stuck: hint, reveal, debug, reset."""

import os
import sys
from typing import Optional

import typer

from ..basics.errors import RushError
from ..basics.terminal import out, styled
from ..course import blanks, reset as resetting, sealed
from ..course.hints import next_hints
from ..course.manifest import Task
from ..course.tree import Tree, Unit, find_tree
from ..verdicts import gdb
from ..verdicts.explain_crash import debug_target
from ..verdicts.runner import Request, Runner
from ..verdicts.verdict import TaskVerdict
from .options import REFERENCE, STACK


def register(app: typer.Typer) -> None:
    for command in (hint, reveal, debug, reset):
        app.command()(command)


def hint(
    task: str = typer.Argument(..., metavar="NN.T"),
    from_start: bool = typer.Option(False, "--from-start", help="begin again with the first hint."),
) -> None:
    """A hint; each time one more, up to three."""
    tree, console = find_tree(), out()
    chosen = tree.task(task)
    hints = next_hints(tree, chosen, from_start)
    console.print(styled(f"{chosen.id} {chosen.title}   {blanks.find_blank(tree, chosen)}", style="bold"))
    for number, text in enumerate(hints, 1):
        console.print(styled((f"{number}. ", "cyan"), text))
    left = len(chosen.hints) - len(hints)
    again = f"{left} more: the same command again" if left else "that was the last one; `--from-start` begins again"
    console.print(styled(again, style="dim"))


def reveal(
    task: str = typer.Argument(..., metavar="NN.T"),
    force: bool = typer.Option(False, "--force", help="show it before the task passes (asks first)."),
    yes: bool = typer.Option(False, "--yes", help="with --force: do not ask."),
    reference: Optional[str] = REFERENCE,
) -> None:
    """The reference for a task that you have passed."""
    tree, console = find_tree(), out()
    chosen = tree.task(task)
    borrowed = tree.check_reference(reference)
    if chosen.module in borrowed:
        raise RushError(f"{chosen.id} is of a module that you borrow: a pass would not be yours.", "borrow the others alone.")
    if not tree.has_solutions and not sealed.is_sealed(tree.root, chosen):
        raise RushError(
            f"this copy of the course does not carry the reference of {chosen.id}, so there is nothing to reveal.",
            f"scripts/rush hint {chosen.id}",
            code=1,
        )
    if force:
        _agreed_to_see(tree, chosen, yes)
        pieces = blanks.reference_code(tree, chosen)
    else:
        verdict = _pass_of(tree, chosen, borrowed)
        pieces = blanks.reference_code(tree, chosen) if tree.has_solutions else _unsealed(tree, chosen, verdict)
    if not pieces:
        raise RushError(f"the solutions have no region for {chosen.id}.", code=1)
    for file, code in pieces:
        console.print(styled(file, style="bold"))
        if console.is_terminal:
            from rich.syntax import Syntax

            console.print(Syntax(code, "cpp", background_color="default"))
        else:
            console.print(styled(code))


def _agreed_to_see(tree: Tree, task: Task, yes: bool) -> None:
    if not tree.has_solutions:
        raise RushError(
            "--force works where the solutions are; here the reference opens once the task passes.",
            f"scripts/rush hint {task.id}",
        )
    if not yes:
        if not sys.stdin.isatty():
            raise RushError("--force asks before it shows a solution, and nobody is there to answer.", "add --yes.")
        typer.confirm(f"Show the reference for {task.id} before your own version passes?", abort=True)


def _pass_of(tree: Tree, task: Task, borrowed: tuple[str, ...]) -> TaskVerdict:
    verdict = Runner(tree, Request(reference=borrowed)).test([tree.units[task.module]], task)[0]
    if verdict.state != "pass":
        force = "   (or reveal --force)" if tree.has_solutions else ""
        if tree.borrowable and not borrowed:
            force += f"   (if it passes with others borrowed: scripts/rush reveal {task.id} --reference NN)"
        raise RushError(
            f"{task.id} does not pass yet ({verdict.state}): the reference shows itself once it does.",
            f"scripts/rush hint {task.id}{force}",
            code=1,
        )
    return verdict


def _unsealed(tree: Tree, task: Task, verdict: TaskVerdict) -> list[tuple[str, str]]:
    passed = [case["case"] for case in verdict.details if case["state"] == "pass"]
    pieces = sealed.unseal(tree.root, task, passed)
    if pieces is None:
        raise RushError(
            f"the reference of {task.id} does not open: it was sealed for other tests than these.",
            "ask whoever handed out this copy for a new one.",
            code=1,
        )
    return [(file.removeprefix("solutions/"), code) for file, code in pieces]


def debug(
    task: str = typer.Argument(..., metavar="NN.T"),
    case: Optional[str] = typer.Option(None, "--case", help="this test instead of the first that fails."),
    stack: str = STACK,
    reference: Optional[str] = REFERENCE,
    print_: bool = typer.Option(False, "--print", help="print the command instead of running it."),
) -> None:
    """The first failing test of a task under gdb, stopped where it fails."""
    tree = find_tree()
    chosen = tree.task(task)
    runner = Runner(tree, Request(tree.check_stack(stack), tree.check_reference(reference)))
    unit: Unit = tree.units[chosen.module]
    verdict = runner.test([unit], chosen)[0]
    gdb.link_compile_commands(tree, runner.build)
    executable = runner.build.test_executable(_debug_build(runner, unit, stack))
    command = gdb.gdb_command(tree, executable, gdb.failing_case(verdict, case), chosen)
    if print_:
        import shlex

        typer.echo(shlex.join(command))
        return
    sys.stdout.flush()
    os.execv(command[0], command)


def _debug_build(runner: Runner, unit: Unit, stack: str) -> str:
    """Without optimisation, where the code is the student's: gdb then sees every variable."""
    target = debug_target(unit, stack)
    if target and target in runner.build.build([target], f"building {target}").ready:
        return target
    return unit.target(stack)


def reset(
    what: str = typer.Argument(..., metavar="NN[.T]", help="a module or a task."),
    back: bool = typer.Option(False, "--undo", help="bring back what the last reset of the module took away."),
) -> None:
    """Put a module's or a task's skeleton back; what changes is copied to .rush/backup first."""
    tree, console = find_tree(), out()
    task = tree.task(what) if "." in what else None
    module = tree.modules[task.module] if task else tree.module(what)
    if back:
        folder, changed = resetting.undo(tree, module)
    elif task:
        folder, changed = resetting.reset_task(tree, task)
    else:
        folder, changed = resetting.reset_module(tree, module)
    if not changed:
        console.print(styled(f"{what}: nothing to restore, {'the backup' if back else 'the skeleton'} is in place already"))
        return
    console.print(styled(f"{module.name}: {'brought back' if back else 'restored'} {', '.join(changed)}"))
    if folder:
        console.print(styled(f"{'what stood there' if back else 'your version'}: {folder.relative_to(tree.root)}   (scripts/rush reset {module.number} --undo)"))
