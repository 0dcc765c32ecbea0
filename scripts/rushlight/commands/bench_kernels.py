"""What the kernels buy, and how a backward pass grows with its layers."""

import json

import typer
from rich.text import Text

from ..basics.terminal import columns, note, out, show_table
from ..benchmarks import against_libtorch, kernel_ladder, openblas_cores
from ..course.tree import find_tree
from .bench_shared import THREADS, chosen_of, counts_of, programs, show_cores
from .options import JSON


def ladder(
    stack: str = typer.Option("own", "--stack", help="whose kernels: own, or solution with a training step too."),
    network: str = typer.Option("d", "--network", help="whose training step the kernels are added to."),
    threads: str = THREADS,
    json_: bool = JSON,
) -> None:
    """The kernels rung by rung: the matrix product in turns with OpenBLAS, and a training step, kernel by kernel."""
    tree, counts = find_tree(), counts_of(threads)
    tree.check_stack(stack, ("own", "solution"))
    chosen_of(network, "network", against_libtorch.NETWORKS)
    names = (f"bench_ladder_{stack}", f"bench_floor_{stack}")
    rungs_of, floor, *ours = programs(tree, (*names, "bench_ours") if stack == "solution" else names)
    survey = openblas_cores.Survey(floor, note)
    ladders = []
    for count in counts:
        environment = survey(network, count).environment
        steps = kernel_ladder.steps(ours[0], network, count, environment) if ours else []
        ladders.append((count, kernel_ladder.products(rungs_of, count, environment), steps))
    if json_:
        rows = [
            {"threads": count, "products": [vars(r) for r in rungs], "steps": [vars(r) for r in steps]}
            for count, rungs, steps in ladders
        ]
        cores = [choice.as_json() for choice in survey.choices.values()]
        machine = against_libtorch.machine()
        typer.echo(json.dumps({"machine": machine, "network": network, "ladders": rows, "cores": cores}))
        return
    out().print(Text(against_libtorch.machine()))
    for count, rungs, steps in ladders:
        title = f"{count} thread{'s' * (count > 1)}"
        _show_rungs((f"product, {title}", "GFLOP/s", "of the peak"), rungs)
        if steps:
            _show_rungs((f"step of {network}, {title}", "ms", "of plain"), steps)
    show_cores(survey)


def _show_rungs(titles: tuple[str, str, str], rungs: list[kernel_ladder.Rung]) -> None:
    table = columns(titles[0], figures=titles[1:])
    for rung in rungs:
        figures = [f"todo {rung.todo}", ""] if rung.todo else [f"{rung.figure:.4g}", f"{rung.share:.3f}"]
        table.add_row(rung.name, *figures)
    show_table(table)


def depth(json_: bool = JSON) -> None:
    """How long a backward pass through GPT takes, by the number of layers: it should grow as they do."""
    (program,) = programs(find_tree(), ("bench_depth",))
    times, exponent = kernel_ladder.depths(program)
    if json_:
        typer.echo(json.dumps({"machine": against_libtorch.machine(), "ms": times, "exponent": round(exponent, 3)}))
        return
    out().print(Text(against_libtorch.machine()))
    table = columns("layers", "backward ms", "ms per layer")
    for layers, ms in times.items():
        table.add_row(str(layers), f"{ms:.3g}", f"{ms / layers:.3g}")
    show_table(table)
    out().print(Text(f"time ~ layers^{exponent:.2f}"))
