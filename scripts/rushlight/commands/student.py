"""What a student uses every day: start, status, test, watch, hint, reveal, debug, reset."""

import json
import os
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator, Optional

import typer

from ..basics.errors import RushError, from_os_error
from ..basics.terminal import note, out, show_error, styled
from ..course import blanks, reset as resetting
from ..course.hints import next_hints
from ..course.tree import Tree, Unit, find_tree
from ..verdicts import gdb, watch as watching
from ..verdicts.explain_crash import debug_target
from ..verdicts.runner import Request, Runner
from ..verdicts.unwritten import all_todo, is_unwritten
from ..verdicts.verdict import TaskVerdict, all_passed, as_json
from .options import JSON, NO_CACHE, REFERENCE, STACK


def register(app: typer.Typer) -> None:
    for command in (start, status, test, watch, hint, reveal, debug, reset):
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
    by_module = _by_module(tree, verdicts)
    show_board(console, tree, by_module, "own")
    task = next_task(tree, by_module)
    if task is None:
        return
    console.print(styled(f"\nThe tests of {task.id}, {task.title}, say:", style="bold"))
    report.show(console, tree, [v for v in verdicts if v.id == task.id], "own")
    lesson = f"modules/{tree.modules[task.module].name}/README.md"
    console.print(styled("\nWhat to do next", style="bold"))
    for number, line in enumerate(
        (
            f"read the lesson: {lesson}",
            f"write {task.id} in place of its blank: {blanks.find_blank(tree, task)}",
            f"test it: scripts/rush test {task.id}   (or leave `scripts/rush watch` running)",
            f"stuck: scripts/rush hint {task.id}",
        ),
        1,
    ):
        console.print(styled(f"  {number}. {line}"))


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
    run: bool = typer.Option(True, "--run/--no-run", help="test what has changed since the last verdict."),
    json_: bool = JSON,
) -> None:
    """The board: every module, four states, points, the next task."""
    tree = find_tree()
    runner = Runner(tree, Request(tree.check_stack(stack)))
    units = [unit for unit in tree.units.values() if unit.module]
    known = runner.known(units)
    if stack == "own":
        known |= {unit.key: all_todo(unit) for unit in units if unit.key not in known and is_unwritten(tree, unit)}
    stale = [unit for unit in units if unit.key not in known]
    if stale and not json_:
        doing = "testing" if run else "no verdict, or changed since:"
        note(f"{doing} {', '.join(unit.key for unit in stale)}")
    if stale and run:
        fresh = runner.test(stale)
        for unit in stale:
            known[unit.key] = [verdict for verdict in fresh if verdict.module == unit.name]
    if json_:
        typer.echo(json.dumps(as_json([v for unit in units for v in known.get(unit.key, [])])))
    else:
        from ..verdicts.board import show_board

        show_board(out(), tree, known, stack)


def test(
    what: Optional[str] = typer.Argument(None, metavar="[NN[.T]]", help="a module, a task or a suite; all without it."),
    stack: str = STACK,
    reference: Optional[str] = REFERENCE,
    no_cache: bool = NO_CACHE,
    json_: bool = JSON,
) -> None:
    """Build only what is needed, run it, explain the first failure."""
    try:
        verdicts = _test(find_tree(), what, stack, reference, not no_cache, json_)
    except (RushError, OSError) as error:
        if json_:  # whoever reads it gets an object in any case; what went wrong is no verdict on anybody's code
            problem = error if isinstance(error, RushError) else from_os_error(error)
            typer.echo(json.dumps(as_json([]) | {"error": problem.message}))
        raise
    raise typer.Exit(0 if all_passed(verdicts) else 1)


def _test(
    tree: Tree, what: Optional[str], stack: str, reference: Optional[str], use_cache: bool, json_: bool
) -> list[TaskVerdict]:
    request = Request(tree.check_stack(stack), tree.check_reference(reference), use_cache)
    units, task = choose(tree, what, stack)
    verdicts = Runner(tree, request).test(units, task)
    if json_:
        typer.echo(json.dumps(as_json(verdicts)))
    else:
        from ..verdicts import report

        report.show(out(), tree, verdicts, stack)
    return verdicts


def choose(tree: Tree, what: Optional[str], stack: str):
    """The units to test, and the one task of theirs that was asked for, if it was one."""
    if what is None:
        units = [unit for unit in tree.units.values() if stack != "accelerated" or unit.key != tree.kernels]
        return [unit for unit in units if unit.module or stack != "isolated"], None
    unit, task = tree.unit(what)
    if unit.module is None and stack == "isolated":
        raise RushError(f"{unit.name} spans modules, so there is none to isolate.", "choose --stack own.")
    if unit.key == tree.kernels and stack == "accelerated":
        raise RushError(f"the tests of {unit.name} install its kernels themselves.", "choose --stack own.")
    return [unit], task


def watch(
    what: Optional[str] = typer.Argument(None, metavar="[NN]", help="the module to watch; all without it."),
) -> None:
    """Test again whenever you save. Ctrl-C ends it."""
    from ..verdicts import report

    tree, console = find_tree(), out()
    modules = [tree.module(what)] if what else list(tree.modules.values())
    files = [module.folder / name for module in modules for name in module.files]
    watched = ", ".join(module.name for module in modules) if len(modules) < 4 else f"{len(modules)} modules"
    console.print(styled(f"watching {watched}; save a file to test it, Ctrl-C to stop.", style="dim"))

    def on_change(changed: set[Path]) -> None:
        console.print(styled(f"\n{time.strftime('%H:%M:%S')}  {', '.join(sorted(p.name for p in changed))}", style="dim"))
        units = [tree.units[number] for number in sorted({path.parent.name[:2] for path in changed})]
        try:
            report.show(console, tree, Runner(tree, Request()).test(units), "own")
        except RushError as error:  # the next save may mend it
            show_error(error)

    try:
        watching.watch(files, on_change)
    except KeyboardInterrupt:
        console.print(styled("\nstopped watching.", style="dim"))


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
) -> None:
    """The reference for a task that you have passed."""
    tree, console = find_tree(), out()
    chosen = tree.task(task)
    if not tree.has_solutions:
        raise RushError(
            "this copy of the course carries no solutions, so there is nothing to reveal.",
            f"scripts/rush hint {chosen.id}",
            code=1,
        )
    pieces = blanks.reference_code(tree, chosen)
    if not pieces:
        raise RushError(f"the solutions have no region for {chosen.id}.", code=1)
    if force:
        if not yes:
            if not sys.stdin.isatty():
                raise RushError("--force asks before it shows a solution, and nobody is there to answer.", "add --yes.")
            typer.confirm(f"Show the reference for {chosen.id} before your own version passes?", abort=True)
    else:
        verdict = Runner(tree, Request()).test([tree.units[chosen.module]], chosen)[0]
        if verdict.state != "pass":
            raise RushError(
                f"{chosen.id} does not pass yet ({verdict.state}): the reference shows itself once it does.",
                f"scripts/rush hint {chosen.id}   (or reveal --force)",
                code=1,
            )
    for file, code in pieces:
        console.print(styled(file, style="bold"))
        if console.is_terminal:
            from rich.syntax import Syntax

            console.print(Syntax(code, "cpp", background_color="default"))
        else:
            console.print(styled(code))


def debug(
    task: str = typer.Argument(..., metavar="NN.T"),
    case: Optional[str] = typer.Option(None, "--case", help="this test instead of the first that fails."),
    stack: str = STACK,
    print_: bool = typer.Option(False, "--print", help="print the command instead of running it."),
) -> None:
    """The first failing test of a task under gdb, stopped where it fails."""
    tree = find_tree()
    chosen = tree.task(task)
    runner = Runner(tree, Request(tree.check_stack(stack)))
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
    module: str = typer.Argument(..., metavar="NN"),
) -> None:
    """Put a module's skeleton back; your files are copied to .rush/backup first."""
    tree, console = find_tree(), out()
    chosen = tree.module(module)
    folder, changed = resetting.reset(tree, chosen)
    what = ", ".join(changed) if changed else "nothing: it was the skeleton already"
    console.print(styled(f"{chosen.name}: restored {what}"))
    console.print(styled(f"your version: {folder.relative_to(tree.root)}"))


def _by_module(tree: Tree, verdicts: list[TaskVerdict]) -> dict[str, list[TaskVerdict]]:
    """What is known of each module; one that was not tested is left out."""
    grouped = {
        number: [verdict for verdict in verdicts if verdict.module == module.name]
        for number, module in tree.modules.items()
    }
    return {number: group for number, group in grouped.items() if group}
