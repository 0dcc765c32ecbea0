"""What may be wrong with this machine or this folder, each with the command that mends it."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Iterator

from ..building.build import Build
from ..course.tree import Tree
from . import editor, packages

ENOUGH_DISK = 2 * 10**9  # bytes: the build folder of all stacks, with room for runs


@dataclass(frozen=True)
class Finding:
    level: str  # ok, note, bad
    what: str
    mend: str = ""


def examine(tree: Tree) -> list[Finding]:
    checks: list[Callable[[Tree], Iterator[Finding]]] = [
        _interpreter,
        _packages,
        _compiler,
        _blas,
        _dataset,
        _disk,
        _clock,
        _build_folder,
        _line_ends,
        _editor,
        _course,
    ]
    return [finding for check in checks for finding in check(tree)]


def _interpreter(tree: Tree) -> Iterator[Finding]:
    import rich  # noqa: F401  importing is the check
    import typer

    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding("ok", f"Python {version} ({sys.executable}), typer {typer.__version__}")
    first = shutil.which("python3")
    if first and os.path.realpath(first) != os.path.realpath(sys.executable):
        yield Finding("note", f"python3 on PATH is {first}; scripts/rush uses {sys.executable} all the same")


def _packages(tree: Tree) -> Iterator[Finding]:
    wanted = packages.wanted()
    found = packages.installed_versions([package.name for package in wanted])
    if found is None:
        yield Finding("note", "no dpkg here: package versions were not checked")
        return
    for package in wanted:
        version = found.get(package.name)
        if version is None:
            level = "bad" if package.required else "note"
            yield Finding(level, f"{package.name} is missing: {package.purpose}", f"apt-get install {package.name}")
        elif not packages.at_least(version, package.tested):
            what = f"{package.name} {version} is older than the tested {package.tested}"
            yield Finding("note", what, f"apt-get install --only-upgrade {package.name}")
        else:
            yield Finding("ok", f"{package.name} {version}")


def _compiler(tree: Tree) -> Iterator[Finding]:
    compiler = os.environ.get("CXX", "c++")
    try:
        version = subprocess.run([compiler, "-dumpversion"], capture_output=True, text=True).stdout.strip()
    except OSError:
        yield Finding("bad", f"there is no compiler {compiler}", "scripts/rush setup")
        return
    yield Finding("ok", f"compiler {compiler} {version}")


def _blas(tree: Tree) -> Iterator[Finding]:
    libraries = [path for name in ("libopenblas.so.0", "libblas.so.3") for path in Path("/usr/lib").glob(f"*/{name}")]
    if not libraries:
        yield Finding("bad", "OpenBLAS was not found", "apt-get install libopenblas-pthread-dev")
    for path in libraries:
        real = os.path.realpath(path)
        if "openblas-pthread" in real:
            yield Finding("ok", f"{path.name} is OpenBLAS with its own threads")
        else:
            mend = (
                "apt-get install libopenblas-pthread-dev; "
                f"update-alternatives --config {path.name}-{path.parent.name}   (choose openblas-pthread)"
            )
            yield Finding("bad", f"{path.name} is {real}, not the pthread flavour of OpenBLAS", mend)


def _dataset(tree: Tree) -> Iterator[Finding]:
    folder = Path("/usr/share/datasets/fashion-mnist")
    names = ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1")
    there = {path.name.removesuffix(".gz") for path in folder.glob("*-ubyte*") if path.is_file()}
    missing = [name for name in names if f"{name}-ubyte" not in there]
    if missing:
        what = "the full Fashion-MNIST is not installed: the small subset is used"
        yield Finding("note", what, "apt-get install dataset-fashion-mnist")
    else:
        yield Finding("ok", f"Fashion-MNIST in {folder}")


def _disk(tree: Tree) -> Iterator[Finding]:
    free = shutil.disk_usage(tree.root).free
    level = "ok" if free >= ENOUGH_DISK else "bad"
    yield Finding(level, f"{free / 1e9:.1f} GB of disk space free", "" if level == "ok" else "free some disk space")


def _clock(tree: Tree) -> Iterator[Finding]:
    """A file written now must not be from the future or the past: builds compare time stamps."""
    try:
        with tempfile.NamedTemporaryFile(dir=tree.root, prefix=".rush-clock-") as file:
            skew = os.fstat(file.fileno()).st_mtime - time.time()
    except OSError as error:
        yield Finding("bad", f"cannot write in {tree.root}: {error.strerror}", "check who owns the folder")
        return
    if abs(skew) > 2:
        what = f"the clocks of this machine and of the disk differ by {skew:.0f} s"
        yield Finding("bad", what, "set the clock: timedatectl set-ntp true")
    files = [module.folder / name for module in tree.modules.values() for name in module.files]
    future = [path for path in files if path.exists() and path.stat().st_mtime > time.time() + 2]
    for path in future:
        yield Finding("bad", f"{path} is from the future: it would be rebuilt each time", f"touch {path}")
    if abs(skew) <= 2 and not future:
        yield Finding("ok", "clock and time stamps agree")


def _build_folder(tree: Tree) -> Iterator[Finding]:
    build = Build(tree)
    if not build.folder.exists():
        yield Finding("note", "nothing is built yet", "scripts/rush start")
    elif build.moved:
        what = f"{build.folder} was made for a tree in another place"
        yield Finding("bad", what, f"rm -r {build.folder}   (rush test makes it anew)")
    elif not build.configured:
        yield Finding("bad", f"{build.folder} is not configured", f"rm -r {build.folder}; scripts/rush test")
    else:
        borrowed = f", borrowing {', '.join(build.reference)} from the reference" if build.reference else ""
        yield Finding("ok", f"build folder {build.folder}{borrowed}")


def _line_ends(tree: Tree) -> Iterator[Finding]:
    wrong = editor.with_windows_ends(tree)
    if wrong:
        listed = f"{wrong[0]} and {len(wrong) - 1} more have" if len(wrong) > 1 else f"{wrong[0]} has"
        yield Finding("bad", f"{listed} Windows line ends (CR LF)", f"sed -i 's/\\r$//' {' '.join(wrong)}")
    attributes = tree.root / ".gitattributes"
    kept = attributes.is_file() and "eol=lf" in attributes.read_text(encoding="utf-8")
    if not kept:
        what = ".gitattributes does not say eol=lf: a clone under Windows would not run"
        yield Finding("bad", what, "fetch .gitattributes again")
    elif not wrong:
        yield Finding("ok", "lines end as programs expect, in clones too")


def _editor(tree: Tree) -> Iterator[Finding]:
    if not (tree.root / ".clangd").is_file():
        yield Finding("bad", ".clangd is missing: editors would show errors that are none", "fetch .clangd again")
        return
    if shutil.which("clangd") is None:
        yield Finding("note", "no clangd here: editors bring their own, or", "apt-get install clangd")
        return
    errors = editor.clangd_errors(tree, Build(tree))
    if errors is None:
        yield Finding("note", "clangd was not asked: nothing is configured yet, or it took too long", "scripts/rush start")
    elif errors:
        yield Finding("bad", f"clangd does not understand the compiler's options: {errors[0]}", "add it to Remove in .clangd")
    else:
        yield Finding("ok", "clangd understands how the course is compiled")


def _course(tree: Tree) -> Iterator[Finding]:
    problems = [
        Finding("bad", f"{module.folder / name} is missing", mend)
        for module in tree.modules.values()
        for names, mend in (
            (module.files, f"scripts/rush reset {module.number}"),
            (module.given, "it was given: git restore it, or fetch the course again"),
        )
        for name in names
        if not (module.folder / name).is_file()
    ]
    yield from problems
    if not problems:
        solutions = "with" if tree.has_solutions else "without"
        yield Finding("ok", f"{len(tree.modules)} modules, {len(tree.tasks)} tasks, {solutions} solutions")
