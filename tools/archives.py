#!/usr/bin/python3
"""Whether what a release carries of the reference gives its source away: archives.py FOLDER (the release's reference/).

No archive has debug information, and in none stands a telling line of a solution, nor the name of one of its files.
"""

import subprocess
import sys
from pathlib import Path

from program import guarded, require_solutions

from checks import secret_lines
from rushlight.basics.errors import RushError
from rushlight.course.tree import Tree, find_tree


def leaks(tree: Tree, archive: Path) -> list[str]:
    module = tree.modules[archive.name[:2]]
    content = archive.read_bytes()
    shown = [line for line in secret_lines(tree, module) if line.encode() in content]
    shown += [f"solutions/{module.name}"] if f"solutions/{module.name}".encode() in content else []
    sections = subprocess.run(["objdump", "-h", str(archive)], capture_output=True, text=True, check=True).stdout
    shown += [word for line in sections.splitlines() for word in line.split() if word.startswith((".debug", ".zdebug"))]
    return [f"{archive.name} holds {each}" for each in shown]


def main(arguments: list[str]) -> int:
    tree = find_tree()
    require_solutions(tree)
    archives = sorted(Path(arguments[0]).glob("*/*.a"))
    if not archives:
        raise RushError(f"{arguments[0]} holds no archives.")
    problems = [problem for archive in archives for problem in leaks(tree, archive)]
    for problem in problems:
        print(problem)
    size = sum(archive.stat().st_size for archive in archives)
    print(f"{len(archives)} archives, {size / 1e6:.1f} MB, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(guarded(main, sys.argv[1:]))
