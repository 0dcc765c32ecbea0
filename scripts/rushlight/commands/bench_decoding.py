"""The next token of a text, with memory and without."""

import json
import math

import typer
from rich.text import Text

from ..basics.terminal import columns, note, out, show_table
from ..benchmarks import against_libtorch, decoding_cost, openblas_cores
from ..building.build import Build
from ..course.tree import find_tree
from .bench_shared import BACKEND, FLOOR, ROUNDS, check_backend, counts_of, programs
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
