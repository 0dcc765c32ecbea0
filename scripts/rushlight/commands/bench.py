"""Measuring: ours against libtorch, what the kernels buy, and the edit loop."""

import json
import math
import os
from typing import Optional

import typer
from rich.table import Table
from rich.text import Text

from ..basics.errors import RushError
from ..basics.terminal import note, out, show_table
from ..benchmarks import (
    against_libtorch,
    array_primitives,
    decoding_cost,
    edit_loop,
    judging,
    kernel_ladder,
    openblas_cores,
    profiler,
    quantized_layers,
)
from ..building.build import Build
from ..course.tree import Tree, find_tree
from .options import JSON

PROGRAMS = ("bench_ours", "bench_theirs", "bench_floor_solution", "bench_statistics")
PRIMITIVES = ("bench_primitives", "bench_floor_solution")
LADDER, FLOOR = "bench_ladder", "bench_floor"
THREADS = typer.Option("1,2", "--threads", metavar="1,2", help="how many, for both.")
ROUNDS = typer.Option(15, "--rounds", min=judging.LEAST_ROUNDS, help="how often each program has its turn.")
BACKEND = typer.Option("accelerated", "--backend", help="accelerated: with the kernels; plain: without.")


def register(app: typer.Typer) -> None:
    bench = typer.Typer(name="bench", invoke_without_command=True, rich_markup_mode=None)
    bench.callback()(networks)
    of_the_reference = not _has_solutions()  # what cannot work is not listed
    bench.command("ops", hidden=of_the_reference)(ops)
    bench.command("primitives", hidden=of_the_reference)(primitives)
    bench.command("ladder")(ladder)
    bench.command("depth", hidden=of_the_reference)(depth)
    bench.command("decode", hidden=of_the_reference)(decode)
    bench.command("profiling")(profiling)
    bench.command("quantize", hidden=of_the_reference)(quantize)
    bench.command("loop")(loop)
    app.add_typer(bench)


def _has_solutions() -> bool:
    try:
        return find_tree().has_solutions
    except RushError:
        return True


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
        _compare(_chosen(only, "network", against_libtorch.NETWORKS), threads, rounds, backend, json_)


def ops(
    only: str = typer.Option(",".join(against_libtorch.OPS), "--ops", metavar="gelu,…", help="only these."),
    threads: str = THREADS,
    rounds: int = ROUNDS,
    backend: str = BACKEND,
    json_: bool = JSON,
) -> None:
    """Single ops, forward and backward, in Rushlight and in libtorch, timed in turns."""
    _compare(_chosen(only, "op", against_libtorch.OPS), threads, rounds, backend, json_)


def _compare(names: list[str], threads: str, rounds: int, backend: str, json_: bool) -> None:
    _check_backend(backend)
    counts = _counts(threads)
    ours, theirs, floor, statistics = _programs(find_tree(), PROGRAMS)
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
    _show_cores(survey)


def primitives(
    only: str = typer.Option("", "--ops", metavar="add,…", help="only these, as the table names them."),
    rounds: int = ROUNDS,
    backend: str = BACKEND,
    json_: bool = JSON,
) -> None:
    """Every primitive of module 01 in turns with a textbook expression of xtensor and a loop by hand, on one thread."""
    _check_backend(backend)
    program, floor = _programs(find_tree(), PRIMITIVES)
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
    table = Table("primitive", "size", box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("textbook ns", "loop ns", "ours ns", "ours / loop", "textbook / ours"):
        table.add_column(name, justify="right")
    for r in rows:
        figures = [f"{ns:.4g}" for ns in (r.textbook_ns, r.loop_ns, r.ours_ns)]
        table.add_row(r.op, r.size, *figures, f"{r.ratio:.2f}", f"{r.textbook_ratio:.2f}")
    show_table(table)


def _check_backend(backend: str) -> None:
    if backend not in ("accelerated", "plain"):
        raise RushError(f'there is no backend "{backend}".', "choose accelerated or plain.")


def _chosen(only: str, kind: str, known) -> list[str]:
    names = [name.strip() for name in only.split(",")]
    unknown = [name for name in names if name not in known]
    if unknown:
        raise RushError(f"there is no {kind} {unknown[0]}.", f"choose from {', '.join(known)}.")
    return names


def _counts(text: str, option: str = "--threads") -> list[int]:
    counts = [part.strip() for part in text.split(",")]
    if not all(part.isdigit() and int(part) > 0 for part in counts):
        raise RushError(f'{option} is "{text}".', f"give numbers, such as {option} 1,2.")
    return [int(part) for part in counts]


def _programs(tree: Tree, names: tuple[str, ...]) -> list:
    """The programs of these names, built in the release preset."""
    if not tree.has_solutions and not all(name.endswith("_own") for name in names):
        raise RushError("the benchmark times the reference, and this copy of the course has none.")
    build = Build(tree, "release")
    build.ensure()
    if "bench_theirs" in names and not build.found("RUSHLIGHT_TORCH"):  # it may have been installed since
        build.configure()
        if not build.found("RUSHLIGHT_TORCH"):
            raise RushError("libtorch, to compare with, is not installed.", "apt-get install libtorch-dev")
    patience = " (libtorch's headers take half a minute)" if "bench_theirs" in names else ""
    outcome = build.build(names, f"building {' and '.join(names)}{patience}")
    missing = [name for name in names if name not in outcome.ready]
    if missing:
        reason = outcome.failures[0].message if outcome.failures else "no reason was given"
        raise RushError(f"{missing[0]} does not build: {reason}", code=1)
    return [build.executable(name) for name in names]


def _show_networks(results: list[against_libtorch.Result]) -> None:
    table = Table("network", "threads", box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("ours ms", "libtorch ms", "ratio", "interval", "ours / ours", "x floor", "MiB", "libtorch MiB", "gradients agree"):
        table.add_column(name, justify="right")
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


def _show_cores(survey: openblas_cores.Survey) -> None:
    """What the products of a step take by themselves, by whom; every program above ran with the first kernel."""
    if pin := os.environ.get(openblas_cores.PIN):
        out().print(Text(f"{openblas_cores.PIN}={pin} here: that holds for the tests, not for what is timed."))
    table = Table("products of", "threads", "ran", "others", box=None, padding=(0, 2, 0, 0), header_style="dim")
    for choice in survey.choices.values():
        trials = sorted(choice.trials, key=lambda trial: (trial.name != choice.core, trial.ms or math.inf))
        texts = [f"{t.name} {t.remark}" if t.ms is None else f"{t.name} {t.ms:.4g} ms" for t in trials]
        table.add_row(choice.network, str(choice.threads), texts[0], ", ".join(texts[1:]))
    show_table(table)


def ladder(
    stack: str = typer.Option("own", "--stack", help="whose kernels: own, or solution with a training step too."),
    network: str = typer.Option("d", "--network", help="whose training step the kernels are added to."),
    threads: str = THREADS,
    json_: bool = JSON,
) -> None:
    """The kernels rung by rung: the matrix product in turns with OpenBLAS, and a training step, kernel by kernel."""
    tree, counts = find_tree(), _counts(threads)
    tree.check_stack(stack, ("own", "solution"))
    _chosen(network, "network", against_libtorch.NETWORKS)
    names = (f"{LADDER}_{stack}", f"{FLOOR}_{stack}")
    rungs_of, floor, *ours = _programs(tree, (*names, "bench_ours") if stack == "solution" else names)
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
    _show_cores(survey)


def _show_rungs(titles: tuple[str, str, str], rungs: list[kernel_ladder.Rung]) -> None:
    table = Table(titles[0], box=None, padding=(0, 2, 0, 0), header_style="dim")
    for title in titles[1:]:
        table.add_column(title, justify="right")
    for rung in rungs:
        figures = [f"todo {rung.todo}", ""] if rung.todo else [f"{rung.figure:.4g}", f"{rung.share:.3f}"]
        table.add_row(rung.name, *figures)
    show_table(table)


def depth(json_: bool = JSON) -> None:
    """How long a backward pass through GPT takes, by the number of layers: it should grow as they do."""
    (program,) = _programs(find_tree(), ("bench_depth",))
    times, exponent = kernel_ladder.depths(program)
    if json_:
        typer.echo(json.dumps({"machine": against_libtorch.machine(), "ms": times, "exponent": round(exponent, 3)}))
        return
    out().print(Text(against_libtorch.machine()))
    table = Table("layers", "backward ms", "ms per layer", box=None, padding=(0, 2, 0, 0), header_style="dim")
    for layers, ms in times.items():
        table.add_row(str(layers), f"{ms:.3g}", f"{ms / layers:.3g}")
    show_table(table)
    out().print(Text(f"time ~ layers^{exponent:.2f}"))


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
    _check_backend(backend)
    lengths, tree = _counts(pasts, "--pasts"), find_tree()
    ours, floor = _programs(tree, ("bench_ours", "bench_floor_solution"))
    theirs = _programs(tree, ("bench_theirs",))[0] if Build(tree, "release").found("RUSHLIGHT_TORCH") else None
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
    table = Table("tokens before", box=None, padding=(0, 2, 0, 0), header_style="dim")
    titles = ("with memory ms", "A/A", "middle half", "without ms", "saved", "tokens/s", "libtorch ms", "ours / libtorch")
    for name in titles:
        table.add_column(name, justify="right")
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


def profiling(
    stack: str = typer.Option("own", "--stack", help="whose profiler and networks: own or solution."),
    only: str = typer.Option(",".join(profiler.NETWORKS), "--networks", metavar="gpt,…", help="only these."),
    rounds: int = typer.Option(60, "--rounds", min=5, help="how often each has its turn."),
    json_: bool = JSON,
) -> None:
    """What a tracer costs: processor time of training steps without, without and with one, in turns."""
    tree = find_tree()
    tree.check_stack(stack, ("own", "solution"))
    names = _chosen(only, "network", profiler.NETWORKS)
    (program,) = _programs(tree, (f"profile_{stack}",))
    costs = [profiler.cost(program, name, rounds) for name in names]
    machine = against_libtorch.machine()
    if json_:
        typer.echo(json.dumps({"machine": machine, "costs": [each.as_json() for each in costs]}))
        return
    out().print(Text(machine))
    table = Table("network", box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("events", "off ms", "on ms", "on / off", "middle half", "off / off", "ns an event"):
        table.add_column(name, justify="right")
    for c in costs:
        figures = [str(c.events), f"{c.off_ms:.4g}", f"{c.on_ms:.4g}", f"{c.ratio:.3f}", f"{c.low:.3f}-{c.high:.3f}"]
        table.add_row(c.network, *figures, f"{c.same:.3f}", f"{c.per_event_ns:.0f}")
    show_table(table)


def quantize(rounds: int = ROUNDS, json_: bool = JSON) -> None:
    """A Linear of 1024 x 1024 in float, int8, q8_0 and q4_0, for one row and for 256, in turns, on one thread."""
    program, floor = _programs(find_tree(), ("bench_quantize", "bench_floor_solution"))
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
    table = Table("rows", "layer", box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("ms", "float / it", "middle half", "SQNR dB"):
        table.add_column(name, justify="right")
    for r in rows:
        spread = f"{r.low:.2f}-{r.high:.2f}"
        table.add_row(str(r.rows), r.layer, f"{r.ms:.4g}", f"{r.speedup:.2f}", spread, f"{r.sqnr:.1f}" if r.sqnr else "")
    show_table(table)


def loop(
    modules: Optional[str] = typer.Option(None, "--modules", metavar="NN,…", help="only these modules."),
    json_: bool = JSON,
) -> None:
    """The edit loop of each module: save, rebuild, link, run, verdict; the median of three unique edits."""
    tree = find_tree()
    for path in edit_loop.restore_leftovers(tree):
        note(f"put back {path}, which an earlier run had left edited")
    chosen = [tree.module(name.strip()) for name in modules.split(",")] if modules else list(tree.modules.values())
    stack = "solution" if tree.has_solutions else "own"
    source = tree.root / ("solutions" if tree.has_solutions else "modules")
    build = Build(tree)
    build.ensure()
    build.build([*(f"test_{module.number}_{stack}" for module in chosen), "launcher"], "warming up")
    if (load := os.getloadavg()[0]) > (os.cpu_count() or 1):
        note(f"the machine is busy (load {load:.0f} on {os.cpu_count()} processors): timings come out too long")
    timings, cost = [], edit_loop.compile_cost(build)
    for module in chosen:
        note(f"looking for what takes longest to compile in {module.name}")
        for path, limit in edit_loop.files_to_time(module, source / module.name, cost):
            note(f"timing {module.name}/{path.name}")
            seconds = edit_loop.time_file(tree, module, path, stack)
            timings.append(edit_loop.Timing(module.name, path.name, seconds, limit))
    build.build([f"test_{module.number}_{stack}" for module in chosen], "building without the edits")
    if json_:
        typer.echo(json.dumps({"modules": [timing.as_json() for timing in timings]}))
    else:
        _show_timings(timings)
    raise typer.Exit(0 if timings and all(t.seconds <= t.limit for t in timings) else 1)


def _show_timings(timings: list[edit_loop.Timing]) -> None:
    table = Table("module", "file", box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("seconds", "limit"):
        table.add_column(name, justify="right")
    for t in timings:
        style = "green" if t.seconds <= t.limit else "red"
        table.add_row(t.module, t.file, Text(f"{t.seconds:.2f}", style=style), f"{t.limit:.1f}")
    show_table(table)
