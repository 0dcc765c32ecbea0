#!/usr/bin/python3
"""The solutions are the source; the skeletons that students get are made from them here.

    skeleton.py [generate] [NN ...]         write modules/NN_name/*.cpp from solutions/NN_name/*.cpp
    skeleton.py --check [NN ...]            exit 1 unless the committed skeletons are what would be written
    skeleton.py strip FILE --only 02.1      print a solution with only that task's blanks

A blank is the body of a function under its contract (`// 02.1 relu ...`), or a marked part of one
(rushlight/regions.py says how); in the skeleton `todo("02.1");` stands in its place. Helpers go without a trace.
"""

import argparse
import sys
from pathlib import Path

from program import guarded, require_solutions

from rushlight.basics.errors import RushError
from rushlight.basics.files import relative, write_atomic
from rushlight.course.manifest import Module
from rushlight.course.regions import find_regions
from rushlight.course.skeletons import generated, strip
from rushlight.course.tree import Tree, find_tree


def generate(tree: Tree, module: Module) -> list[Path]:
    """Writes the skeletons that differ, and leaves the others' time stamps alone. Answers what it wrote."""
    written = []
    for path, text in generated(tree, module).items():
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            write_atomic(path, text)
            path.chmod(0o644)
            written.append(path)
    return written


def stale(tree: Tree, module: Module) -> list[str]:
    """The committed skeletons that are not what the solutions give, each as file:line: message."""
    problems = []
    for path, text in generated(tree, module).items():
        found = path.read_text(encoding="utf-8") if path.is_file() else ""
        if found != text:
            line = _first_difference(found, text)
            where = f"{relative(path, tree.root)}:{line}"
            problems.append(f"{where}: not what its solution gives; run tools/skeleton.py.")
    return problems


def _first_difference(found: str, expected: str) -> int:
    pairs = zip(found.splitlines() + [None], expected.splitlines() + [None])
    return next((number for number, (one, other) in enumerate(pairs, 1) if one != other), 1)


def _chosen(tree: Tree, names: list[str]) -> list[Module]:
    return [tree.module(name) for name in names] if names else list(tree.modules.values())


def _run_generate(tree: Tree, names: list[str], check: bool) -> int:
    require_solutions(tree)
    problems: list[str] = []
    for module in _chosen(tree, names):
        try:
            if check:
                problems += stale(tree, module)
                continue
            for path in generate(tree, module):
                print(f"wrote {relative(path, tree.root)}")
        except RushError as error:
            problems.append(error.message)
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


def _run_strip(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="skeleton.py strip")
    parser.add_argument("file", type=Path)
    parser.add_argument("--only", metavar="NN.T", help="leave every other task solved")
    chosen = parser.parse_args(arguments)
    text = chosen.file.read_text(encoding="utf-8")
    if chosen.only and not any(region.name == chosen.only for region in find_regions(text, str(chosen.file))[0]):
        raise RushError(f"{chosen.file}: no region of task {chosen.only}.", "its contracts and `// solution` marks say which it has.")
    sys.stdout.write(strip(text, str(chosen.file), chosen.only))
    return 0


def main(arguments: list[str]) -> int:
    if arguments[:1] == ["strip"]:
        return _run_strip(arguments[1:])
    if arguments[:1] == ["generate"]:
        arguments = arguments[1:]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("modules", nargs="*", metavar="NN")
    parser.add_argument("--check", action="store_true", help="write nothing; say what is not up to date")
    chosen = parser.parse_args(arguments)
    return _run_generate(find_tree(), chosen.modules, chosen.check)


if __name__ == "__main__":
    sys.exit(guarded(main, sys.argv[1:]))
