"""For whoever hands the course out: mutants, release."""

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Optional

import typer
from rich.text import Text

from ..basics.errors import RushError
from ..basics.process import plain_environment
from ..basics.terminal import out
from ..building.archives import make_archives
from ..building.build import Build
from ..course import release as releasing
from ..course.borrowing import machine_kind
from ..course.tree import Tree, find_tree
from ..site import wasm
from .options import JSON


BESIDE = ("milestones", "integration")  # what no student writes has mutants too


def register(app: typer.Typer) -> None:
    app.command()(mutants)
    app.command()(release)


def mutants(
    module: Optional[str] = typer.Argument(None, metavar="[NN|milestones|integration]"),
    json_: bool = JSON,
) -> None:
    """Which test kills which plausible bug, with which words, and what a naive check says of it."""
    tree = find_tree()
    script = tree.root / "tools" / "mutants.py"
    if not tree.has_solutions or not script.is_file():
        raise RushError("mutants are bugs planted in the reference, and this copy of the course has none.")
    numbers = list(tree.modules)
    if module:
        numbers = [module if module in BESIDE and module in tree.units else tree.module(module).number]
    build = Build(tree)
    build.ensure()
    build.build([*(tree.units[number].target("solution") for number in numbers), "launcher"])
    command = [sys.executable, str(script)] + (numbers if module else [])
    command += (["--json"] if json_ else []) + ["--naive", "--build", str(build.folder)]
    sys.stdout.flush()
    raise typer.Exit(subprocess.run(command, cwd=tree.root, env=plain_environment()).returncode)


def release(
    folder: Path = typer.Argument(..., metavar="DIR"),
    borrow: str = typer.Option("all", "--borrow", metavar="all|none|NN,…", help="the modules that students can borrow: their reference, compiled for machines of this kind."),
    reveal: bool = typer.Option(True, "--reveal/--no-reveal", help="with the reference of each task, for `rush reveal` once it passes."),
) -> None:
    """Make the students' tree in a new folder: skeletons and tests, no solutions."""
    tree = find_tree()
    releasing.check_target(tree, folder)
    with tempfile.TemporaryDirectory() as made:
        lent = _lent(tree, borrow)
        make_archives(Build(tree), lent, Path(made))
        if lent and not wasm.missing(tree):
            wasm.lend(tree, [number for number in lent if number in wasm.used(tree)], Path(made))
        count = releasing.release(tree, folder, Path(made) if lent else None, reveal)
        size = sum(path.stat().st_size for path in Path(made).glob("*.a"))
    out().print(Text(f"{folder}: {count} files, {len(tree.modules)} modules, no solutions."))
    if lent:
        out().print(Text(f"Students can borrow {', '.join(lent)} on {machine_kind()} ({size / 1e6:.1f} MB)."))
    out().print(Text(f"Check it: {folder}/scripts/rush test   (every task should be todo)", style="dim"))


def _lent(tree: Tree, borrow: str) -> list[str]:
    """`all`, `none` or `02,03`: numbers of modules, in order."""
    if borrow in ("all", "none"):
        return list(tree.modules) if borrow == "all" else []
    return sorted({tree.module(name.strip()).number for name in borrow.split(",") if name.strip()})
