"""Steps on several processes, how much of their sums is hidden, and what a model makes of more of them."""

import json
import os
from typing import Any

import typer
from rich.text import Text

from ..basics.errors import RushError
from ..basics.terminal import columns, note, out, show_table
from ..benchmarks import against_libtorch
from ..course.tree import find_tree
from ..ranks import model, start
from .bench_shared import counts_of
from .options import JSON, STACK

FAR = (8, 64, 1024)


def ranks(
    counts: str = typer.Option("1,2", "--ranks", metavar="1,2", help="how many processes, each by itself."),
    steps: int = typer.Option(30, "--steps", min=5, help="steps for each way of doing it."),
    batch: int = typer.Option(256, "--batch", min=1, help="examples of all ranks together."),
    stack: str = STACK,
    json_: bool = JSON,
) -> None:
    """A step of data parallel training: its time, what overlap hides, and a model of more ranks."""
    tree, wanted = find_tree(), counts_of(counts, "--ranks")
    if max(wanted) < 2:
        raise RushError("one rank sends no messages.", "--ranks 1,2")
    program = start.build(tree, stack)
    measured = [_measure(program, each, steps, batch) for each in wanted]
    report = report_of(measured)
    if json_:
        typer.echo(json.dumps({"machine": against_libtorch.machine(), **report}))
        return
    out().print(Text(f"{against_libtorch.machine()}; the network of milestone mlp, {batch} examples a step"))
    if (load := os.getloadavg()[0]) > (os.cpu_count() or 1):
        note(f"this machine is busy (load {load:.0f} on {os.cpu_count()} processors): ranks wait for a processor more than for each other")
    _show(report)


def _measure(program, count: int, steps: int, batch: int) -> dict[str, Any]:
    lines: list[str] = []
    words = ["bench", "--steps", str(steps), "--batch", str(batch)]
    status, errors = start.follow(start.command(count, program, words), lines.append)
    if status != 0 or not lines:
        raise RushError(errors or f"{count} ranks ended with status {status}.", code=1)
    return json.loads(lines[-1])


def report_of(measured: list[dict[str, Any]]) -> dict[str, Any]:
    """Everything that is shown, from what the program printed for each number of ranks."""
    rows = [
        {
            "ranks": each["ranks"],
            "bucket_kib": way["bucket_kib"],
            "step_ms": 1e3 * way["overlap"]["step"],
            "apart_ms": 1e3 * way["apart"]["step"],
            "hidden": model.hidden(way["apart"]["waiting"], way["overlap"]["waiting"]) if each["ranks"] > 1 else None,
        }
        for each in measured
        for way in each["steps"]
    ]
    several = [each for each in measured if each["ranks"] > 1]
    two = min(several, key=lambda each: each["ranks"])
    link = model.fit(*([(point["bytes"], point[what]) for point in two["messages"]] for what in ("exchange", "add")))
    checks = []
    for each in several:
        predicted = [link.ring(point["bytes"], each["ranks"]) for point in each["messages"]]
        middle, worst = model.error(predicted, [point["ring"] for point in each["messages"]])
        checks.append({"ranks": each["ranks"], "median": middle, "worst": worst})
    size = 4 * two["numbers"]
    far = [{"ranks": r, "ring_ms": 1e3 * link.ring(size, r), "tree_ms": 1e3 * link.tree(size, r)} for r in FAR]
    return {"steps": rows, "latency_us": 1e6 * link.latency, "gigabytes": link.bandwidth / 1e9, "adding": 1e-9 / link.adding, "fit": checks, "bytes": size, "model": far}


def _show(report: dict[str, Any]) -> None:
    table = columns("ranks", figures=("bucket KiB", "step ms", "without overlap ms", "hidden"))
    for row in report["steps"]:
        share = "" if row["hidden"] is None else f"{row['hidden']:.0%}"
        table.add_row(str(row["ranks"]), str(row["bucket_kib"]), f"{row['step_ms']:.3g}", f"{row['apart_ms']:.3g}", share)
    show_table(table)
    costs = f"{report['latency_us']:.1f} us + bytes / {report['gigabytes']:.2f} GB/s; adding {report['adding']:.2f} GB/s"
    out().print(Text(f"to the right while as much comes from the left, here: {costs}"))
    for check in report["fit"]:
        out().print(Text(f"that model's ring on {check['ranks']} ranks is off by {check['median']:.0%} in the middle, {check['worst']:.0%} at worst"))
    table = columns("MODEL, not measured: ranks", figures=("ring ms", "tree ms"))
    for row in report["model"]:
        table.add_row(str(row["ranks"]), f"{row['ring_ms']:.3g}", f"{row['tree_ms']:.3g}")
    show_table(table)
    out().print(Text(f"for {report['bytes']:,} bytes, if every link were as the one between two processes of this machine"))
