#!/usr/bin/python3
"""Tests the tests: plants each known student mistake in the reference, and shows which test catches it.

    mutants.py [NN ...] --build DIR [--jobs 2] [--json] [--sample N [--seed S]] [--record]

tests/mutants/NN.json lists them: [{"id", "file", "find", "replace", "why", "task"}]. `find` must occur exactly once
in that solution file. NN may also be `milestones`: then the files are those beside a milestone's main.cpp, and the tests
are those of tests/milestones, whose "task" is the number in the name of their suite. A mutant is killed when some case of its module does not pass, survives when all do (exit
status 1), and is an error when it does not compile: that would prove nothing about the tests.
Nothing in solutions/ is written.

With --sample N, of a module that is as it was when all its mutants were last killed (tests/proven.json) only one
in N is tried, chosen by the seed: today's date unless told. --record writes that down for what was tried whole.
"""

import argparse
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from program import guarded, require_solutions

import overlay
import proven
from cases import suite_of
from rushlight.basics.errors import RushError
from rushlight.basics.files import read_json, relative
from rushlight.course.manifest import Module, Task
from rushlight.course.tree import Tree, find_tree

KEYS = ("id", "file", "find", "replace", "why", "task")


class Milestones(Module):
    """What lies beside the milestones' main.cpp, as if it were one module."""

    @property
    def number(self) -> str:
        return overlay.MILESTONES


def milestones(tree: Tree) -> Milestones:
    folder = tree.root / overlay.MILESTONES
    files = [str(path.relative_to(folder)) for path in folder.glob("*/*.cpp") if path.name != "main.cpp"]
    names = (tree.root / "tests" / folder.name / "cases.txt").read_text(encoding="utf-8").split()
    numbers = sorted({suite_of(name).split("_")[-1] for name in names})
    tasks = tuple(Task(id=number, title="", files=(), points=0, hints=()) for number in numbers)
    return Milestones(folder, folder.name, "", (), tuple(sorted(files)), (), tasks)


@dataclass(frozen=True)
class Mutant:
    module: Module
    id: str
    file: str
    find: str
    replace: str
    why: str
    task: str


@dataclass(frozen=True)
class Outcome:
    mutant: Mutant
    killer: str  # the first case that did not pass; empty for a survivor
    seconds: float


def load(tree: Tree, module: Module) -> list[Mutant]:
    path = tree.root / "tests" / "mutants" / f"{module.number}.json"
    if not path.is_file():
        return []
    mutants = [_read(path, module, entry) for entry in read_json(path)]
    problems = [problem for mutant in mutants for problem in _check(tree, mutant)]
    ids = [mutant.id for mutant in mutants]
    problems += [f"the id {each} stands there twice." for each in sorted(set(ids)) if ids.count(each) > 1]
    if problems:
        where = relative(path, tree.root)
        raise RushError("\n".join(f"{where}: {problem}" for problem in problems), "mend that file.")
    return mutants


def _read(path: Path, module: Module, entry: dict) -> Mutant:
    missing = [key for key in KEYS if not isinstance(entry.get(key), str)]
    if missing:
        raise RushError(f"{path}: mutant {entry.get('id', '?')} lacks {', '.join(missing)} (each a string).")
    return Mutant(module, *(entry[key] for key in KEYS))


def _check(tree: Tree, mutant: Mutant) -> list[str]:
    """What is wrong with a mutant before anything is compiled."""
    path = overlay.source_of(tree, mutant.module, mutant.file)
    if mutant.file not in mutant.module.files:
        return [f"{mutant.id}: {mutant.file} is not a source file of {mutant.module.name}."]
    problems = []
    if mutant.task not in [task.id for task in mutant.module.tasks]:
        problems.append(f"{mutant.id}: there is no task {mutant.task}.")
    count = path.read_text(encoding="utf-8").count(mutant.find) if mutant.find else 0
    if count != 1:
        problems.append(f"{mutant.id}: `find` occurs {count} times in {relative(path, tree.root)}; it must occur once.")
    if mutant.find == mutant.replace:
        problems.append(f"{mutant.id}: `replace` changes nothing.")
    return problems


def first_killer(tasks: list[dict]) -> str:
    for task in tasks:
        for case in task["details"]:
            if case["state"] != "pass":
                return case["case"]
    return ""


def try_out(where: overlay.Place, mutant: Mutant) -> Outcome:
    """Builds and runs one mutant. Its own task's tests come first: they nearly always suffice."""
    start = time.monotonic()
    text = where.solution(mutant.module, mutant.file).read_text(encoding="utf-8")
    with overlay.scratch(where, mutant.id) as folder:
        try:
            program = overlay.build_overlay(
                where, mutant.module, {mutant.file: text.replace(mutant.find, mutant.replace)}, folder
            )
        except overlay.CompileError as error:
            raise RushError(f"mutant {mutant.id} does not compile, so it proves nothing: {error}") from None
        others = [task.id for task in mutant.module.tasks if task.id != mutant.task]
        killer = first_killer(overlay.launch(where, mutant.module, program, [mutant.task]))
        if not killer and others:
            killer = first_killer(overlay.launch(where, mutant.module, program, others))
    return Outcome(mutant, killer, time.monotonic() - start)


def require_healthy(where: overlay.Place, module: Module) -> None:
    """If the reference itself fails, every mutant would look killed."""
    killer = first_killer(overlay.launch(where, module, where.program(module.number), []))
    if killer:
        raise RushError(f"the reference itself fails {killer}: mutants say nothing until it passes.")


def progress(outcome: Outcome, quiet: bool) -> None:
    verdict = f"killed by {outcome.killer}" if outcome.killer else f"SURVIVED ({outcome.mutant.why})"
    print(
        f"{outcome.mutant.id:<40} {verdict}  {outcome.seconds:.1f} s",
        file=sys.stderr if quiet else sys.stdout,
        flush=True,
    )


def run_all(where: overlay.Place, mutants: list[Mutant], jobs: int, quiet: bool) -> tuple[list[Outcome], list[str]]:
    """Outcomes in order, and the mutants that could not be tried."""
    outcomes, errors = [], []
    with ThreadPoolExecutor(jobs) as pool:
        for future in [pool.submit(try_out, where, mutant) for mutant in mutants]:
            try:
                outcomes.append(future.result())
                progress(outcomes[-1], quiet)
            except RushError as error:
                errors.append(error.message)
    return outcomes, errors


def chosen_modules(tree: Tree, names: list[str]) -> list[Module]:
    if names:
        return [milestones(tree) if name == overlay.MILESTONES else tree.module(name) for name in names]
    every = list(tree.modules.values())
    every += [milestones(tree)] if (tree.root / "tests" / overlay.MILESTONES / "cases.txt").is_file() else []
    return [module for module in every if (tree.root / f"tests/mutants/{module.number}.json").is_file()]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("modules", nargs="*", metavar="NN")
    parser.add_argument("--build", type=Path, required=True, metavar="DIR", help="the build folder")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else on stdout")
    parser.add_argument("--sample", type=int, default=1, metavar="N", help="one in N where nothing changed since all were killed")
    parser.add_argument("--seed", type=int, default=date.today().toordinal(), help="of the sample")
    parser.add_argument("--record", action="store_true", help="write down which modules' mutants were all killed")
    chosen = parser.parse_args(arguments)
    if chosen.sample < 1:
        raise RushError(f"--sample {chosen.sample}: one in how many? A whole number from 1 on.")
    tree = find_tree()
    require_solutions(tree)
    where = overlay.place(tree, chosen.build)
    modules = chosen_modules(tree, chosen.modules)
    sampled = {module.number for module in modules if chosen.sample > 1 and proven.is_proven(tree, module)}
    mutants = [mutant for module in modules for mutant in of_module(tree, module, module.number in sampled, chosen)]
    if not mutants:
        raise RushError("there are no mutants to try.", "tests/mutants/NN.json lists a module's.", code=1)
    overlay.make(where, ["launcher", *(f"test_{module.number}_solution" for module in modules)], chosen.jobs)
    for module in {mutant.module.number: mutant.module for mutant in mutants}.values():
        require_healthy(where, module)
    outcomes, errors = run_all(where, mutants, chosen.jobs, chosen.json)
    status = report(outcomes, errors, chosen.json)
    if sampled and not chosen.json:
        print(f"of {', '.join(sorted(sampled))}, unchanged since all were killed, one in {chosen.sample} (seed {chosen.seed})")
    if chosen.record and status == 0:
        proven.record(tree, [module for module in modules if module.number not in sampled])
    return status


def of_module(tree: Tree, module: Module, sampled: bool, chosen: argparse.Namespace) -> list[Mutant]:
    every = load(tree, module)
    return proven.sample(every, chosen.sample, chosen.seed) if sampled else every


def report(outcomes: list[Outcome], errors: list[str], as_json: bool) -> int:
    survived = [outcome.mutant.id for outcome in outcomes if not outcome.killer]
    total = len(outcomes) + len(errors)
    killed = len(outcomes) - len(survived)
    for error in errors:
        print(error, file=sys.stderr)
    if as_json:
        print(json.dumps({"total": total, "killed": killed, "survived": survived}))
    else:
        print(f"{killed} of {total} mutants killed, {len(survived)} survived, {len(errors)} could not be tried")
    return 1 if survived or errors else 0


if __name__ == "__main__":
    sys.exit(guarded(main, sys.argv[1:]))
