"""Makes the students' tree: what git tracks, minus the solutions and what needs them, with fresh skeletons."""

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from ..basics.errors import RushError
from ..basics.process import tool
from .blanks import reference_code
from .borrowing import FOLDER, machine_kind
from .sealed import seal
from .skeletons import KEPT, skeletons
from .tree import Tree

LEFT_OUT = (
    "solutions/",
    "tests/hostile/",
    "tests/compare/planted.json",
    "tests/mutants/",
    "tests/variants/",
    "tests/naive/",
    "tests/proven/",
    "tests/specification.json",
    "tests/SPECIFICATION.md",
    "tools/",
    "scripts/tests/",
    ".ci/",
    "CONTRIBUTING.md",
)


def release(tree: Tree, target: Path, archives: Path | None = None, reveal: bool = True) -> int:
    """Builds the tree beside `target` and moves it there in one step. Answers how many files it holds.

    `archives`: a folder of what students can borrow. `reveal`: with the sealed reference of each task.
    """
    check_target(tree, target)
    target = target.absolute()
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        _fill(tree, partial)
        if archives is not None:
            shutil.copytree(archives, partial / FOLDER / machine_kind())
        if reveal:
            _seal_all(tree, partial)
        partial.chmod(0o755)
        os.rename(partial, target)  # replaces an empty folder, and nothing else
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    return sum(path.is_file() for path in target.rglob("*"))


def check_target(tree: Tree, target: Path) -> None:
    """Whether a release can be made there, before much time goes into it."""
    if not tree.has_solutions:
        raise RushError("a release is made where the solutions are, and this copy has none.")
    target = target.absolute()
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise RushError(f"{target} exists and is not an empty folder.", "name a new folder.")
    if tree.root in target.parents and not _ignored(tree, target):
        raise RushError(f"{target} lies inside the course itself.", "name a folder outside it.")


def released_files(tree: Tree) -> list[str]:
    """Tracked files that students get, relative to the root."""
    command = [tool("git"), "-C", str(tree.root), "ls-files", "-z"]
    found = subprocess.run(command, capture_output=True, text=True)
    if found.returncode != 0:
        raise RushError(f"git cannot list the files: {found.stderr.strip()}", "run this in a git clone.")
    names = [name for name in found.stdout.split("\0") if name]
    return [name for name in names if not _left_out(name) and (tree.root / name).is_file()]


def _fill(tree: Tree, folder: Path) -> None:
    names = released_files(tree)
    if not names:
        raise RushError("git tracks no files here.", "commit the course first.")
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(tree.root / name, folder / name, follow_symlinks=False)
    readme = folder / "README.md"
    if readme.is_file():
        readme.write_text(for_students(readme.read_text(encoding="utf-8")), encoding="utf-8")
    for module in tree.modules.values():
        kept = folder / "modules" / module.name / KEPT
        kept.mkdir(parents=True, exist_ok=True)
        for name, text in skeletons(tree, module).items():
            (kept.parent / name).write_text(text, encoding="utf-8")
            (kept / name).write_text(text, encoding="utf-8")
        for name in (*module.files, *module.given):
            if not (kept.parent / name).is_file():
                raise RushError(f"git does not track modules/{module.name}/{name}.", f"git add modules/{module.name}")


def _seal_all(tree: Tree, folder: Path) -> None:
    for task in tree.tasks.values():
        cases = tree.units[task.module].cases
        names = cases.read_text(encoding="utf-8").splitlines() if cases.is_file() else []
        seal(folder, task, names, reference_code(tree, task))


def for_students(text: str) -> str:
    """Without the passages that only hold where the solutions are."""
    return re.sub(r"<!-- with solutions -->\n.*?<!-- end with solutions -->\n+", "", text, flags=re.DOTALL)


def _left_out(name: str) -> bool:
    return name.startswith(LEFT_OUT)


def _ignored(tree: Tree, target: Path) -> bool:
    command = ["git", "-C", str(tree.root), "check-ignore", "-q", str(target)]
    return subprocess.run(command, capture_output=True).returncode == 0
