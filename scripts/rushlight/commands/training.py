"""Training with what was written: milestone."""

import json
from pathlib import Path
from typing import Optional

import typer

from ..basics.errors import INTERRUPTED, RushError
from ..basics.terminal import note, out, show_error
from ..course.tree import find_tree, nearest
from ..milestones import pictures, run as training
from ..milestones.kernels import accelerated
from ..milestones.view import make_view, show_result
from .options import JSON, REFERENCE, STACK


def register(app: typer.Typer) -> None:
    app.command()(milestone)


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
    backend: str = typer.Option("auto", "--backend", help="accelerated: with the kernels that you wrote; plain: without; auto: with them once all tasks of their module pass."),
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
