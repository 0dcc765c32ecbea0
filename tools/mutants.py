#!/usr/bin/python3
"""Tests the tests: plants each known student mistake in the reference, and shows which test catches it.

    mutants.py [NN ...] --build DIR [--jobs 2] [--json] [--naive] [--sample N [--seed S]] [--record]

tests/mutants/NN.json lists them: [{"id", "file", "find", "replace", "why", "task"}]. `find` must occur exactly once
in that solution file. NN may also be `milestones`: then the files are those beside a milestone's main.cpp, and the tests
are those of tests/milestones, whose "task" is the number in the name of their suite; or `integration`, with files that
students are given ("01_tensor/more_reduce.cpp") and the tests of tests/integration. A mutant is killed when some case of
its module does not pass, survives when all do (exit status 1), and is an error when it does not compile: that would prove
nothing about the tests. One with "kills" ({case: words of its message}) survives unless each of these cases fails with
these words. Nothing in solutions/ is written.

--naive asks a naive check too (tests/naive): a small network is trained, does the loss fall, has every parameter a
gradient? --json prints the matrix: of every mutant which case kills it, with which message, and what the naive check says.

With --sample N, of a module that is as it was when all its mutants were last killed (tests/proven) only one in N is tried,
chosen by the seed: today's date unless told. --record writes the matrix down for what was tried whole.
"""

import argparse
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Callable, TypeVar

from program import guarded, require_solutions

import naive
import overlay
import proven
from mutant_list import Mutant, given, load, milestones
from rushlight.basics.errors import RushError
from rushlight.course.manifest import Module
from rushlight.course.tree import Tree, find_tree

Tried = TypeVar("Tried")


@dataclass(frozen=True)
class Outcome:
    mutant: Mutant
    killer: str  # the first case that did not pass; empty for a survivor
    message: str  # what that case said
    missed: tuple[str, ...]  # cases that should have failed with certain words, and did not
    naive: bool | None  # whether a naive check passes; None where there is none, or it was not asked
    seconds: float

    @property
    def survived(self) -> bool:
        return not self.killer or bool(self.missed)

    def as_json(self) -> dict:
        return {
            "id": self.mutant.id,
            "killer": self.killer,
            "message": self.message,
            "naive": self.naive,
        }


def failed_cases(tasks: list[dict]) -> dict[str, str]:
    """Of each case that did not pass what it said, in their order."""
    return {case["case"]: case["message"] for task in tasks for case in task["details"] if case["state"] != "pass"}


def in_a_line(message: str) -> str:
    line = " ".join(message.split())
    return line if len(line) <= 200 else f"{line[:199]}…"


def try_out(where: overlay.Place, mutant: Mutant, ask_naive: bool = False) -> Outcome:
    """Builds and runs one mutant. Its own task's tests come first: they nearly always suffice."""
    start = time.monotonic()
    text = where.solution(mutant.module, mutant.file).read_text(encoding="utf-8").replace(mutant.find, mutant.replace)
    with overlay.scratch(where, mutant.id) as folder:
        try:
            objects = overlay.compile_overlay(where, mutant.module, {mutant.file: text}, folder)
            program = folder / "program"
            overlay.link_with(where, mutant.module.number, [*objects, *overlay.options(mutant.module)], program)
        except overlay.CompileError as error:
            raise RushError(f"mutant {mutant.id} does not compile, so it proves nothing: {error}") from None
        others = [task.id for task in mutant.module.tasks if task.id != mutant.task]
        failed = failed_cases(overlay.launch(where, mutant.module, program, [mutant.task]))
        if others and (not failed or any(case not in failed for case in mutant.kills)):
            failed |= failed_cases(overlay.launch(where, mutant.module, program, others))
        network = naive.network_of(where.tree, mutant.module) if ask_naive else None
        content = naive.is_content(where, network, objects, folder) if network else None
    killer, message = next(iter(failed.items()), ("", ""))
    missed = tuple(case for case, words in mutant.kills.items() if words not in failed.get(case, "") or case not in failed)
    return Outcome(mutant, killer, in_a_line(message), missed, content, time.monotonic() - start)


def require_healthy(where: overlay.Place, module: Module, ask_naive: bool = False) -> None:
    """If the reference itself fails, every mutant would look killed, and every variant refused."""
    killer = next(iter(failed_cases(overlay.launch(where, module, where.program(module.number), []))), "")
    if killer:
        raise RushError(f"the reference itself fails {killer}: nothing can be said until it passes.")
    network = naive.network_of(where.tree, module) if ask_naive else None
    if network and not naive.passes(where.build / naive.target(network)):
        raise RushError(f"the reference itself does not pass the naive check of {network}.")


def progress(outcome: Outcome, quiet: bool) -> None:
    verdict = f"killed by {outcome.killer}" if outcome.killer else f"SURVIVED ({outcome.mutant.why})"
    if outcome.missed:
        verdict += f", BUT NOT as expected by {', '.join(outcome.missed)}"
    if outcome.naive is not None:
        verdict += f"; a naive check {'passes' if outcome.naive else 'notices'}"
    if outcome.message:
        verdict += f"\n    {outcome.message}"
    print(
        f"{outcome.mutant.id:<40} {outcome.seconds:4.1f} s  {verdict}",
        file=sys.stderr if quiet else sys.stdout,
        flush=True,
    )


def run_all(attempts: list[Callable[[], Tried]], jobs: int, show: Callable[[Tried], None]) -> tuple[list[Tried], list[str]]:
    """Outcomes in order, each shown as it comes, and why others could not be tried."""
    outcomes, errors = [], []
    with ThreadPoolExecutor(jobs) as pool:
        for future in [pool.submit(attempt) for attempt in attempts]:
            try:
                outcomes.append(future.result())
                show(outcomes[-1])
            except RushError as error:
                errors.append(error.message)
    return outcomes, errors


ELSEWHERE = {"milestones": milestones, "integration": given}


def chosen_modules(tree: Tree, names: list[str]) -> list[Module]:
    if names:
        return [ELSEWHERE[name](tree) if name in ELSEWHERE else tree.module(name) for name in names]
    every = list(tree.modules.values())
    every += [make(tree) for name, make in ELSEWHERE.items() if (tree.root / "tests" / name / "cases.txt").is_file()]
    return [module for module in every if (tree.root / f"tests/mutants/{module.number}.json").is_file()]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("modules", nargs="*", metavar="NN")
    parser.add_argument("--build", type=Path, required=True, metavar="DIR", help="the build folder")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else on stdout")
    parser.add_argument("--naive", action="store_true", help="ask a naive check too")
    parser.add_argument("--sample", type=int, default=1, metavar="N", help="one in N where nothing changed since all were killed")
    parser.add_argument("--seed", type=int, default=date.today().toordinal(), help="of the sample")
    parser.add_argument("--record", action="store_true", help="write the matrix of the modules whose mutants were all killed")
    chosen = parser.parse_args(arguments)
    if chosen.sample < 1:
        raise RushError(f"--sample {chosen.sample}: one in how many? A whole number from 1 on.")
    tree = find_tree()
    require_solutions(tree)
    where = overlay.place(tree, chosen.build)
    modules = chosen_modules(tree, chosen.modules)
    ask_naive = chosen.naive or chosen.record
    sampled = {module.number for module in modules if chosen.sample > 1 and proven.is_proven(tree, module)}
    mutants = [mutant for module in modules for mutant in of_module(tree, module, module.number in sampled, chosen)]
    if not mutants:
        raise RushError("there are no mutants to try.", "tests/mutants/NN.json lists a module's.", code=1)
    programs = [f"test_{module.number}_solution" for module in modules]
    if ask_naive:
        programs += sorted({Path(naive.target(network)).name for module in modules if (network := naive.network_of(tree, module))})
    overlay.make(where, ["launcher", *programs], chosen.jobs)
    for module in {mutant.module.number: mutant.module for mutant in mutants}.values():
        require_healthy(where, module, ask_naive)
    attempts = [partial(try_out, where, mutant, ask_naive) for mutant in mutants]
    outcomes, errors = run_all(attempts, chosen.jobs, partial(progress, quiet=chosen.json))
    status = report(outcomes, errors, chosen.json)
    if sampled and not chosen.json:
        print(f"of {', '.join(sorted(sampled))}, unchanged since all were killed, one in {chosen.sample} (seed {chosen.seed})")
    if chosen.record and status == 0:
        for module in modules:
            if module.number not in sampled:
                proven.record(tree, module, [outcome.as_json() for outcome in outcomes if outcome.mutant.module is module])
    return status


def of_module(tree: Tree, module: Module, sampled: bool, chosen: argparse.Namespace) -> list[Mutant]:
    every = load(tree, module)
    return proven.sample(every, chosen.sample, chosen.seed) if sampled else every


def report(outcomes: list[Outcome], errors: list[str], as_json: bool) -> int:
    survived = [outcome.mutant.id for outcome in outcomes if outcome.survived]
    total = len(outcomes) + len(errors)
    killed = len(outcomes) - len(survived)
    for error in errors:
        print(error, file=sys.stderr)
    if as_json:
        matrix = [outcome.as_json() for outcome in outcomes]
        print(json.dumps({"total": total, "killed": killed, "survived": survived, "mutants": matrix}))
    else:
        print(f"{killed} of {total} mutants killed, {len(survived)} survived, {len(errors)} could not be tried")
        asked = [outcome for outcome in outcomes if outcome.naive is not None]
        if asked:
            print(f"a naive check passes with {sum(outcome.naive for outcome in asked)} of the {len(asked)} that it can be asked about")
    return 1 if survived or errors else 0


if __name__ == "__main__":
    sys.exit(guarded(main, sys.argv[1:]))
