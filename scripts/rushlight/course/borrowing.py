"""Which modules' reference can be borrowed here: all where the solutions are, else those whose archives a release carries."""

import os
import re
from pathlib import Path

FOLDER = "reference"
UNFIT = re.compile(r"^RUSHLIGHT_NO_REFERENCE:\w+=(.+)$", re.MULTILINE)


def machine_kind() -> str:
    """As CMake says it: `Linux-x86_64`. An archive serves machines of one kind."""
    return f"{os.uname().sysname}-{os.uname().machine}"


def archives(root: Path) -> dict[str, Path]:
    """By module number, the archives for this kind of machine; none where CMake found that it cannot link them."""
    if unfit(root):
        return {}
    return {path.name[:2]: path for path in sorted((root / FOLDER / machine_kind()).glob("[0-9][0-9]_*.a"))}


def unfit(root: Path) -> str:
    """Why the archives that are there cannot be used, once a configuration has found out; else empty."""
    try:
        cache = (root / "build" / "student" / "CMakeCache.txt").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    found = UNFIT.search(cache)
    return found[1] if found else ""
