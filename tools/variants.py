#!/usr/bin/python3
"""Tests the tests the other way round: correct code that is written differently must pass them.

    variants.py [NN ...] --build DIR [--jobs 2] [--sample N [--seed S]]

tests/variants/NN.json lists it: [{"id", "task", "file", "find", "replace", "why"}]. `find` must occur exactly once in that
solution file; "edits", a list of {"file", "find", "replace"}, may stand in place of the three for several places. All tests
of the module must pass. A variant with which one does not is refused (exit status 1): then that test asks for more than the
contract says, or the variant is not correct. One that does not compile is an error. Nothing in solutions/ is written.

With --sample N only one in N of each module is tried, chosen by the seed: today's date unless told.
"""

import argparse
import sys
import time
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

from program import guarded, require_solutions

import mutant_list
import overlay
import proven
from mutants import failed_cases, in_a_line, require_healthy, run_all
from rushlight.basics.errors import RushError
from rushlight.basics.files import read_json, relative
from rushlight.course.manifest import Module
from rushlight.course.tree import Tree, find_tree

KEYS = ("id", "task", "why")
EDIT = ("file", "find", "replace")


@dataclass(frozen=True)
class Edit:
    file: str
    find: str
    replace: str


@dataclass(frozen=True)
class Variant:
    module: Module
    id: str
    task: str
    why: str
    edits: tuple[Edit, ...]

    def texts(self, where: overlay.Place) -> dict[str, str]:
        """Of each file that differs the whole text."""
        return {
            file: edited(where.solution(self.module, file).read_text(encoding="utf-8"), [e for e in self.edits if e.file == file])
            for file in dict.fromkeys(edit.file for edit in self.edits)
        }


@dataclass(frozen=True)
class Outcome:
    variant: Variant
    failed: dict[str, str]  # of each case that did not pass what it said
    seconds: float


def edited(text: str, edits: list[Edit]) -> str:
    """Every edit is of the text as it stands: what one puts in, the next does not look at."""
    parts, end = [], 0
    for edit in sorted(edits, key=lambda edit: text.index(edit.find)):
        at = text.index(edit.find)
        parts += [text[end:at], edit.replace]
        end = at + len(edit.find)
    return "".join([*parts, text[end:]])


def path_of(tree: Tree, module: Module) -> Path:
    return tree.root / "tests" / "variants" / f"{module.number}.json"


def load(tree: Tree, module: Module) -> list[Variant]:
    path = path_of(tree, module)
    variants = [_read(path, module, entry) for entry in read_json(path)] if path.is_file() else []
    problems = [problem for variant in variants for problem in _check(tree, variant)]
    mutant_list.require_sound(relative(path, tree.root), [variant.id for variant in variants], problems)
    return variants


def _read(path: Path, module: Module, entry: dict) -> Variant:
    edits = entry.get("edits", [entry])
    missing = [key for key in KEYS if not isinstance(entry.get(key), str)]
    missing += [key for key in EDIT if not edits or not all(isinstance(edit.get(key), str) for edit in edits)]
    if missing:
        raise RushError(f"{path}: variant {entry.get('id', '?')} lacks {', '.join(missing)} (each a string).")
    return Variant(module, *(entry[key] for key in KEYS), tuple(Edit(*(edit[key] for key in EDIT)) for edit in edits))


def _check(tree: Tree, variant: Variant) -> list[str]:
    """What is wrong with a variant before anything is compiled."""
    name, module = variant.id, variant.module
    problems = mutant_list.task_problems(module, name, variant.task)
    for edit in variant.edits:
        problems += mutant_list.edit_problems(tree, module, name, edit.file, edit.find, edit.replace)
    return problems or _overlaps(tree, variant)


def _overlaps(tree: Tree, variant: Variant) -> list[str]:
    ends: dict[str, int] = {}
    problems = []
    for edit in sorted(variant.edits, key=lambda edit: _place(tree, variant, edit)):
        at = _place(tree, variant, edit)
        if at < ends.get(edit.file, 0):
            problems.append(f"{variant.id}: two edits of {edit.file} overlap.")
        ends[edit.file] = at + len(edit.find)
    return problems


def _place(tree: Tree, variant: Variant, edit: Edit) -> int:
    return overlay.source_of(tree, variant.module, edit.file).read_text(encoding="utf-8").index(edit.find)


def try_out(where: overlay.Place, variant: Variant) -> Outcome:
    start = time.monotonic()
    with overlay.scratch(where, variant.id) as folder:
        try:
            program = overlay.build_overlay(where, variant.module, variant.texts(where), folder)
        except overlay.CompileError as error:
            raise RushError(f"variant {variant.id} does not compile, so it proves nothing: {error}") from None
        failed = failed_cases(overlay.launch(where, variant.module, program, []))
    return Outcome(variant, failed, time.monotonic() - start)


def show(outcome: Outcome) -> None:
    refusals = [f"REFUSED by {case}: {in_a_line(message)}" for case, message in outcome.failed.items()]
    verdict = "\n    ".join(refusals or ["passed"])
    print(f"{outcome.variant.id:<40} {verdict}  {outcome.seconds:.1f} s", flush=True)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("modules", nargs="*", metavar="NN")
    parser.add_argument("--build", type=Path, required=True, metavar="DIR", help="the build folder")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--sample", type=int, default=1, metavar="N", help="one in N of each module")
    parser.add_argument("--seed", type=int, default=date.today().toordinal(), help="of the sample")
    chosen = parser.parse_args(arguments)
    if chosen.sample < 1:
        raise RushError(f"--sample {chosen.sample}: one in how many? A whole number from 1 on.")
    tree = find_tree()
    require_solutions(tree)
    where = overlay.place(tree, chosen.build)
    named = [tree.module(name) for name in chosen.modules] or list(tree.modules.values())
    variants = {module.number: proven.sample(load(tree, module), chosen.sample, chosen.seed) for module in named}
    empty = [number for number, each in variants.items() if not each]
    if len(empty) == len(variants) or (chosen.modules and empty):
        raise RushError("there are no variants to try.", "tests/variants/NN.json lists a module's.", code=1)
    modules = [module for module in named if variants[module.number]]
    overlay.make(where, ["launcher", *(f"test_{module.number}_solution" for module in modules)], chosen.jobs)
    for module in modules:
        require_healthy(where, module)
    attempts = [partial(try_out, where, variant) for module in modules for variant in variants[module.number]]
    return report(*run_all(attempts, chosen.jobs, show))


def report(outcomes: list[Outcome], errors: list[str]) -> int:
    for error in errors:
        print(error, file=sys.stderr)
    refused = sum(bool(outcome.failed) for outcome in outcomes)
    total = len(outcomes) + len(errors)
    print(f"{len(outcomes) - refused} of {total} variants passed, {refused} refused, {len(errors)} could not be tried")
    return 1 if refused or errors else 0


if __name__ == "__main__":
    sys.exit(guarded(main, sys.argv[1:]))
