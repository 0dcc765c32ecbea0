"""Training with what was written: milestone."""

import json
from pathlib import Path
from typing import Optional

import typer
from rich.table import Table

from ..basics.errors import INTERRUPTED, RushError
from ..basics.terminal import note, out, show_error, show_table
from ..compare import devices
from ..course.tree import Tree, find_tree, nearest
from ..milestones import pictures, recount, run as training
from ..milestones.follow import follow
from ..milestones.kernels import accelerated
from ..milestones.needs import check_needs, in_words, missing_tasks, modules_in_words, on_device as needed_on_device, uncertain_tasks
from ..milestones.view import make_view, show_folder, show_result
from . import on_device
from .options import JSON, REFERENCE, STACK


def register(app: typer.Typer) -> None:
    app.command()(milestone)


def milestone(
    name: Optional[str] = typer.Argument(None, metavar="[NAME]", help="which one; without it, all are listed with what they need."),
    stack: str = STACK,
    reference: Optional[str] = REFERENCE,
    control: bool = typer.Option(False, "--control", help="the negative control, which must miss the bar."),
    seed: Optional[int] = typer.Option(None, "--seed", min=0, max=2**64 - 1),
    epochs: Optional[int] = typer.Option(None, "--epochs", min=1),
    data: Optional[Path] = typer.Option(None, "--data", help="a folder of data instead of the installed one."),
    resume: bool = typer.Option(False, "--resume", help="go on where the last run of it was stopped."),
    quick: bool = typer.Option(False, "--quick", help="the short form, for the milestones that have one."),
    own: Optional[list[str]] = typer.Argument(None, metavar="[-- OPTION...]", help="options of this milestone alone."),
    backend: str = typer.Option("auto", "--backend", help="accelerated: with the kernels that you wrote; plain: without; auto: with them once all tasks of their module pass."),
    device: Optional[str] = typer.Option(None, "--device", metavar="cuda|emulated", help="transformer, with module 22: a few steps on the CPU and on the device, which must agree."),
    json_: bool = JSON,
) -> None:
    """Train with a progress bar, write a run folder, and enforce the acceptance numbers."""
    tree, console = find_tree(), out()
    if name is None:
        return show_milestones(tree)
    if name not in tree.milestones:
        raise RushError(f'there is no milestone "{name}".', nearest(name, list(tree.milestones), "scripts/rush milestone"))
    stack = tree.check_stack(stack, ("own", "solution"), tree.last)
    borrowed = tree.check_reference(reference)
    if device is not None:
        others = {"--control": control, "--epochs": epochs, "--data": data, "--resume": resume, "--quick": quick, "own options": own}
        on_device.check(tree, name, device, others | {"--backend": backend != "auto"})
        return train_on_device(tree, name, device, stack, borrowed, seed, json_)
    if stack == "own":
        check_needs(tree, name, borrowed)
    options = {"control": control, "seed": seed, "epochs": epochs, "data": str(data) if data else None}
    options |= {"quick": quick, "own": own or [], "reference": reference}
    folder = training.folder_to_resume(tree, name, stack) if resume else None
    options["accelerated"] = accelerated(tree, backend, stack, borrowed)
    options |= training.decided_before(folder) if folder else {}
    executable = training.build_milestone(tree, name, stack, borrowed, options["accelerated"])
    run = training.Run(name, stack, folder or training.new_folder(tree, name), options)
    if resume:
        training.resume(run)

    (run.folder / recount.PREDICTIONS).unlink(missing_ok=True)  # of the run that goes on
    training.write_summary(run)  # a run that is killed can go on, too

    view = make_view(console, json_)
    try:
        follow(run, training.command(executable, run, resume), view.event, view.text)
    finally:
        view.close()
    recount.check(tree, run)
    if json_:
        typer.echo(json.dumps(run.as_json()))
    else:
        show_result(console, run)
    _keep(run)
    if not json_:
        show_folder(console, run)
    if problem := training.failure(tree, run):
        show_error(problem)
        raise typer.Exit(problem.code)
    if run.interrupted:
        can_go_on = (run.folder / training.CHECKPOINT).is_file()
        note(f"stopped; what was written so far is in {run.folder}")
        note(f"go on: scripts/rush milestone {name}{_spelled(run)} --resume" if can_go_on else f"{name} begins anew the next time.")
        raise typer.Exit(INTERRUPTED)
    raise typer.Exit(0 if run.accepted else 1)


def train_on_device(tree: Tree, name: str, device: str, stack: str, borrowed: tuple[str, ...], seed: Optional[int], json_: bool) -> None:
    curves = on_device.train(tree, name, device, stack, borrowed, seed)
    folder = training.new_folder(tree, name)
    on_device.keep(folder, curves)
    if json_:
        typer.echo(json.dumps(curves.as_json()))
    else:
        devices.show(curves)
        note(f"kept in {folder}")
    raise typer.Exit(0 if curves.agree else 1)


def _spelled(run: training.Run) -> str:
    reference = run.options["reference"]
    return (f" --stack {run.stack}" if run.stack != "own" else "") + (f" --reference {reference}" if reference else "")


def show_milestones(tree: Tree) -> None:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for column in ("year", "milestone", "what happens", "needs", "still to write"):
        table.add_column(column, no_wrap=column != "still to write")
    for name, (_, manifest) in tree.milestones.items():
        missing = missing_tasks(tree, name)
        perhaps = uncertain_tasks(tree, name)
        left = in_words(tree, missing) if missing else f"perhaps {in_words(tree, perhaps)}: try it" if perhaps else "nothing: try it"
        table.add_row(str(manifest["year"]), name, manifest.get("title", ""), modules_in_words(tree, name), left)
    show_table(table)
    for name in tree.milestones:
        if needed_on_device(tree, name):
            before = missing_tasks(tree, name)
            missing = [task for task in missing_tasks(tree, name, device=True) if task not in before]
            left = f"; of these still to write: {in_words(tree, missing)}" if missing else ""
            note(f"{name} --device emulated (or cuda): a few steps on that device, too; needs also {', '.join(needed_on_device(tree, name))}{left}")
    note("scripts/rush milestone NAME trains it with what you wrote.")


def _keep(run: training.Run) -> None:
    """The summary and the pictures. The result is out already: a disk that is full now takes nothing of it away."""
    try:
        training.write_summary(run)
        _draw(run)
    except OSError as error:
        note(f"the summary or the pictures could not be written: {error.strerror or error}")


def _draw(run: training.Run) -> None:
    try:
        pictures.draw_all(run)
    except ImportError:
        note("no pictures: matplotlib is missing (apt-get install python3-matplotlib)")
    except ValueError as error:
        note(f"some pictures are missing: {error}")
