#!/usr/bin/python3
"""Which tasks every test case and every milestone runs into: what manifests say about it is checked against that.

    reach.py --build DIR [--jobs 2] [--write] [--sample N [--seed S]] [NN ...] [milestone ...]

Each task's code in the reference is made to report itself (in a scratch folder; nothing in the tree changes), and the
tests and the milestones run with it. For a module's tests that is its own code and that of earlier modules which it does
not need, as far as the program is linked with it: the rest may be reached anyhow, or cannot be.

    needs       a test that is not progressive reaches only its own module's tasks up to its own, and modules that its
                manifest needs, or that those need
    own         a progressive test reaches its own task
    milestones  "tasks" of milestone.json are those that a short run reaches, and "needs" is the last of their modules
                (--write brings both up to date)

With --sample N, one module in N is tried, chosen by the seed (today's date unless told), and no milestone that is not
named.
"""

import argparse
import json
import os
import re
import subprocess
import sys
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Iterable

from program import guarded, require_solutions

import overlay
import proven
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
MEMBER = re.compile(r"librl_(\d\d)_ref\w*\.a\((\S+?)\.o\)")  # of an archive, in a linker's map
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
    """The reporting objects of modules, in a scratch folder; each is made when it is first asked for."""

    def __init__(self, where: overlay.Place, folder: Path, jobs: int) -> None:
        self.where, self.folder, self.jobs = where, folder, jobs
        self.reporters = {name: self._reporter(name, flags) for name, flags in (("tests", ["-DWITH_GTEST"]), ("plain", []))}
        self._objects: dict[tuple[str, str], Path] = {}

    def objects(self, numbers: Iterable[str], target: str) -> list[Path]:
        """Of these modules, the files that the program is linked with at all."""
        linked = self._linked(target)
        modules = [self.where.tree.modules[number] for number in sorted(numbers)]
        files = [(module, file) for module in modules for file in module.files if (module.number, file) in linked]
        missing = [each for each in files if (each[0].number, each[1]) not in self._objects]
        with ThreadPoolExecutor(self.jobs) as pool:
            for (module, file), path in zip(missing, pool.map(lambda each: self._compile(*each), missing)):
                self._objects[module.number, file] = path
        return [self._objects[module.number, file] for module, file in files]

    def _linked(self, target: str) -> set[tuple[str, str]]:
        """Module and file of the reference's objects in a program, by the linker's own map."""
        program, links = self.folder / "linked", self.folder / "linked.map"
        overlay.link_as(self.where, target, [f"-Wl,-Map={links}"], program)
        program.unlink()
        return set(MEMBER.findall(links.read_text(errors="replace")))

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

    def reach(self, target: str, numbers: Iterable[str], reporter: str, arguments: tuple[str, ...]) -> Reached:
        """Links a program of the build folder with the reporting objects of these modules, and runs it."""
        objects = self.objects(numbers, target)
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


def reporters_for(tree: Tree, number: str) -> list[str]:
    """The modules of which it matters what the tests of this one reach: itself, and earlier ones that it does not need."""
    allowed = allowed_modules(tree, number)
    return [each for each in tree.modules if each == number or each < number and each not in allowed]


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
    parser.add_argument("--sample", type=int, metavar="N", help="one module in N, and no milestone that is not named")
    parser.add_argument("--seed", type=int, default=date.today().toordinal(), help="of the sample")
    chosen = parser.parse_args(arguments)
    if chosen.sample is not None and chosen.sample < 1:
        raise RushError(f"--sample {chosen.sample}: one in how many? A whole number from 1 on.")
    tree = find_tree()
    require_solutions(tree)
    where = overlay.place(tree, chosen.build)
    modules = [tree.modules[each] for each in chosen.what if each in tree.modules]
    milestones = [each for each in chosen.what if each in tree.milestones]
    if not chosen.what:
        modules = list(tree.modules.values())
        milestones = [] if chosen.sample else list(tree.milestones)
    if chosen.sample:
        modules = proven.sample(modules, chosen.sample, chosen.seed)
        print(f"of the modules one in {chosen.sample} (seed {chosen.seed}): {', '.join(each.number for each in modules)}")
    targets = [f"test_{each.number}_solution" for each in modules] + [f"milestone_{each}_solution" for each in milestones]
    overlay.make(where, targets, chosen.jobs)
    problems: list[str] = []
    with overlay.scratch(where, "reach") as folder:
        bench = Bench(where, folder, chosen.jobs)
        for module in modules:
            numbers = reporters_for(tree, module.number)
            reached = bench.reach(f"tests/test_{module.number}_solution", numbers, "tests", ("--gtest_brief=1",))
            problems += told(f"tests of {module.name}", check_tests(tree, module, reached))
        everything = [number for number in tree.modules if number <= tree.last]
        for name in milestones:
            quick = tree.milestones[name][1].get("short", SHORT)
            reached = bench.reach(f"milestones/milestone_{name}_solution", everything, "plain", tuple(quick))
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
