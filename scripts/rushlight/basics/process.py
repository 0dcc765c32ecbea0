"""Running other programs: every one of them may be missing, slow or interrupted."""

import os
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Callable, Sequence

from .errors import RushError

PACKAGES = {
    "ar": "binutils",
    "cmake": "cmake",
    "dot": "graphviz",
    "g++": "build-essential",
    "gdb": "gdb",
    "git": "git",
    "ninja": "ninja-build",
    "node": "nodejs",
    "strip": "binutils",
    "tred": "graphviz",
}


def tool(name: str) -> str:
    """The program's path; if it is missing, the command that installs it."""
    path = shutil.which(name)
    if path is None:
        package = PACKAGES.get(name, name)
        raise RushError(f"{name} is not installed.", f"scripts/rush setup   (or: apt-get install {package})")
    return path


def run(
    command: Sequence[str], cwd: Path, on_line: Callable[[str], None] | None = None
) -> tuple[int, str]:
    """Exit status and everything printed (both streams together); `on_line` sees each line as it comes."""
    process = subprocess.Popen(
        command,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env=plain_environment(),
    )
    lines = []
    try:
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line)
            if on_line:
                on_line(line.rstrip("\n"))
        return process.wait(), "".join(lines)
    except BaseException:
        stop(process)
        raise


def stop(process: subprocess.Popen, patience: float = 5) -> None:
    """Ends a program that Ctrl-C has reached already: politely, for so many seconds or until another Ctrl-C, then not."""
    for number, patience in ((None, patience), (signal.SIGTERM, 2), (signal.SIGKILL, None)):
        if process.poll() is not None:
            return
        if number is not None:
            process.send_signal(number)
        try:
            process.wait(patience)
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            continue


def plain_environment() -> dict[str, str]:
    """English, uncoloured output, so that it can be read by a program."""
    unwanted = ("PYTHONPATH", "GCC_COLORS", "CLICOLOR_FORCE", "CMAKE_COLOR_DIAGNOSTICS")
    kept = {name: value for name, value in os.environ.items() if name not in unwanted}
    return kept | {"LC_ALL": "C.UTF-8", "NINJA_STATUS": "[%f/%t] ", "CMAKE_COLOR_DIAGNOSTICS": "OFF"}
