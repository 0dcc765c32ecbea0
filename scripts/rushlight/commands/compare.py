"""Student against reference, place by place: compare."""

import json
from pathlib import Path
from typing import Optional

import typer

from ..basics.errors import RushError
from ..basics.files import write_atomic
from ..basics.terminal import note
from ..compare import benchmarks, devices as on_devices, policy as policies, report, supporting
from ..compare.differences import compare as compared
from ..compare.model import TracedModel
from ..compare.page import page
from ..compare.programs import Side, build_sides, check_sides, networks, record
from ..compare.result import BenchmarkResult, format_results
from ..compare.trace import Trace
from ..compare.verdict import verdict_on
from ..course.tree import find_tree, nearest
from .options import JSON, REFERENCE, STACK

FORCES_COMPOSED = ("--fused",)  # what a kernel does in one piece has no place to look at


def register(app: typer.Typer) -> None:
    alone = None if find_tree().can_lend else "Your network with your kernels and without: where values and gradients part first."
    app.command(help=alone)(compare)


def compare(
    network: str = typer.Argument(..., metavar="mlp|cnn|gpt", help="from module 05 on mlp, with 09 cnn, with 13 gpt."),
    stack: str = STACK,
    reference: Optional[str] = REFERENCE,
    kernels: bool = typer.Option(False, "--kernels", help="the same code with the kernels of module 18 against it without."),
    double: bool = typer.Option(False, "--double", help="against the reference in double precision."),
    policy: str = typer.Option("strict", "--policy", metavar="NAME", help=f"what may differ: {', '.join(policies.names())}."),
    devices: bool = typer.Option(False, "--devices", help="gpt: the loss of a tiny one that trains on the CPU and on module 22's device."),
    bench: bool = typer.Option(False, "--benchmarks", help="gpt: the benchmarks too, one result for each."),
    html: Optional[Path] = typer.Option(None, "--html", metavar="FILE", help="also as a page with a bar for every place."),
    json_: bool = JSON,
) -> None:
    """Your network and the reference's side by side: where values and gradients part first, and which task to look at."""
    tree = find_tree()
    if network not in (known := networks(tree)):
        raise RushError(f'there is no network "{network}".', nearest(network, list(known), f"choose one of: {', '.join(known)}."))
    if bench and network != "gpt":
        raise RushError(f"the benchmarks look at hook points, and {network} has none.", "scripts/rush compare gpt --benchmarks")
    rules = policies.policy(policy)
    tree.check_stack(stack, ("own", "solution"))
    borrowed = tree.check_reference(reference)
    if devices:
        if network != "gpt":
            raise RushError(f"{network} is not compared between devices.", "scripts/rush compare gpt --devices")
        curves = on_devices.record(on_devices.build(tree, stack, borrowed))
        typer.echo(json.dumps(curves.as_json())) if json_ else on_devices.show(curves)
        raise typer.Exit(0 if curves.agree else 1)
    ours = Side(stack, kernels)
    other = Side(stack) if kernels and not double else Side("solution", preset="strict" if double else "student")
    sides = list(dict.fromkeys([ours, other]))
    check_sides(tree, network, sides)
    programs = build_sides(tree, network, sides, borrowed)
    options = FORCES_COMPOSED if kernels else ()
    traces = {side: record(programs[side], network, () if side is other else options) for side in sides}
    found = compared(traces[ours], traces[other], rules)
    verdict = verdict_on(found)
    results = _benchmarks(traces[ours], traces[other], rules) if bench else []
    words = {"ours": ours.words, "reference": other.words}
    if html is not None:
        write_atomic(html, page(found, verdict, results, *words.values()))
    if json_:
        typer.echo(json.dumps(report.as_json(found, verdict, results, words)))
    else:
        report.show(found, verdict, *words.values())
        if results:
            typer.echo(format_results(results))
        if html is not None:
            note(f"wrote {html}")
    raise typer.Exit(0 if verdict.agrees and all(result.passed for result in results) else 1)


def _benchmarks(ours: Trace, theirs: Trace, rules: policies.Policy) -> list[BenchmarkResult]:
    """Each on what the two runs left; no program runs twice."""
    model, reference = TracedModel(lambda _: ours), TracedModel(lambda _: theirs)
    with_policy = (benchmarks.benchmark_backward_hooks, benchmarks.benchmark_critical_backward_hooks, supporting.benchmark_forward_hooks)
    results = [each(model, None, reference, policy=rules) for each in with_policy]
    of_gradients = (benchmarks.benchmark_gradient_computation, benchmarks.benchmark_hook_structure)
    return results + [each(model, None, reference) for each in (*of_gradients, *supporting.PLAIN)]
