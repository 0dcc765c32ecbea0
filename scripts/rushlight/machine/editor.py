"""What an editor makes of the course: clangd must not show errors that are ours, and lines must end as sh expects."""

import json
import re
import shutil
import subprocess
from pathlib import Path

from ..building.build import Build
from ..course.tree import Tree

ERROR = re.compile(r"^E\[[\d:.]+\] \[(?P<kind>\w+)\] (?P<text>.*)$", re.MULTILINE)
PATIENCE = 60  # seconds for one file
# Ours is what comes from the command line; what a student's own lines are told is between them and clang.
OURS = ("drv_unknown_argument", "pp_file_not_found", "fe_pch", "err_drv", "drv_")
READ_BY_PROGRAMS = ("scripts/rush", "scripts/*.sh", "scripts/*.txt", "tests/*/cases.txt", "CMakePresets.json")


def clangd_errors(tree: Tree, build: Build) -> list[str] | None:
    """What clangd says against the command line of the smallest student file; None where it cannot be asked."""
    clangd = shutil.which("clangd")
    file = _smallest(tree, build.folder / "compile_commands.json")
    if clangd is None or file is None:
        return None
    command = [clangd, f"--check={file}"]
    try:
        done = subprocess.run(command, cwd=tree.root, capture_output=True, text=True, errors="replace", timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        return None
    return [match["text"] for match in ERROR.finditer(done.stderr) if match["kind"].startswith(OURS)]


def _smallest(tree: Tree, database: Path) -> Path | None:
    """Of the files that students write, those that the editor's database knows."""
    try:
        known = {entry["file"] for entry in json.loads(database.read_text(encoding="utf-8"))}
    except (OSError, ValueError, LookupError, TypeError):
        return None
    files = [module.folder / name for module in tree.modules.values() for name in module.files]
    return min((file for file in files if str(file) in known), key=lambda file: file.stat().st_size, default=None)


def with_windows_ends(tree: Tree) -> list[str]:
    """Files that programs read line by line, and that an editor or git gave lines that end with CR LF."""
    paths = [path for pattern in READ_BY_PROGRAMS for path in sorted(tree.root.glob(pattern))]
    return [str(path.relative_to(tree.root)) for path in paths if path.is_file() and b"\r\n" in path.read_bytes()]
