"""Ours against libtorch: networks and single ops."""

import json
import math

import typer
from rich.text import Text

from ..basics.terminal import columns, note, out, show_table
from ..benchmarks import against_libtorch, openblas_cores
from ..course.tree import find_tree
from .bench_shared import BACKEND, FLOOR, ROUNDS, THREADS, check_backend, chosen_of, counts_of, programs, show_cores
from .options import JSON

PROGRAMS = ("bench_ours", "bench_theirs", FLOOR, "bench_statistics")


def networks(
    context: typer.Context,
    only: str = typer.Option("a,b,c,d,e", "--networks", metavar="a,b,…", help="only these."),
    threads: str = THREADS,
    rounds: int = ROUNDS,
    backend: str = BACKEND,
    json_: bool = JSON,
) -> None:
    """The same networks in Rushlight and in libtorch, timed in turns. The other benchmarks are commands of their own."""
    if not context.invoked_subcommand:
        _compare(chosen_of(only, "network", against_libtorch.NETWORKS), threads, rounds, backend, json_)


def ops(
    only: str = typer.Option(",".join(against_libtorch.OPS), "--ops", metavar="gelu,…", help="only these."),
    threads: str = THREADS,
    rounds: int = ROUNDS,
    backend: str = BACKEND,
    json_: bool = JSON,
) -> None:
    """Single ops, forward and backward, in Rushlight and in libtorch, timed in turns."""
    _compare(chosen_of(only, "op", against_libtorch.OPS), threads, rounds, backend, json_)


def _compare(names: list[str], threads: str, rounds: int, backend: str, json_: bool) -> None:
    check_backend(backend)
    counts = counts_of(threads)
    ours, theirs, floor, statistics = programs(find_tree(), PROGRAMS)
    survey = openblas_cores.Survey(floor, note)
    race = against_libtorch.Race(ours, theirs, floor, statistics, survey, backend == "accelerated", rounds, note)
    results = [against_libtorch.compare(name, count, race) for count in counts for name in names]
    machine = against_libtorch.machine()
    if json_:
        rows = [result.as_json() for result in results]
        cores = [choice.as_json() for choice in survey.choices.values()]
        typer.echo(json.dumps({"machine": machine, "backend": backend, "networks": rows, "cores": cores}))
        return
    out().print(Text(f"{machine}; {backend}"))
    _show_networks(results)
    show_cores(survey)


def _show_networks(results: list[against_libtorch.Result]) -> None:
    titles = ("ours ms", "libtorch ms", "ratio", "interval", "ours / ours", "x floor", "MiB", "libtorch MiB", "gradients agree")
    table = columns("network", "threads", figures=titles)
    for name in ("verdict", "libtorch ran with", "OpenBLAS ran", "floor by"):
        table.add_column(name)
    for r in results:
        row = [r.name, str(r.threads), f"{r.ours_ms:.4g}", f"{r.libtorch_ms:.4g}", f"{r.ratio:.3f}"]
        floor = f"{r.floor_ratio:.2f}" if math.isfinite(r.floor_ratio) else ""
        row += [f"{r.ratio_low:.3f}-{r.ratio_high:.3f}", f"{r.self_low:.3f}-{r.self_high:.3f}", floor, f"{r.ours_mib:.0f}"]
        row += [f"{r.libtorch_mib:.0f}", f"to {r.gradient_error:.0e}", r.verdict, r.libtorch_configuration]
        row += [r.core if r.core == r.libtorch_core else f"{r.core} / {r.libtorch_core}", r.floor_kernels]
        table.add_row(*row)
    show_table(table)
