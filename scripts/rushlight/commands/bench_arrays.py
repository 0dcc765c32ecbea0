"""On one thread: primitives of arrays, and layers of small weights."""

import json

import typer
from rich.text import Text

from ..basics.terminal import columns, note, out, show_table
from ..benchmarks import against_libtorch, array_primitives, openblas_cores, quantized_layers
from ..course.tree import find_tree
from .bench_shared import BACKEND, FLOOR, ROUNDS, check_backend, programs
from .options import JSON


def primitives(
    only: str = typer.Option("", "--ops", metavar="add,…", help="only these, as the table names them."),
    rounds: int = ROUNDS,
    backend: str = BACKEND,
    json_: bool = JSON,
) -> None:
    """Every primitive of module 01 in turns with a textbook expression of xtensor and a loop by hand, on one thread."""
    check_backend(backend)
    program, floor = programs(find_tree(), ("bench_primitives", FLOOR))
    survey = openblas_cores.Survey(floor, note)
    choice = survey(against_libtorch.OPS_LIKE, 1)
    note("do all three forms compute the same? then in turns")
    core, rows = array_primitives.measure(program, rounds, backend, only, choice.environment)
    machine = against_libtorch.machine()
    if json_:
        rows_ = [row.as_json() for row in rows]
        typer.echo(json.dumps({"machine": machine, "backend": backend, "core": core, "primitives": rows_}))
        return
    out().print(Text(f"{machine}; {backend}; OpenBLAS runs {core}"))
    table = columns("primitive", "size", figures=("textbook ns", "loop ns", "ours ns", "ours / loop", "textbook / ours"))
    for r in rows:
        figures = [f"{ns:.4g}" for ns in (r.textbook_ns, r.loop_ns, r.ours_ns)]
        table.add_row(r.op, r.size, *figures, f"{r.ratio:.2f}", f"{r.textbook_ratio:.2f}")
    show_table(table)


def quantize(rounds: int = ROUNDS, json_: bool = JSON) -> None:
    """A Linear of 1024 x 1024 in float, int8, q8_0 and q4_0, for one row and for 256, in turns, on one thread."""
    program, floor = programs(find_tree(), ("bench_quantize", FLOOR))
    survey = openblas_cores.Survey(floor, note)
    choice = survey(against_libtorch.OPS_LIKE, 1)
    kernels, rows = quantized_layers.measure(program, rounds, choice.environment)
    machine = against_libtorch.machine()
    if json_:
        layers = [row.as_json() for row in rows]
        typer.echo(json.dumps({"machine": machine, "core": choice.core, "kernels": kernels, "layers": layers}))
        return
    used = f"int8 by {kernels['int8']}, blocks by {kernels['blocks']}"
    out().print(Text(f"{machine}; OpenBLAS runs {choice.core}; {used}"))
    table = columns("rows", "layer", figures=("ms", "float / it", "middle half", "SQNR dB"))
    for r in rows:
        spread = f"{r.low:.2f}-{r.high:.2f}"
        table.add_row(str(r.rows), r.layer, f"{r.ms:.4g}", f"{r.speedup:.2f}", spread, "" if r.sqnr is None else f"{r.sqnr:.1f}")
    show_table(table)
