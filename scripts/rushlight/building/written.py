"""Which files of the student's a target is built from, and whether they can be compiled at all."""

import re
from pathlib import Path

from ..basics.files import relative
from ..course.tree import Tree
from .compile_errors import Failure

TARGET = re.compile(
    r"(?P<kind>test|milestone)_(?P<key>\w+?)_(?P<stack>own|isolated|solution|accelerated)(?P<form>_debug|_kernels)?"
)


def unusable(tree: Tree, target: str, reference: tuple[str, ...]) -> list[Failure]:
    """One for each file that is missing, or that is something else than a file."""
    return [
        Failure(relative(path, tree.root), f"{relative(path, tree.root)} {what}. Next step: {mend}")
        for path, number in _files(tree, target, reference)
        for what, mend in _complaint(path, number)
    ]


def _files(tree: Tree, target: str, reference: tuple[str, ...]) -> list[tuple[Path, str]]:
    match = TARGET.fullmatch(target)
    if match is None:
        return []
    key, stack = match["key"], match["stack"]
    if stack == "solution" or (stack == "accelerated" and tree.has_solutions):
        return []
    own = _linked(tree, match) - set(reference)
    return [
        (module.folder / name, number)
        for number, module in tree.modules.items()
        if number in own
        for name in module.files
    ]


def _linked(tree: Tree, target: re.Match[str]) -> set[str]:
    """The modules whose files are in it."""
    key, stack = target["key"], target["stack"]
    if stack == "isolated":
        return {key}
    if target["kind"] == "milestone":
        if not target["form"] and (only := tree.milestone_modules(key)):
            return set(only)
        last = max(tree.milestones[key][1]["needs"], tree.kernels or "")
    else:
        last = key if key in tree.modules and stack != "accelerated" else tree.last
    return {number for number in tree.modules if number <= last}


def _complaint(path: Path, number: str) -> list[tuple[str, str]]:
    restored = f"copy yours back, or scripts/rush reset {number} for the skeleton."
    if path.is_symlink():
        return [("is a symbolic link, and only files count", "put the file itself there.")]
    if not path.exists():
        return [("is missing", restored)]
    return [] if path.is_file() else [("is not a regular file", restored)]
