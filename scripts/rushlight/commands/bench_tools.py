"""What the course's own tools cost whoever works with them: the tracer, and the edit loop."""

import json
import os
from typing import Optional

import typer
from rich.text import Text

from ..basics.terminal import columns, note, out, show_table
from ..benchmarks import against_libtorch, edit_loop, profiler
from ..building.build import Build
from ..course.tree import find_tree
from .bench_shared import chosen_of
from .options import JSON
from .profiling import build_profiler


def profiling(
    stack: str = typer.Option("own", "--stack", help="whose profiler and networks: own or solution."),
    only: str = typer.Option(",".join(profiler.NETWORKS), "--networks", metavar="gpt,…", help="only these."),
    rounds: int = typer.Option(60, "--rounds", min=5, help="how often each has its turn."),
    json_: bool = JSON,
) -> None:
    """What a tracer costs: processor time of training steps without, without and with one, in turns."""
    tree = find_tree()
    tree.check_stack(stack, ("own", "solution"))
    names = chosen_of(only, "network", profiler.NETWORKS)
    program = build_profiler(tree, stack)
    costs = [profiler.cost(program, name, rounds) for name in names]
    machine = against_libtorch.machine()
    if json_:
        typer.echo(json.dumps({"machine": machine, "costs": [each.as_json() for each in costs]}))
        return
    out().print(Text(machine))
    table = columns("network", figures=("events", "off ms", "on ms", "on / off", "middle half", "off / off", "ns an event"))
    for c in costs:
        figures = [str(c.events), f"{c.off_ms:.4g}", f"{c.on_ms:.4g}", f"{c.ratio:.3f}", f"{c.low:.3f}-{c.high:.3f}"]
        table.add_row(c.network, *figures, f"{c.same:.3f}", f"{c.per_event_ns:.0f}")
    show_table(table)


def loop(
    modules: Optional[str] = typer.Option(None, "--modules", metavar="NN,…", help="only these modules."),
    json_: bool = JSON,
) -> None:
    """The edit loop of each module: save, rebuild, link, run, verdict; the median of three unique edits."""
    tree = find_tree()
    for path in edit_loop.restore_leftovers(tree):
        note(f"put back {path}, which an earlier run had left edited")
    chosen = [tree.module(name.strip()) for name in modules.split(",")] if modules else list(tree.modules.values())
    stack = "solution" if tree.has_solutions else "own"
    source = tree.root / ("solutions" if tree.has_solutions else "modules")
    build = Build(tree)
    build.ensure()
    build.build([*(f"test_{module.number}_{stack}" for module in chosen), "launcher"], "warming up")
    if (load := os.getloadavg()[0]) > (os.cpu_count() or 1):
        note(f"the machine is busy (load {load:.0f} on {os.cpu_count()} processors): timings come out too long")
    timings, cost = [], edit_loop.compile_cost(build)
    for module in chosen:
        note(f"looking for what takes longest to compile in {module.name}")
        for path, limit in edit_loop.files_to_time(module, source / module.name, cost):
            note(f"timing {module.name}/{path.name}")
            seconds = edit_loop.time_file(tree, module, path, stack)
            timings.append(edit_loop.Timing(module.name, path.name, seconds, limit))
    build.build([f"test_{module.number}_{stack}" for module in chosen], "building without the edits")
    if json_:
        typer.echo(json.dumps({"modules": [timing.as_json() for timing in timings]}))
    else:
        _show_timings(timings)
    raise typer.Exit(0 if timings and all(t.seconds <= t.limit for t in timings) else 1)


def _show_timings(timings: list[edit_loop.Timing]) -> None:
    table = columns("module", "file", figures=("seconds", "limit"))
    for t in timings:
        style = "green" if t.seconds <= t.limit else "red"
        table.add_row(t.module, t.file, Text(f"{t.seconds:.2f}", style=style), f"{t.limit:.1f}")
    show_table(table)
