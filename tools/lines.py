#!/usr/bin/python3
"""Counts what the reference is made of, module by module.

    lines.py [--update]        --update writes the total, and the number of test cases, where the README tells them

Code is what is left of solutions/ without comments, blank lines, includes and the lines that open or close a namespace.
A function's length is all of its lines, from its signature to its last brace. Long files are those above 250 lines,
with everything in them, headers and given files too.
"""

import argparse
import re
import statistics
import sys
from dataclasses import dataclass, field
from pathlib import Path

from program import guarded, require_solutions

from rushlight.basics.errors import RushError
from rushlight.basics.files import relative, write_atomic
from rushlight.course.manifest import Module
from rushlight.course.regions import LOOKS_LIKE_MARKER
from rushlight.course.tree import Tree, find_tree

LONG_FILE = 250
NO_CODE = re.compile(r"#include\b|(inline )?namespace\b|\}  // namespace\b")
NO_FUNCTION = re.compile(r"(namespace|struct|class|enum|union|using|if|for|while|switch|else|do|case|return|static_assert|#|//)\b|[})#/]")
SENTENCE = re.compile(r"(?<=The reference is )[\d,]+(?= lines of code)")
VERDICT = re.compile(r"^\d+(?= passed, 0 failed$)", re.MULTILINE)


@dataclass
class Count:
    """What some files are made of; counts add up."""

    code: int = 0
    comments: int = 0
    functions: list[int] = field(default_factory=list)  # their lengths

    def __add__(self, other: "Count") -> "Count":
        return Count(self.code + other.code, self.comments + other.comments, self.functions + other.functions)


def count(text: str) -> Count:
    lines = [line.strip() for line in text.splitlines()]
    comments = sum(line.startswith("//") and not LOOKS_LIKE_MARKER.match(line) for line in lines)
    code = sum(bool(line) and not line.startswith("//") and not NO_CODE.match(line) for line in lines)
    return Count(code, comments, functions(text.splitlines()))


def functions(lines: list[str]) -> list[int]:
    """The lengths of functions, as clang-format lays them out: free ones in the first column, members two further in."""
    found, number = [], 0
    while number < len(lines):
        last = _end_of_function(lines, number)
        if last is not None:
            found.append(last - number + 1)
            number = last
        number += 1
    return found


def _end_of_function(lines: list[str], first: int) -> int | None:
    """The last line of the function whose signature begins in line `first`, if one does."""
    indent = re.match(r"(  )?(?=\S)", lines[first])
    if indent is None or NO_FUNCTION.match(lines[first][indent.end() :]):
        return None
    last = first
    while last + 1 < len(lines) and lines[last].strip() and not lines[last].endswith(("{", "}", ";")):
        last += 1
    head = "\n".join(lines[first : last + 1])
    if not re.search(r"\)[^()=;]*\{", head):  # a brace after a list of parameters: no declaration, no table of values
        return None
    if lines[last].endswith("}"):
        return last
    if not lines[last].endswith("{"):
        return None
    closing = indent[0] + "}"
    return next((at for at in range(last + 1, len(lines)) if lines[at] in (closing, closing + ";")), None)


def count_module(tree: Tree, module: Module) -> Count:
    files = [tree.root / "solutions" / module.name / file for file in module.files]
    return sum((count(path.read_text(encoding="utf-8")) for path in files), Count())


def long_files(tree: Tree) -> list[tuple[int, Path]]:
    """Longest first. Skeletons are left out: their solutions are longer."""
    skeletons = {module.folder / file for module in tree.modules.values() for file in module.files}
    paths = [*tree.root.glob("solutions/*/*.cpp"), *tree.root.glob("modules/*/*.[ch]pp")]
    sizes = [(len(path.read_text(encoding="utf-8").splitlines()), path) for path in paths if path not in skeletons]
    return sorted((each for each in sizes if each[0] > LONG_FILE), reverse=True)


def row(name: str, counted: Count) -> str:
    lengths = counted.functions
    p90 = statistics.quantiles(lengths, n=10, method="inclusive")[-1] if len(lengths) > 1 else max(lengths, default=0)
    median = statistics.median(lengths or [0])
    return f"{name:<18}{counted.code:>7,}{counted.comments:>10,}{len(lengths):>11}{median:>8.0f}{p90:>6.0f}"


def table(tree: Tree) -> tuple[list[str], Count]:
    counts = {module.name: count_module(tree, module) for module in tree.modules.values()}
    total = sum(counts.values(), Count())
    title = f"{'module':<18}{'code':>7}{'comments':>10}{'functions':>11}{'median':>8}{'p90':>6}"
    lines = [title, *(row(name, counted) for name, counted in counts.items()), row("total", total)]
    lines += [f"{relative(path, tree.root)} has {size} lines" for size, path in long_files(tree)]
    return lines, total


def cases(tree: Tree) -> int:
    """All that have to pass, as the lists of expected cases have them."""
    return sum(len(path.read_text(encoding="utf-8").split()) for path in (tree.root / "tests").glob("*/cases.txt"))


def update_readme(tree: Tree, total: Count) -> None:
    path = tree.root / "README.md"
    text = path.read_text(encoding="utf-8")
    for told, figure in ((SENTENCE, f"{total.code:,}"), (VERDICT, str(cases(tree)))):
        if len(told.findall(text)) != 1:
            raise RushError(f'{path}: expected "The reference is N lines of code" and "N passed, 0 failed" once each.')
        text = told.sub(figure, text)
    write_atomic(path, text)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--update", action="store_true", help="write the figures into README.md")
    chosen = parser.parse_args(arguments)
    tree = find_tree()
    require_solutions(tree)
    lines, total = table(tree)
    print("\n".join(lines))
    if chosen.update:
        update_readme(tree, total)
    return 0


if __name__ == "__main__":
    sys.exit(guarded(main, sys.argv[1:]))
