"""Training and publishing: milestone, mutants, release."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Optional

import typer
from rich.text import Text

from . import milestone as training, pictures, release as releasing
from .backend import accelerated
from .build import Build
from .commands_student import JSON, REFERENCE, STACK
from .errors import INTERRUPTED, RushError
from .milestone_view import make_view, show_result
from .process import plain_environment
from .terminal import note, out, show_error
from .tree import nearest, find_tree


def register(app: typer.Typer) -> None:
    app.command()(milestone)
    app.command()(mutants)
    app.command()(release)


def milestone(
    name: str = typer.Argument(..., metavar="NAME"),
    stack: str = STACK,
    reference: Optional[str] = REFERENCE,
    control: bool = typer.Option(False, "--control", help="the negative control, which must miss the bar."),
    seed: Optional[int] = typer.Option(None, "--seed", min=0),
    epochs: Optional[int] = typer.Option(None, "--epochs", min=1),
    data: Optional[Path] = typer.Option(None, "--data", help="a folder of data instead of the installed one."),
    quick: bool = typer.Option(False, "--quick", help="the short form, for the milestones that have one."),
    own: Optional[list[str]] = typer.Argument(None, metavar="[-- OPTION...]", help="options of this milestone alone."),
    backend: str = typer.Option("auto", "--backend", help="accelerated: with module 18's kernels; plain: without; auto: with them once all tasks of 18 pass."),
    json_: bool = JSON,
) -> None:
    """Train with a progress bar, write a run folder, and enforce the acceptance numbers."""
    tree = find_tree()
    if name not in tree.milestones:
        raise RushError(f'there is no milestone "{name}".', nearest(name, list(tree.milestones), "see milestones/"))
    stack = tree.check_stack(stack, ("own", "solution"))
    borrowed = tree.check_reference(reference)
    fast = accelerated(tree, backend, stack, borrowed)
    executable = training.build_milestone(tree, name, stack, borrowed)
    options = {"control": control, "accelerated": fast, "seed": seed, "epochs": epochs, "data": str(data) if data else None}
    options |= {"quick": quick, "own": own or []}
    options["reference"] = reference
    run = training.Run(name, stack, training.new_folder(tree, name), options)
    command = [str(executable), "--out", str(run.folder)] + (["--control"] if control else [])
    for option, value in (("--seed", seed), ("--epochs", epochs), ("--data", data)):
        command += [option, str(value)] if value is not None else []
    command += ["--accelerated"] if fast else []
    command += (["--quick"] if quick else []) + (own or [])

    console = out()
    view = make_view(console, json_)
    try:
        training.follow(run, command, view.event, view.text)
    finally:
        view.close()
    training.write_summary(run)
    _draw(run)
    if json_:
        typer.echo(json.dumps(run.as_json()))
    else:
        show_result(console, run, control)
    if problem := training.failure(run):
        show_error(problem)
        raise typer.Exit(problem.code)
    if run.interrupted:
        note(f"stopped; what was written so far is in {run.folder}")
        raise typer.Exit(INTERRUPTED)
    raise typer.Exit(0 if run.accepted else 1)


def _draw(run: training.Run) -> None:
    try:
        pictures.draw_all(run)
    except ImportError:
        note("no pictures: matplotlib is missing (apt-get install python3-matplotlib)")
    except ValueError as error:
        note(f"some pictures are missing: {error}")


def mutants(
    module: Optional[str] = typer.Argument(None, metavar="[NN|milestones]"),
    json_: bool = JSON,
) -> None:
    """Which test kills which plausible bug."""
    tree = find_tree()
    script = tree.root / "tools" / "mutants.py"
    if not tree.has_solutions or not script.is_file():
        raise RushError("mutants are bugs planted in the reference, and this copy of the course has none.")
    numbers = list(tree.modules)
    if module:
        numbers = [module if module == "milestones" and module in tree.units else tree.module(module).number]
    build = Build(tree)
    build.ensure()
    build.build([*(tree.units[number].target("solution") for number in numbers), "launcher"])
    command = [sys.executable, str(script)] + (numbers if module else [])
    command += (["--json"] if json_ else []) + ["--build", str(build.folder)]
    sys.stdout.flush()
    raise typer.Exit(subprocess.run(command, cwd=tree.root, env=plain_environment()).returncode)


def release(
    folder: Path = typer.Argument(..., metavar="DIR"),
) -> None:
    """Make the students' tree in a new folder: skeletons and tests, no solutions."""
    tree = find_tree()
    count = releasing.release(tree, folder)
    out().print(Text(f"{folder}: {count} files, {len(tree.modules)} modules, no solutions."))
    out().print(Text(f"Check it: {folder}/scripts/rush test   (every task should be todo)", style="dim"))
