"""Measuring: bench, a command for each question. Each family of them has a file of its own, bench_*.py."""

import typer

from ..basics.errors import RushError
from ..course.tree import find_tree
from . import bench_arrays, bench_decoding, bench_kernels, bench_networks, bench_ranks, bench_tools


def register(app: typer.Typer) -> None:
    of_the_reference = not _has_solutions()  # what cannot work is not listed
    bench = typer.Typer(name="bench", invoke_without_command=True, no_args_is_help=of_the_reference, rich_markup_mode=None)
    bench.callback()(yours if of_the_reference else bench_networks.networks)
    bench.command("ops", hidden=of_the_reference)(bench_networks.ops)
    bench.command("primitives", hidden=of_the_reference)(bench_arrays.primitives)
    bench.command("ladder")(bench_kernels.ladder)
    bench.command("depth", hidden=of_the_reference)(bench_kernels.depth)
    bench.command("decode", hidden=of_the_reference)(bench_decoding.decode)
    bench.command("llama", hidden=of_the_reference)(bench_decoding.llama)
    bench.command("profiling")(bench_tools.profiling)
    bench.command("quantize", hidden=of_the_reference)(bench_arrays.quantize)
    bench.command("onnx", hidden=of_the_reference)(bench_arrays.onnx)
    bench.command("ranks")(bench_ranks.ranks)
    bench.command("loop")(bench_tools.loop)
    app.add_typer(bench)


def yours() -> None:
    """What your kernels, your tracer, your ranks and the edit loop cost."""


def _has_solutions() -> bool:
    try:
        return find_tree().has_solutions
    except RushError:
        return True
