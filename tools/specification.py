#!/usr/bin/python3
"""Writes tests/SPECIFICATION.md: what was asked for, row by row, and the tests that prove it.

    specification.py [--check] [--build DIR]

--check writes nothing and fails when something is missing or out of date. With --build the reference runs all cases that a
row names, and each row's state is printed: passed, or what did not; a row with a case that did not run or pass fails.

tests/specification.json has the rows: what a row asks for, and under `tests` the cases of tests/*/cases.txt that prove it
(with * for a family of them), under `python` tests of the programs as FILE::NAME, under `mutants` the mistakes that those
tests must notice; those of a RED row name the cases that must fail (`kills`, which tools/mutants.py holds them to, and of
mistakes in the programs tools/tests/test_program_mutants.py). A row that needs modules which are not there yet names their
numbers under `waits_for`. One that cannot apply says why under `does_not_apply`.
"""

import argparse
import json
import sys
from fnmatch import fnmatchcase
from pathlib import Path

from program import guarded, require_solutions

import overlay
from rushlight.basics.files import write_atomic
from rushlight.course.tree import Tree, find_tree

PROOFS = ("tests", "python", "mutants")
KEYS = {"id", "text", *PROOFS, "waits_for", "does_not_apply"}
GROUPS = {
    "CL": "Composed losses (module 20)",
    "HB": "Hooks, and the comparison by hooks",
    "GF": "Gradient flow, module by module",
    "DF": "Direct feedback alignment",
    "EE": "A transformer trained end to end",
    "R": "RED: mistakes that must be noticed",
}


def rows_of(tree: Tree) -> list[dict]:
    return json.loads((tree.root / "tests" / "specification.json").read_text(encoding="utf-8"))


def cases_of(tree: Tree) -> set[str]:
    lists = (tree.root / "tests").glob("*/cases.txt")
    return {line for path in lists for line in path.read_text(encoding="utf-8").splitlines()}


def mutants_of(tree: Tree) -> dict[str, dict]:
    lists = [*(tree.root / "tests" / "mutants").glob("*.json"), tree.root / "tools" / "tests" / "program_mutants.json"]
    return {mutant["id"]: mutant for path in lists for mutant in json.loads(path.read_text(encoding="utf-8"))}


def group_of(row: dict) -> str:
    return row["id"].partition("-")[0].rstrip("0123456789")


def python_test_exists(root: Path, name: str) -> bool:
    file, _, function = name.partition("::")
    path = root / file
    return path.is_file() and bool(function) and function in path.read_text(encoding="utf-8")


def problems_of(tree: Tree, rows: list[dict]) -> list[str]:
    cases, mutants = cases_of(tree), mutants_of(tree)
    problems = [f"{row['id']} stands there twice." for i, row in enumerate(rows) if row["id"] in {r["id"] for r in rows[:i]}]
    for row in rows:
        name = row["id"]
        problems += [f"{name}: what is {key!r}?" for key in sorted(set(row) - KEYS)]
        if group_of(row) not in GROUPS:
            problems.append(f"{name}: expected one of {', '.join(GROUPS)} and a number.")
        if not any(row.get(key) for key in (*PROOFS, "waits_for", "does_not_apply")):
            problems.append(f"{name}: nothing proves it, and it waits for nothing.")
        for pattern in row.get("tests", []):
            if not any(fnmatchcase(case, pattern) for case in cases):
                problems.append(f"{name}: no test is called {pattern}.")
        for test in row.get("python", []):
            if not python_test_exists(tree.root, test):
                problems.append(f"{name}: there is no {test}.")
        for mutant in row.get("mutants", []):
            if mutant not in mutants:
                problems.append(f"{name}: no mutant is called {mutant}.")
            elif group_of(row) == "R" and not mutants[mutant].get("kills"):
                problems.append(f"{name}: {mutant} does not say which cases must notice it (`kills`).")
        for awaited in row.get("waits_for", []):
            if awaited in tree.modules:
                problems.append(f"{name}: it waits for {awaited}, which is there. Name the tests that prove the row.")
    return problems


def states_of(where: overlay.Place) -> dict[str, str]:
    """Of every case what the reference made of it."""
    states = {}
    for number, unit in where.tree.units.items():
        tasks = overlay.launch(where, unit, where.program(number), [])
        states |= {case["case"]: case["state"] for task in tasks for case in task["details"]}
    return states


def show_states(rows: list[dict], states: dict[str, str]) -> list[str]:
    """Prints a line for each row; answers what did not pass."""
    problems = []
    for row in rows:
        patterns = row.get("tests", [])
        named = {case: state for case, state in states.items() if any(fnmatchcase(case, each) for each in patterns)}
        bad = [f"{case} is {state}" for case, state in named.items() if state != "pass"]
        bad += [f"{each} did not run" for each in patterns if not any(fnmatchcase(case, each) for case in named)]
        others = f"{len(row.get('python', []))} tests of programs, {len(row.get('mutants', []))} mutants"
        print(f"{row['id']:<6} {'; '.join(bad) or f'{len(named)} cases passed'}; {others}")
        problems += [f"{row['id']}: {each}." for each in bad]
    return problems


def page_of(rows: list[dict]) -> str:
    waiting = sum("waits_for" in row for row in rows)
    parts = [
        "# What was asked for, and what proves it\n",
        "Written by `tools/specification.py` from `specification.json`. The names are cases of the test programs; each is",
        "in the list of cases that must report (`cases.txt`), so none can vanish unnoticed. Mutants are mistakes in",
        "`tests/mutants`, or in `tools/tests/program_mutants.json`, that some test must notice.\n",
        f"{len(rows)} rows, of which {waiting} wait, wholly or in part, for something that is not there yet.\n",
    ]
    for group, title in GROUPS.items():
        parts += [f"## {title}\n", "| row | asked for | proved by |", "|---|---|---|"]
        parts += [f"| {row['id']} | {row['text']} | {proof_of(row)} |" for row in rows if group_of(row) == group]
        parts.append("")
    return "\n".join(parts)


def proof_of(row: dict) -> str:
    proofs = [f"`{name}`" for name in (*row.get("tests", []), *row.get("python", []))]
    if row.get("mutants"):
        proofs.append("mutants " + ", ".join(f"`{name}`" for name in row["mutants"]))
    if row.get("waits_for"):
        proofs.append("*waits for " + ", ".join(f"module {name}" for name in row["waits_for"]) + "*")
    if row.get("does_not_apply"):
        proofs.append(row["does_not_apply"])
    return "<br>".join(proofs)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; say what is missing or out of date")
    parser.add_argument("--build", type=Path, metavar="DIR", help="a build folder: run what the rows name")
    chosen = parser.parse_args(arguments)
    tree = find_tree()
    require_solutions(tree)
    rows = rows_of(tree)
    problems = problems_of(tree, rows)
    if chosen.build is not None:
        where = overlay.place(tree, chosen.build)
        overlay.make(where, ["launcher", *(f"test_{unit}_solution" for unit in tree.units)], jobs=2)
        problems += show_states(rows, states_of(where))
    path, text = tree.root / "tests" / "SPECIFICATION.md", page_of(rows)
    current = path.read_text(encoding="utf-8") if path.is_file() else ""
    if chosen.check and current != text:
        problems.append("tests/SPECIFICATION.md is out of date: run tools/specification.py.")
    if not chosen.check and current != text:
        write_atomic(path, text)
        path.chmod(0o644)
        print(f"wrote tests/SPECIFICATION.md: {len(rows)} rows")
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(guarded(main, sys.argv[1:]))
