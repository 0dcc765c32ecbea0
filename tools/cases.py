#!/usr/bin/python3
"""Writes the lists of expected test cases from what the reference's test programs contain.

    cases.py --build DIR [--check] [NAME ...]       NAME: 02, or integration, regression, given

It builds the programs first: one that is older than its sources would take cases out of the lists.

tests/NN_name/cases.txt is what the launcher expects to hear from: a case that is in the list and does not report counts
as missing, so a test cannot vanish unnoticed. --check writes nothing and fails on a list that is out of date.
Both verify the names (<Kind>_<NN>_<T>), that every task has unit tests and that every module has all three kinds.
"""

import argparse
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from program import guarded

from rushlight.basics.errors import RushError
from rushlight.basics.files import relative, write_atomic
from rushlight.course.manifest import Module
from rushlight.course.tree import SUITES, Tree, find_tree

MODULE_KINDS = ("Unit", "GradientFlow", "Progressive")
FULL_NAME = re.compile(r"^[A-Za-z0-9_/]+\.[A-Za-z0-9_/]+$")
ADDRESS = re.compile(r"0x[0-9a-fA-F]{4,}")


@dataclass(frozen=True)
class Listing:
    """One test program and the list of its cases."""

    key: str  # "02" or "integration"
    folder: Path  # tests/02_activations
    module: Module | None

    @property
    def target(self) -> str:
        return f"test_{self.key}_solution"

    @property
    def path(self) -> Path:
        return self.folder / "cases.txt"


def listings(tree: Tree, names: list[str]) -> list[Listing]:
    """Every folder of tests that has sources; or the named ones."""
    found = {
        number: Listing(number, tree.root / "tests" / module.name, module)
        for number, module in tree.modules.items()
    }
    found.update({suite: Listing(suite, tree.root / "tests" / suite, None) for suite in SUITES})
    if names:
        keys = [name if name in SUITES else tree.module(name).number for name in names]
        return [found[key] for key in keys]
    return [listing for listing in found.values() if any(listing.folder.glob("*.cpp"))]


def read_names(output: str) -> list[str]:
    """The full names in the output of --gtest_list_tests, sorted."""
    names, suite = [], ""
    for line in output.splitlines():
        text = line.split("  # ")[0].rstrip()
        if text and not text.startswith(" "):
            suite = text
        elif text:
            names.append(suite + text.strip())
    return sorted(names)


def build(folder: Path, targets: list[str]) -> None:
    done = subprocess.run(["cmake", "--build", folder, "--target", *targets], stdout=sys.stderr)
    if done.returncode != 0:
        raise RushError("the test programs do not build.", "mend what stands above, and run it again.")


def ask(executable: Path) -> list[str]:
    done = subprocess.run([executable, "--gtest_list_tests"], capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        raise RushError(f"{executable} --gtest_list_tests ended with status {done.returncode}: {done.stderr.strip()}")
    return read_names(done.stdout)


def suite_of(name: str) -> str:
    """`Prefix/Unit_02_1.Name/3` and `Unit_02_1/0.Name` -> `Unit_02_1`."""
    parts = name.split(".")[0].split("/")
    return next((part for part in parts if re.match(r"[A-Za-z]+_\d\d(_\d)?$", part)), parts[0])


def check_names(tree: Tree, listing: Listing, names: list[str]) -> list[str]:
    problems = []
    for name in names:
        if not FULL_NAME.match(name) or ADDRESS.search(name):
            problems.append(f"{name}: a name holds letters, digits and _ only, and the same ones on every machine.")
        elif "DISABLED_" in name:
            problems.append(f"{name}: it would be listed and never run; mend the case or delete it.")
        else:
            problems += _check_suite(tree, listing, name)
    if listing.module:
        problems += _check_coverage(listing.module, {suite_of(name) for name in names})
    where = relative(listing.folder, tree.root)
    return [f"{where}: {problem}" for problem in problems]


def _check_suite(tree: Tree, listing: Listing, name: str) -> list[str]:
    suite = suite_of(name)
    if listing.module is None:
        kind, _, number = suite.partition("_")
        if kind == listing.key.capitalize() and number in tree.modules:
            return []
        return [f"{name}: expected a suite {listing.key.capitalize()}_NN, with NN the highest module that it needs."]
    match = re.fullmatch(rf"({'|'.join(MODULE_KINDS)})_(\d\d)_(\d)", suite)
    tasks = [task.id for task in listing.module.tasks]
    if match and f"{match[2]}.{match[3]}" in tasks:
        return []
    return [f"{name}: expected a suite <Kind>_{listing.key}_<T>, Kind in {', '.join(MODULE_KINDS)}, T in {tasks}."]


def _check_coverage(module: Module, suites: set[str]) -> list[str]:
    problems = []
    for task in module.tasks:
        if f"Unit_{task.id.replace('.', '_')}" not in suites:
            problems.append(f"task {task.id} ({task.title}) has no Unit case.")
    for kind in MODULE_KINDS:
        if not any(suite.startswith(f"{kind}_") for suite in suites):
            problems.append(f"the module has no {kind} case.")
    return problems


def compare(tree: Tree, listing: Listing, names: list[str]) -> list[str]:
    """How the committed list differs from what the program has."""
    where = relative(listing.path, tree.root)
    text = listing.path.read_text(encoding="utf-8") if listing.path.is_file() else ""
    listed, real = set(text.split()), set(names)
    problems = [f"{where}: {name} is not in the list." for name in sorted(real - listed)]
    problems += [f"{where}: {name} is in the list only." for name in sorted(listed - real)]
    if not problems and text != file_text(names):
        problems = [f"{where}: not sorted, or a line stands there twice."]
    return problems


def file_text(names: list[str]) -> str:
    return "".join(f"{name}\n" for name in names)


def update(tree: Tree, listing: Listing, names: list[str]) -> None:
    if listing.path.is_file() and listing.path.read_text(encoding="utf-8") == file_text(names):
        return
    write_atomic(listing.path, file_text(names))
    listing.path.chmod(0o644)
    print(f"wrote {relative(listing.path, tree.root)}: {len(names)} cases")


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--build", type=Path, required=True, metavar="DIR", help="the build folder")
    parser.add_argument("--check", action="store_true", help="write nothing; say what is not up to date")
    chosen = parser.parse_args(arguments)
    tree = find_tree()
    problems: list[str] = []
    wanted = listings(tree, chosen.names)
    build(chosen.build, [listing.target for listing in wanted])
    for listing in wanted:
        names = ask(chosen.build / "tests" / listing.target)
        problems += check_names(tree, listing, names)
        if chosen.check:
            problems += compare(tree, listing, names)
        else:
            update(tree, listing, names)
    for problem in problems:
        print(problem, file=sys.stderr)
    if problems:
        print("Next step: rename the cases that are named, or run tools/cases.py without --check.", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(guarded(main, sys.argv[1:]))
