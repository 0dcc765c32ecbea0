"""Measuring: ours against libtorch, and the edit loop."""

import json
import os
from typing import Optional

import typer
from rich.table import Table
from rich.text import Text

from . import bench_loop, bench_networks
from .build import Build
from .commands_student import JSON
from .errors import RushError
from .terminal import note, out
from .tree import Tree, find_tree

PROGRAMS = ("bench_ours", "bench_theirs")


def register(app: typer.Typer) -> None:
    bench = typer.Typer(name="bench", invoke_without_command=True, rich_markup_mode=None)
    bench.callback()(networks)
    bench.command("loop")(loop)
    app.add_typer(bench)


def networks(
    context: typer.Context,
    only: str = typer.Option("a,b,c,d,e", "--networks", metavar="a,b,…", help="only these."),
    threads: str = typer.Option("1,2", "--threads", metavar="1,2", help="how many, for both."),
    rounds: int = typer.Option(15, "--rounds", min=3, help="how often each program has its turn."),
    json_: bool = JSON,
) -> None:
    """The same networks in Rushlight and in libtorch, timed in turns. `bench loop` times the edit loop."""
    if context.invoked_subcommand:
        return
    tree = find_tree()
    names, counts = _chosen(only, threads)
    ours, theirs = _programs(tree)
    results = [
        bench_networks.compare(name, count, ours, theirs, rounds, note) for count in counts for name in names
    ]
    machine = bench_networks.machine()
    if json_:
        typer.echo(json.dumps({"machine": machine, "networks": [result.as_json() for result in results]}))
        return
    out().print(Text(machine))
    _show_networks(results)


def _chosen(only: str, threads: str) -> tuple[list[str], list[int]]:
    names = [name.strip() for name in only.split(",")]
    unknown = [name for name in names if name not in bench_networks.NETWORKS]
    if unknown:
        raise RushError(f"there is no network {unknown[0]}.", "choose from a, b, c, d, e.")
    counts = [part.strip() for part in threads.split(",")]
    if not all(part.isdigit() and int(part) > 0 for part in counts):
        raise RushError(f'--threads is "{threads}".', "give numbers, such as --threads 1,2.")
    return names, [int(part) for part in counts]


def _programs(tree: Tree) -> list:
    if not tree.has_solutions:
        raise RushError("the benchmark times the reference, and this copy of the course has none.")
    build = Build(tree, "release")
    build.ensure()
    if not build.found("RUSHLIGHT_TORCH"):  # it may have been installed since
        build.configure()
    if not build.found("RUSHLIGHT_TORCH"):
        raise RushError("libtorch, to compare with, is not installed.", "apt-get install libtorch-dev")
    outcome = build.build(PROGRAMS, "building the two programs (libtorch's headers take half a minute)")
    missing = [name for name in PROGRAMS if name not in outcome.ready]
    if missing:
        reason = outcome.failures[0].message if outcome.failures else "no reason was given"
        raise RushError(f"{missing[0]} does not build: {reason}", code=1)
    return [build.executable(name) for name in PROGRAMS]


def _show_networks(results: list[bench_networks.Result]) -> None:
    table = Table("network", "threads", box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("ours ms", "libtorch ms", "ratio", "middle half", "x floor", "MiB", "libtorch MiB", "gradients agree"):
        table.add_column(name, justify="right")
    table.add_column("libtorch ran with")
    for r in results:
        row = [r.name, str(r.threads), f"{r.ours_ms:.4g}", f"{r.libtorch_ms:.4g}", f"{r.ratio:.3f}"]
        row += [f"{r.ratio_low:.3f}-{r.ratio_high:.3f}", f"{r.floor_ratio:.2f}", f"{r.ours_mib:.0f}"]
        row += [f"{r.libtorch_mib:.0f}", f"to {r.gradient_error:.0e}", r.libtorch_configuration]
        table.add_row(*row)
    out().print(table)


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
