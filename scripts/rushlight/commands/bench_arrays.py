"""On one thread: primitives of arrays, and layers of small weights."""

import json
import tempfile
from pathlib import Path

import typer
from rich.text import Text

from ..basics.terminal import columns, note, out, show_table
from ..benchmarks import against_libtorch, against_onnx, array_primitives, openblas_cores, quantized_layers
from ..course.tree import find_tree
from .bench_shared import BACKEND, FLOOR, ROUNDS, check_backend, chosen_of, counts_of, programs
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


def onnx(
    rows: str = typer.Option("1,256", "--rows", metavar="1,256", help="of the input."),
    weights: str = typer.Option(",".join(against_onnx.TOLERANCE), "--weights", metavar="s8,…", help="as ONNX Runtime has them."),
    layers: int = typer.Option(against_onnx.LAYERS, "--layers", min=1, help="one after the other; of float a quarter as many."),
    rounds: int = ROUNDS,
    json_: bool = JSON,
) -> None:
    """Int8 layers of 1024 x 1024, here and in ONNX Runtime, on one thread. Needs npm, which fetches 70 MB."""
    counts, kinds, tree = counts_of(rows, "--rows"), chosen_of(weights, "weight", against_onnx.TOLERANCE), find_tree()
    ours, peer, floor = programs(tree, ("bench_onnx_ours", "bench_onnx_peer", FLOOR))
    choice = openblas_cores.Survey(floor, note)(against_libtorch.OPS_LIKE, 1)
    library = against_onnx.library(tree.root)
    race = against_onnx.Race(ours, peer, library, choice.environment, rounds, layers, note)
    with tempfile.TemporaryDirectory(prefix="rush-onnx-") as folder:
        found = against_onnx.measure(race, counts, kinds, Path(folder))
    machine = against_libtorch.machine()
    if json_:
        report = {"machine": machine, "core": choice.core, "layers": layers}
        typer.echo(json.dumps(report | {"onnx": [row.as_json() for row in found]}))
        return
    out().print(Text(f"{machine}; {layers} layer{'s' * (layers > 1)}; OpenBLAS runs {choice.core}"))
    _show_onnx(found)


def _show_onnx(rows: list[against_onnx.Row]) -> None:
    titles = ("ms a layer", "ONNX Runtime's", "ours / its", "middle half", "ours / ours", "its call", "outputs agree")
    table = columns("rows", "weights", figures=titles)
    for r in rows:
        figures = [f"{r.ours_ms:.4g}", f"{r.onnx_ms:.4g}", f"{r.ratio:.2f}", f"{r.low:.2f}-{r.high:.2f}", f"{r.again:.3f}"]
        table.add_row(str(r.rows), r.weights, *figures, f"{100 * r.call:.1f} %", f"to {r.difference:.0e}")
    show_table(table)
