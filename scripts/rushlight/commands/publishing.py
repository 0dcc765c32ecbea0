"""For whoever hands the course out: mutants, release."""

import subprocess
import sys
from pathlib import Path
from typing import Optional

import typer
from rich.text import Text

from ..basics.errors import RushError
from ..basics.process import plain_environment
from ..basics.terminal import out
from ..building.build import Build
from ..course import release as releasing
from ..course.tree import find_tree
from .options import JSON


def register(app: typer.Typer) -> None:
    app.command()(mutants)
    app.command()(release)


def mutants(
    module: Optional[str] = typer.Argument(None, metavar="[NN|milestones]"),
    json_: bool = JSON,
) -> None:
    """Which test kills which plausible bug."""
    tree = find_tree()
    script = tree.root / "tools" / "mutants.py"
    if not tree.has_solutions or not script.is_file():
        raise RushError("mutants are bugs planted in the reference, and this copy of the course has none.")
    numbers = list(tree.modules)
    if module:
        numbers = [module if module == "milestones" and module in tree.units else tree.module(module).number]
    build = Build(tree)
    build.ensure()
    build.build([*(tree.units[number].target("solution") for number in numbers), "launcher"])
    command = [sys.executable, str(script)] + (numbers if module else [])
    command += (["--json"] if json_ else []) + ["--build", str(build.folder)]
    sys.stdout.flush()
    raise typer.Exit(subprocess.run(command, cwd=tree.root, env=plain_environment()).returncode)


def release(
    folder: Path = typer.Argument(..., metavar="DIR"),
) -> None:
    """Make the students' tree in a new folder: skeletons and tests, no solutions."""
    tree = find_tree()
    count = releasing.release(tree, folder)
    out().print(Text(f"{folder}: {count} files, {len(tree.modules)} modules, no solutions."))
    out().print(Text(f"Check it: {folder}/scripts/rush test   (every task should be todo)", style="dim"))
