#!/usr/bin/python3
"""Proves that what students get is what we think it is. Needs solutions/ and a configured build folder.

    checks.py --build DIR [--jobs 2] [--only skeletons,leaks,build,solutions,blanks,empty] [NN ...]

    skeletons  the committed skeletons are what the solutions give
    leaks      no line of a solution shows in a skeleton or in a lesson
    build      every header and every skeleton compiles, and so does the reference
    solutions  the reference passes all of its tests
    blanks     the reference with one task's blanks makes that task `todo`, by its own id
    empty      the whole skeleton passes nothing: every task is `todo`
    regions    (only when named: a link for each) every single blank stops its task, so that none goes untested
"""

import argparse
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Callable, NamedTuple

from program import guarded, require_solutions

import overlay
from rushlight.basics.errors import RushError
from rushlight.basics.files import relative
from rushlight.course.manifest import Module, Task
from rushlight.course.regions import HELPER, Region, find_regions
from rushlight.course.skeletons import blank_out, solution, strip
from rushlight.course.tree import Tree, find_tree
from skeleton import stale

SHORTEST_TELLING_LINE = 25
DEFAULT = ("skeletons", "leaks", "build", "solutions", "blanks", "empty")


class Job(NamedTuple):
    """One thing to verify; `run` answers with what is wrong."""

    name: str
    run: Callable[[], list[str]]


# ---- text


def telling(line: str) -> bool:
    """Long enough to give something away: a comment or a plain loop header does not."""
    text = line.strip()
    loop = re.match(r"(for|while) \(.*\) \{$", text)
    return len(text) >= SHORTEST_TELLING_LINE and not text.startswith("//") and not loop


def secret_lines(tree: Tree, module: Module) -> dict[str, str]:
    """Each telling line inside a region of the module's solutions, and where it stands.

    A line that also stands outside the regions is shown in the skeleton anyway, and is no secret.
    """
    secrets: dict[str, str] = {}
    shown: set[str] = set()
    for file in module.files:
        path = solution(tree, module, file)
        lines = path.read_text(encoding="utf-8").splitlines()
        inside: set[int] = set()
        for region in find_regions("\n".join(lines), file)[0]:
            inside |= set(range(region.first, region.last + 1))
        for number, line in enumerate(lines):
            if number not in inside:
                shown.add(line.strip())
            elif telling(line):
                secrets.setdefault(line.strip(), f"{relative(path, tree.root)}:{number + 1}")
    return {line: at for line, at in secrets.items() if line not in shown}


def public_lines(module: Module) -> list[tuple[Path, int, str]]:
    """What students read: the skeletons, and the code in the lesson."""
    found = []
    for file in module.files:
        path = module.folder / file
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        found += [(path, number, line.strip()) for number, line in enumerate(text.splitlines(), 1)]
    return found + fenced_lines(module.folder / "README.md")


def fenced_lines(path: Path) -> list[tuple[Path, int, str]]:
    if not path.is_file():
        return []
    found, fenced = [], False
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif fenced:
            found.append((path, number, line.strip()))
    return found


def leaks(tree: Tree, module: Module) -> list[str]:
    secrets = secret_lines(tree, module)
    return [
        f"{relative(path, tree.root)}:{number}: shows a line of the solution ({secrets[line]}): {line}"
        for path, number, line in public_lines(module)
        if line in secrets
    ]


# ---- programs


def own_targets(where: overlay.Place, module: Module) -> list[str]:
    targets = [f"rl_{module.number}_own", f"rl_{module.number}_ref"]
    if where.cases(module).is_file():
        targets += [f"test_{module.number}_own", f"test_{module.number}_solution"]
    return targets


def build(where: overlay.Place, modules: list[Module], jobs: int) -> list[str]:
    borrowed = re.search(r"^RUSHLIGHT_REFERENCE:\w+=(.+)$", (where.build / "CMakeCache.txt").read_text(), re.MULTILINE)
    if borrowed:
        return [f"{where.build} borrows modules {borrowed[1]}: configure it with -DRUSHLIGHT_REFERENCE= first."]
    try:
        overlay.make(where, ["launcher", *(each for module in modules for each in own_targets(where, module))], jobs)
    except RushError as error:
        return [error.message]
    return []


def solution_passes(where: overlay.Place, module: Module) -> list[str]:
    tasks = overlay.launch(where, module, where.program(module.number), [])
    return [
        f"{case['file']}:{case['line']}: the reference fails {case['case']} ({case['state']}): {case['message']}"
        for task in tasks
        for case in task["details"]
        if case["state"] != "pass"
    ]


def blank_shows(where: overlay.Place, module: Module, task: Task) -> list[str]:
    """With this task's blanks and everything else solved, the task must be `todo`, and say so itself."""
    texts = {file: strip(read_solution(where, module, file), file, task.id) for file in task.files}
    return todo_problems(where, module, task.id, texts, "with only its blanks empty")


def region_problems(where: overlay.Place, module: Module, file: str, region: Region) -> list[str]:
    texts = {file: blank_out(read_solution(where, module, file), [region])}
    what = f"with the one blank of {relative(where.solution(module, file), where.tree.root)}:{region.first + 1} empty"
    return todo_problems(where, module, region.name, texts, what)


def todo_problems(where: overlay.Place, module: Module, task: str, texts: dict[str, str], what: str) -> list[str]:
    with overlay.scratch(where, task) as folder:
        try:
            program = overlay.build_overlay(where, module, texts, folder)
        except overlay.CompileError as error:
            return [f"{task}: {what} it does not compile: {error}"]
        verdict = overlay.launch(where, module, program, [task])[0]
    if verdict["state"] == "todo" and verdict["blocked_by"] is None:
        return []
    return [f"{task}: {what} the task is {seen(verdict)}, not todo {task}"]


def read_solution(where: overlay.Place, module: Module, file: str) -> str:
    return where.solution(module, file).read_text(encoding="utf-8")


def seen(verdict: dict) -> str:
    text = verdict["state"]
    if verdict["blocked_by"]:
        text += f" blocked by {verdict['blocked_by']}"
    worst = next((case for case in verdict["details"] if case["state"] == verdict["state"]), None)
    return f"{text} ({worst['case']}: {worst['message'].splitlines()[0]})" if worst and worst["message"] else text


def skeleton_is_empty(where: overlay.Place, module: Module) -> list[str]:
    problems = []
    for verdict in overlay.launch(where, module, where.program(module.number, "own"), []):
        problems += [
            f"{case['file']}:{case['line']}: {case['case']} passes on the empty skeleton: it tests nothing of the task"
            for case in verdict["details"]
            if case["state"] == "pass"
        ]
        if verdict["state"] != "todo":
            problems.append(f"{verdict['id']}: on the empty skeleton the task is {seen(verdict)}, not todo")
    return problems


# ---- the run


def text_jobs(where: overlay.Place, modules: list[Module]) -> dict[str, list[Job]]:
    tree = where.tree
    return {
        "skeletons": [Job(f"skeletons {each.name}", lambda each=each: stale(tree, each)) for each in modules],
        "leaks": [Job(f"leaks {each.name}", lambda each=each: leaks(tree, each)) for each in modules],
    }


def program_jobs(where: overlay.Place, modules: list[Module]) -> dict[str, list[Job]]:
    tested = [module for module in modules if where.cases(module).is_file()]
    return {
        "solutions": [Job(f"solutions {each.name}", lambda each=each: solution_passes(where, each)) for each in tested],
        "blanks": [
            Job(f"blanks {task.id}", lambda each=each, task=task: blank_shows(where, each, task))
            for each in tested
            for task in each.tasks
        ],
        "empty": [Job(f"empty {each.name}", lambda each=each: skeleton_is_empty(where, each)) for each in tested],
        "regions": [job for each in tested for file in each.files for job in region_jobs(where, each, file)],
    }


def region_jobs(where: overlay.Place, module: Module, file: str) -> list[Job]:
    regions = find_regions(read_solution(where, module, file), file)[0]
    return [
        Job(
            f"regions {module.number} {file}:{region.first + 1}",
            lambda region=region: region_problems(where, module, file, region),
        )
        for region in regions
        if region.name != HELPER
    ]


def attempt(job: Job) -> list[str]:
    try:
        return job.run()
    except RushError as error:
        return error.message.splitlines()


def run_jobs(jobs: list[Job], parallel: int) -> list[str]:
    problems: list[str] = []
    with ThreadPoolExecutor(parallel) as pool:
        for job, found in zip(jobs, pool.map(attempt, jobs)):
            print(f"{'FAIL' if found else 'ok  '}  {job.name}", flush=True)
            for problem in found:
                print(f"      {problem}", flush=True)
            problems += found
    return problems


def run_checks(where: overlay.Place, modules: list[Module], only: list[str], parallel: int) -> list[str]:
    steps = {
        **text_jobs(where, modules),
        "build": [Job("build", lambda: build(where, modules, parallel))],
        **program_jobs(where, modules),
    }
    unknown = [name for name in only if name not in steps]
    if unknown:
        raise RushError(f"there is no check {', '.join(unknown)}.", f"choose from {', '.join(steps)}.")
    problems: list[str] = []
    for name, jobs in steps.items():
        if name in (only or DEFAULT):
            found = run_jobs(jobs, parallel)
            problems += found
            if found and name == "build":
                break  # the rest would run programs that are out of date
    return problems


def untested(where: overlay.Place, modules: list[Module]) -> list[str]:
    return [
        f"{relative(where.cases(each), where.tree.root)} does not exist: {each.name} has no tests to check."
        for each in modules
        if not where.cases(each).is_file()
    ]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("modules", nargs="*", metavar="NN")
    parser.add_argument("--build", type=Path, required=True, metavar="DIR", help="the build folder")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", default="", metavar="NAMES", help="these checks, separated by commas")
    chosen = parser.parse_args(arguments)
    tree = find_tree()
    require_solutions(tree)
    where = overlay.place(tree, chosen.build)
    modules = [tree.module(name) for name in chosen.modules] if chosen.modules else list(tree.modules.values())
    only = [name for name in chosen.only.split(",") if name]
    problems = [] if only else untested(where, modules)
    for problem in problems:
        print(f"FAIL  {problem}")
    problems += run_checks(where, modules, only, chosen.jobs)
    print(f"{len(problems)} problems" if problems else f"all checks passed for {len(modules)} modules")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(guarded(main, sys.argv[1:]))
