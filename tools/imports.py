#!/usr/bin/python3
"""Writes which modules may use more than what computes, stores and prints, because their reference does.

    imports.py --build DIR [--check]

The result is scripts/rushlight/steps/imports.txt; students' files are held to it when they are compiled.
"""

import argparse
import sys
from pathlib import Path

from program import guarded, require_solutions

from overlay import make, place
from rushlight.basics.errors import RushError
from rushlight.basics.files import relative, write_atomic
from rushlight.course.manifest import Module
from rushlight.course.tree import find_tree
from rushlight.steps import imports
from rushlight.steps.elf import Elf
from rushlight.steps.object_rules import COURSE, place as namespace_of

HEADER = "# NN group: what the reference of a module needs beyond the rest of imports.py. Written by tools/imports.py.\n"


def foreign(build: Path, module: Module) -> set[str]:
    """The symbols that the module's reference uses and that not everybody may."""
    found: set[str] = set()
    objects = [path for part in ("ref", "ref_bookkeeping") for path in (build / "CMakeFiles").glob(f"rl_{module.number}_{part}.dir/**/*.o")]
    if len(objects) != len(module.files):
        raise RushError(f"{build} has {len(objects)} objects of {module.name}, which has {len(module.files)} files.", "build again.")
    for path in objects:
        with path.open("rb") as stream:
            names = {symbol.name for symbol in Elf(stream).symbols if symbol.section == 0 and symbol.name}
        found |= {name for name in names if not namespace_of(name).startswith(COURSE) and not imports.allowed(name, set())}
    return found


def rows(module: Module, names: set[str]) -> list[str]:
    groups = set()
    for name in sorted(names):
        group = next((each for each in imports.GROUPS if imports.allowed(name, {each})), None)
        if group is None:
            raise RushError(f"{module.name}: the reference uses {name}.", "no group of imports.py has it: is it needed?")
        groups.add(group)
    return [f"{module.number} {group}\n" for group in sorted(groups)]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Writes which modules may use more than others.")
    parser.add_argument("--build", type=Path, required=True, help="the build folder")
    parser.add_argument("--check", action="store_true", help="only compare")
    options = parser.parse_args(arguments)
    tree = find_tree()
    require_solutions(tree)
    where = place(tree, options.build)
    make(where, [f"rl_{number}_ref" for number in tree.modules], 2)
    text = HEADER + "".join(row for module in tree.modules.values() for row in rows(module, foreign(where.build, module)))
    target = tree.root / "scripts" / "rushlight" / "steps" / "imports.txt"
    if target.read_text(encoding="utf-8") == text:
        print(f"{relative(target, tree.root)} is up to date")
        return 0
    if options.check:
        print(f"{relative(target, tree.root)} should read:\n{text}", file=sys.stderr)
        return 1
    write_atomic(target, text)
    print(f"{relative(target, tree.root)} written")
    return 0


if __name__ == "__main__":
    sys.exit(guarded(main, sys.argv[1:]))
