"""Training, measuring and publishing: milestone, bench, mutants, release."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Optional

import typer
from rich.table import Table
from rich.text import Text

from . import bench_loop, milestone as training, pictures, release as releasing
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
    bench = typer.Typer(name="bench", help="Measure.", no_args_is_help=True, rich_markup_mode=None)
    bench.callback()(_bench)
    bench.command("loop")(loop)
    app.add_typer(bench)


def _bench() -> None:
    """Measure: the edit loop."""


def milestone(
    name: str = typer.Argument(..., metavar="NAME"),
    stack: str = STACK,
    reference: Optional[str] = REFERENCE,
    control: bool = typer.Option(False, "--control", help="the negative control, which must miss the bar."),
    seed: Optional[int] = typer.Option(None, "--seed", min=0),
    epochs: Optional[int] = typer.Option(None, "--epochs", min=1),
    data: Optional[Path] = typer.Option(None, "--data", help="a folder of data instead of the installed one."),
    json_: bool = JSON,
) -> None:
    """Train with a progress bar, write a run folder, and enforce the acceptance numbers."""
    tree = find_tree()
    if name not in tree.milestones:
        raise RushError(f'there is no milestone "{name}".', nearest(name, list(tree.milestones), "see milestones/"))
    stack = tree.check_stack(stack, ("own", "solution"))
    executable = training.build_milestone(tree, name, stack, tree.check_reference(reference))
    options = {"control": control, "seed": seed, "epochs": epochs, "data": str(data) if data else None}
    options["reference"] = reference
    run = training.Run(name, stack, training.new_folder(tree, name), options)
    command = [str(executable), "--out", str(run.folder)] + (["--control"] if control else [])
    for option, value in (("--seed", seed), ("--epochs", epochs), ("--data", data)):
        command += [option, str(value)] if value is not None else []

    console = out()
    view = make_view(console, json_)
    try:
        training.follow(run, command, view.event, view.text)
    finally:
        view.close()
    training.write_summary(run)
    drawn = _draw(run)
    if json_:
        typer.echo(json.dumps(run.as_json()))
    else:
        show_result(console, run, drawn, control)
    if problem := training.failure(run):
        show_error(problem)
        raise typer.Exit(problem.code)
    if run.interrupted:
        note(f"stopped; what was written so far is in {run.folder}")
        raise typer.Exit(INTERRUPTED)
    raise typer.Exit(0 if run.accepted else 1)


def _draw(run: training.Run) -> list[str]:
    try:
        return pictures.draw_all(run)
    except ImportError:
        note("no pictures: matplotlib is missing (apt-get install python3-matplotlib)")
    except ValueError as error:
        note(f"some pictures are missing: {error}")
    return []


def loop(
    modules: Optional[str] = typer.Option(None, "--modules", metavar="NN,…", help="only these modules."),
    json_: bool = JSON,
) -> None:
    """The edit loop of each module: save, rebuild, link, run, verdict; the median of three unique edits."""
    tree = find_tree()
    for path in bench_loop.restore_leftovers(tree):
        note(f"put back {path}, which an earlier run had left edited")
    chosen = [tree.module(name.strip()) for name in modules.split(",")] if modules else list(tree.modules.values())
    stack = "solution" if tree.has_solutions else "own"
    source = tree.root / ("solutions" if tree.has_solutions else "modules")
    build = Build(tree)
    build.ensure()
    build.build([*(f"test_{module.number}_{stack}" for module in chosen), "launcher"], "warming up")
    if (load := os.getloadavg()[0]) > (os.cpu_count() or 1):
        note(f"the machine is busy (load {load:.0f} on {os.cpu_count()} processors): timings come out too long")
    timings = []
    for module in chosen:
        for path, limit in bench_loop.files_to_time(module, source / module.name):
            note(f"timing {module.name}/{path.name}")
            seconds = bench_loop.time_file(tree, module, path, stack)
            timings.append(bench_loop.Timing(module.name, path.name, seconds, limit))
    build.build([f"test_{module.number}_{stack}" for module in chosen], "building without the edits")
    if json_:
        typer.echo(json.dumps({"modules": [timing.as_json() for timing in timings]}))
    else:
        _show_timings(timings)
    raise typer.Exit(0 if timings and all(t.seconds <= t.limit for t in timings) else 1)


def _show_timings(timings: list[bench_loop.Timing]) -> None:
    table = Table("module", "file", box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("seconds", "limit"):
        table.add_column(name, justify="right")
    for t in timings:
        style = "green" if t.seconds <= t.limit else "red"
        table.add_row(t.module, t.file, Text(f"{t.seconds:.2f}", style=style), f"{t.limit:.1f}")
    out().print(table)


def mutants(
    module: Optional[str] = typer.Argument(None, metavar="[NN]"),
    json_: bool = JSON,
) -> None:
    """Which test kills which plausible bug."""
    tree = find_tree()
    script = tree.root / "scripts" / "mutants.py"
    if not tree.has_solutions or not script.is_file():
        raise RushError("mutants are bugs planted in the reference, and this copy of the course has none.")
    numbers = [tree.module(module).number] if module else list(tree.modules)
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
