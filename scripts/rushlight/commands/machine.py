"""The machine: setup, doctor and gpu."""

import subprocess
from pathlib import Path
from typing import Optional

import typer
from rich.text import Text

from ..basics.terminal import out, speaks_unicode
from ..course.tree import find_tree
from ..gpu.__main__ import main as of_gpu
from ..machine.doctor import examine

SIGNS = {"ok": ("✓", "green"), "note": ("-", "yellow"), "bad": ("✗", "red")}


def register(app: typer.Typer) -> None:
    app.command()(setup)
    app.command()(doctor)
    app.command(add_help_option=False, context_settings={"ignore_unknown_options": True})(gpu)


def setup(yes: bool = typer.Option(False, "--yes", "-y", help="never ask for a password.")) -> None:
    """Install the packages that are missing (with sudo where needed; else print the command)."""
    script = Path(__file__).resolve().parents[2] / "setup.sh"
    raise typer.Exit(subprocess.run(["sh", str(script)] + (["--yes"] if yes else [])).returncode)


def gpu(arguments: Optional[list[str]] = typer.Argument(None, metavar="[OPTION]...")) -> None:
    """Build module 22 for a GPU and check its kernels there."""
    try:
        code = of_gpu(arguments or [])  # scripts/rush does the same itself: typer may not be there
    except SystemExit as end:  # what argparse ends with
        code = int(end.code or 0)
    raise typer.Exit(code)


def doctor() -> None:
    """Say what is wrong with this machine or folder, and how to mend it."""
    console = out()
    findings = examine(find_tree())
    for finding in findings:
        sign, style = SIGNS[finding.level]
        sign = sign if speaks_unicode() else finding.level
        console.print(Text.assemble((f"{sign} ", style), finding.what))
        if finding.mend:
            console.print(Text.assemble(("  mend: ", "bold"), finding.mend))
    bad = sum(finding.level == "bad" for finding in findings)
    console.print(Text("nothing is wrong." if not bad else f"{bad} to mend.", style="bold"))
    raise typer.Exit(1 if bad else 0)
