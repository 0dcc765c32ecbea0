"""The next token of a text, with memory and without."""

import json
import math
import tempfile
from pathlib import Path

import typer
from rich.text import Text

from ..basics.terminal import columns, note, out, show_table
from ..benchmarks import against_libtorch, against_llama, decoding_cost, openblas_cores
from ..building.build import Build
from ..course.tree import find_tree
from .bench_shared import BACKEND, FLOOR, ROUNDS, check_backend, chosen_of, counts_of, programs
from .options import JSON


def decode(
    pasts: str = typer.Option(
        ",".join(map(str, decoding_cost.PASTS)), "--pasts", metavar="64,…", help="tokens before the one that is timed."
    ),
    threads: int = typer.Option(1, "--threads", min=1, help="how many, for all."),
    rounds: int = ROUNDS,
    backend: str = BACKEND,
    json_: bool = JSON,
) -> None:
    """The next token of a GPT with module 15's memory and without, by the length of the text; beside libtorch's."""
    check_backend(backend)
    lengths, tree = counts_of(pasts, "--pasts"), find_tree()
    ours, floor = programs(tree, ("bench_ours", FLOOR))
    theirs = programs(tree, ("bench_theirs",))[0] if Build(tree, "release").found("RUSHLIGHT_TORCH") else None
    if not theirs:
        note("libtorch is not installed (apt-get install libtorch-dev): its columns stay empty")
    survey = openblas_cores.Survey(floor, note)
    choice = survey("d", threads)
    race = decoding_cost.Race(ours, theirs, choice.environment, threads, backend == "accelerated", rounds, note)
    rows = decoding_cost.measure(race, sorted(lengths))
    growth, machine = decoding_cost.growth(rows), against_libtorch.machine()
    if json_:
        rows_ = [row.as_json() for row in rows]
        report = {"machine": machine, "backend": backend, "threads": threads, "core": choice.core}
        typer.echo(json.dumps(report | {"decode": rows_, "growth": growth.as_json()}))
        return
    out().print(Text(f"{machine}; {backend}, {threads} thread{'s' * (threads > 1)}; OpenBLAS runs {choice.core}"))
    _show_decoding(rows, growth)


def _show_decoding(rows: list[decoding_cost.Row], growth: decoding_cost.Growth) -> None:
    titles = ("with memory ms", "A/A", "middle half", "without ms", "saved", "tokens/s", "libtorch ms", "ours / libtorch")
    table = columns("tokens before", figures=titles)
    for r in rows:
        figures = [str(r.past), f"{r.memory_ms:.4g}", f"{r.again:.3f}", f"{r.again_low:.3f}-{r.again_high:.3f}"]
        figures += [f"{r.whole_ms:.4g}", f"{r.saved:.1f}x", f"{r.tokens_a_second:.0f}"]
        has_peer = math.isfinite(r.libtorch_ms)
        table.add_row(*figures, *([f"{r.libtorch_ms:.4g}", f"{r.libtorch_ratio:.3f}"] if has_peer else ["", ""]))
    show_table(table)
    for name, over_all, late in (
        ("with memory", growth.memory, growth.memory_late),
        ("without", growth.whole, growth.whole_late),
    ):
        out().print(Text(f"{name}: ms ~ tokens^{over_all:.2f}; over the longest three tokens^{late:.2f}"))


def llama(
    sizes: str = typer.Option(",".join(against_llama.SIZES), "--sizes", metavar="256x6,…", help="width x layers."),
    types: str = typer.Option(",".join(against_llama.TOLERANCE), "--types", metavar="f32,…", help="of the weights."),
    threads: int = typer.Option(1, "--threads", min=1, help="how many, for both."),
    rounds: int = ROUNDS,
    json_: bool = JSON,
) -> None:
    """The token that fills the context of a GPT, here and in llama.cpp, from one GGUF file. Needs npm."""
    chosen_types, tree = chosen_of(types, "type", against_llama.TOLERANCE), find_tree()
    ours, peer, floor = programs(tree, ("bench_llama_ours", "bench_llama_peer", FLOOR))
    choice = openblas_cores.Survey(floor, note)("d", threads)
    libraries = against_llama.libraries(tree.root)
    race = against_llama.Race(ours, peer, libraries, choice.environment, threads, rounds, note)
    with tempfile.TemporaryDirectory(prefix="rush-llama-") as folder:
        rows = against_llama.measure(race, [size.strip() for size in sizes.split(",")], chosen_types, Path(folder))
    machine = against_libtorch.machine()
    if json_:
        report = {"machine": machine, "threads": threads, "core": choice.core}
        typer.echo(json.dumps(report | {"llama": [row.as_json() for row in rows]}))
        return
    out().print(Text(f"{machine}; {threads} thread{'s' * (threads > 1)}; OpenBLAS runs {choice.core}"))
    _show_llama(rows)


def _show_llama(rows: list[against_llama.Row]) -> None:
    titles = ("tokens/s", "llama.cpp's", "ours / llama.cpp's", "middle half", "ours / ours", "logits agree")
    table = columns("width x layers", "type", figures=titles)
    for r in rows:
        figures = [f"{r.ours:.0f}", f"{r.llama:.0f}", f"{r.ratio:.2f}", f"{r.low:.2f}-{r.high:.2f}", f"{r.again:.3f}"]
        table.add_row(r.size, r.type, *figures, f"to {r.logits:.0e}")
    show_table(table)
