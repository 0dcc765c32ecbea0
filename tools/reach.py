#!/usr/bin/python3
"""Which tasks every test case and every milestone runs into: what manifests say about it is checked against that.

    reach.py --build DIR [--jobs 2] [--write] [NN ...] [milestone ...]

Each task's code in the reference is made to report itself (in a scratch folder; nothing in the tree changes), and the
tests and the milestones run with it.

    needs       a test that is not progressive reaches only its own module's tasks up to its own, and modules that its
                manifest needs, or that those need
    own         a progressive test reaches its own task
    milestones  "tasks" of milestone.json are those that a short run reaches, and "needs" is the last of their modules
                (--write brings both up to date)
"""

import argparse
import json
import os
import re
import subprocess
import sys
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from program import guarded, require_solutions

import overlay
from rushlight.basics.errors import RushError
from rushlight.basics.files import write_atomic
from rushlight.course.manifest import Module
from rushlight.course.regions import HELPER, find_regions
from rushlight.course.tree import Tree, find_tree

DECLARED = "void rushlight_reached(const char* task);\n"
REPORTER = r"""
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <set>
#include <string>
#ifdef WITH_GTEST
#include <gtest/gtest.h>
#endif

void rushlight_reached(const char* task) {
  static std::mutex mutex;
  static std::set<std::string> seen;
  static std::FILE* file = std::fopen(std::getenv("RUSHLIGHT_REACHED"), "ae");
  std::string line = task;
#ifdef WITH_GTEST
  const ::testing::TestInfo* info = ::testing::UnitTest::GetInstance()->current_test_info();
  if (info != nullptr) line += std::string(" ") + info->test_suite_name() + "." + info->name();
#endif
  const std::lock_guard lock(mutex);
  if (file == nullptr || !seen.insert(line).second) return;
  std::fprintf(file, "%s\n", line.c_str());
  std::fflush(file);
}
"""
SHORT = ("--epochs", "1")
LABEL = re.compile(r"(Unit|GradientFlow|Progressive)_(\d\d)_(\d)(?=[/.])")
SECONDS = 900

Reached = dict[str, set[str]]  # by test case, or "" for a milestone


def reporting(text: str, where: str) -> str:
    """The solution with a report at the beginning of each region."""
    lines = text.splitlines()
    for region in reversed(find_regions(text, where)[0]):
        if region.name == HELPER:
            continue
        report = f'rushlight_reached("{region.name}");'
        if region.one_line:
            lines[region.first] = lines[region.first].replace(" { ", f" {{ ::{report} ", 1)
        else:
            lines.insert(region.first + region.marked, f"::{report}")
    return DECLARED + "\n".join(lines) + "\n"


class Bench:
    """The reporting objects of all modules, in a scratch folder."""

    def __init__(self, where: overlay.Place, folder: Path, jobs: int) -> None:
        self.where, self.folder = where, folder
        self.reporters = {name: self._reporter(name, flags) for name, flags in (("tests", ["-DWITH_GTEST"]), ("plain", []))}
        files = [(module, file) for module in where.tree.modules.values() for file in module.files]
        with ThreadPoolExecutor(jobs) as pool:
            objects = list(pool.map(lambda each: self._compile(*each), files))
        self.objects: dict[str, list[Path]] = defaultdict(list)
        for (module, _), made in zip(files, objects):
            self.objects[module.number].append(made)

    def _reporter(self, name: str, flags: list[str]) -> Path:
        source = self.folder / f"{name}.cpp"
        source.write_text(REPORTER)
        subprocess.run(["g++", "-std=c++20", *flags, "-c", str(source), "-o", f"{source}.o"], check=True)
        return Path(f"{source}.o")

    def _compile(self, module: Module, file: str) -> Path:
        original = self.where.solution(module, file)
        source = self.folder / f"{module.number}_{file}"
        source.write_text(reporting(original.read_text(encoding="utf-8"), file), encoding="utf-8")
        overlay.compile_as(self.where, original, source, Path(f"{source}.o"))
        return Path(f"{source}.o")

    def reach(self, target: str, last: str, reporter: str, arguments: tuple[str, ...]) -> Reached:
        """Links a program of the build folder with the reporting objects up to module `last`, and runs it."""
        objects = [made for number, group in self.objects.items() if number <= last for made in group]
        program, log = self.folder / Path(target).name, self.folder / f"{Path(target).name}.log"
        overlay.link_as(self.where, target, [self.reporters[reporter], *objects], program)
        log.unlink(missing_ok=True)
        environment = {**os.environ, "RUSHLIGHT_REACHED": str(log)}
        done = subprocess.run(
            [str(program), *arguments], cwd=self.where.tree.root, env=environment, capture_output=True, text=True,
            errors="replace", timeout=SECONDS,
        )
        if done.returncode not in (0, 1):
            raise RushError(f"{target} with reports ended with status {done.returncode}: {done.stderr.strip()[-500:]}")
        found: Reached = defaultdict(set)
        for line in log.read_text().splitlines() if log.is_file() else ():
            task, _, case = line.partition(" ")
            found[case].add(task)
        program.unlink()
        return found


def allowed_modules(tree: Tree, number: str) -> set[str]:
    """What a module's manifest needs, and what those need."""
    found: set[str] = set()
    waiting = list(tree.modules[number].needs)
    while waiting:
        each = waiting.pop()
        if each not in found:
            found.add(each)
            waiting += tree.modules[each].needs
    return found


def check_tests(tree: Tree, module: Module, reached: Reached) -> list[str]:
    allowed = allowed_modules(tree, module.number)
    beyond: dict[tuple[str, str], list[str]] = defaultdict(list)
    problems = []
    for case, tasks in sorted(reached.items()):
        label = LABEL.search(case)
        if not label:
            continue
        own = f"{label[2]}.{label[3]}"
        if label[1] == "Progressive":
            problems += [] if own in tasks else [f"{case} does not reach {own}: it says nothing of that task"]
            continue
        for task in tasks:
            if task.split(".")[0] not in allowed and not (task.split(".")[0] == module.number and task <= own):
                beyond[own, task].append(case)
    for (own, task), cases in sorted(beyond.items()):
        what = "which comes later" if task.startswith(module.number) else f'whose module "needs" of {module.name} does not lead to'
        problems.append(f"{own}: {len(cases)} of its tests reach {task}, {what}: {cases[0]}")
    return problems


def check_milestone(tree: Tree, name: str, tasks: set[str], write: bool) -> list[str]:
    folder, manifest = tree.milestones[name]
    right = {**manifest, "needs": max(task[:2] for task in tasks), "tasks": sorted(tasks)}
    if manifest == right:
        return []
    if write:
        write_atomic(folder / "milestone.json", json.dumps(right, ensure_ascii=False) + "\n")
        return []
    differs = sorted(set(manifest.get("tasks", [])) ^ tasks)
    return [f"{folder.name}/milestone.json: not what a run reaches ({', '.join(differs) or right['needs']}): reach.py --write"]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="*", metavar="NN|milestone")
    parser.add_argument("--build", type=Path, required=True, metavar="DIR")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--write", action="store_true", help="bring the milestones' lists up to date")
    chosen = parser.parse_args(arguments)
    tree = find_tree()
    require_solutions(tree)
    where = overlay.place(tree, chosen.build)
    modules = [tree.modules[each] for each in chosen.what if each in tree.modules]
    milestones = [each for each in chosen.what if each in tree.milestones]
    if not chosen.what:
        modules, milestones = list(tree.modules.values()), list(tree.milestones)
    targets = [f"test_{each.number}_solution" for each in modules] + [f"milestone_{each}_solution" for each in milestones]
    overlay.make(where, targets, chosen.jobs)
    problems: list[str] = []
    with overlay.scratch(where, "reach") as folder:
        bench = Bench(where, folder, chosen.jobs)
        for module in modules:
            reached = bench.reach(f"tests/test_{module.number}_solution", module.number, "tests", ("--gtest_brief=1",))
            problems += told(f"tests of {module.name}", check_tests(tree, module, reached))
        for name in milestones:
            quick = tree.milestones[name][1].get("short", SHORT)
            reached = bench.reach(f"milestones/milestone_{name}_solution", tree.last, "plain", tuple(quick))
            problems += told(f"milestone {name}", check_milestone(tree, name, reached[""], chosen.write))
    print(f"{len(problems)} problems" if problems else "what is declared is what is reached")
    return 1 if problems else 0


def told(what: str, found: list[str]) -> list[str]:
    print(f"{'FAIL' if found else 'ok  '}  {what}", flush=True)
    for problem in found:
        print(f"      {problem}", flush=True)
    return found


if __name__ == "__main__":
    sys.exit(guarded(main, sys.argv[1:]))
