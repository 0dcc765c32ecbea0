"""What the benchmarks share: options, checks of them, the programs they run, the table of OpenBLAS's kernels."""

import math
import os
from pathlib import Path

import typer
from rich.text import Text

from ..basics.errors import RushError
from ..basics.terminal import columns, out, show_table
from ..benchmarks import judging, openblas_cores
from ..building.build import Build
from ..course.tree import Tree

FLOOR = "bench_floor_solution"
THREADS = typer.Option("1,2", "--threads", metavar="1,2", help="how many, for both.")
ROUNDS = typer.Option(15, "--rounds", min=judging.LEAST_ROUNDS, help="how often each program has its turn.")
BACKEND = typer.Option("accelerated", "--backend", help="accelerated: with the kernels; plain: without.")


def check_backend(backend: str) -> None:
    if backend not in ("accelerated", "plain"):
        raise RushError(f'there is no backend "{backend}".', "choose accelerated or plain.")


def chosen_of(only: str, kind: str, known) -> list[str]:
    names = [name.strip() for name in only.split(",")]
    unknown = [name for name in names if name not in known]
    if unknown:
        raise RushError(f"there is no {kind} {unknown[0]}.", f"choose from {', '.join(known)}.")
    return names


def counts_of(text: str, option: str = "--threads") -> list[int]:
    counts = [part.strip() for part in text.split(",")]
    if not all(part.isdigit() and int(part) > 0 for part in counts):
        raise RushError(f'{option} is "{text}".', f"give numbers, such as {option} 1,2.")
    return [int(part) for part in counts]


def programs(tree: Tree, names: tuple[str, ...]) -> list[Path]:
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
    return build.programs(names, f"building {' and '.join(names)}{patience}")


def show_cores(survey: openblas_cores.Survey) -> None:
    """What the products of a step take by themselves, by whom; every program above ran with the first kernel."""
    if pin := os.environ.get(openblas_cores.PIN):
        out().print(Text(f"{openblas_cores.PIN}={pin} here: that holds for the tests, not for what is timed."))
    table = columns("products of", "threads", "ran", "others")
    for choice in survey.choices.values():
        trials = sorted(choice.trials, key=lambda trial: (trial.name != choice.core, trial.ms or math.inf))
        texts = [f"{t.name} {t.remark}" if t.ms is None else f"{t.name} {t.ms:.4g} ms" for t in trials]
        table.add_row(choice.network, str(choice.threads), texts[0], ", ".join(texts[1:]))
    show_table(table)
