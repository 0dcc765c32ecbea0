#!/usr/bin/python3
"""Whether `rush compare` finds a mistake: plants 24 of tests/mutants, one at a time, in the reference of modules 01 to 13.

    planted.py --build DIR [--jobs 2] [--json] [--write] [MUTANT ...]

tests/compare/planted.json says which, and in which network. A mistake counts as found where the task that is named first
is the one that holds it, or one whose code calls that task's directly. Exit status 1 when fewer than 22 are found, or one
makes no difference at all. --write puts the table into docs/compare.md. MUTANT: only these, or others of tests/mutants;
then the network is that of its module.
"""

import argparse
import json
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from program import guarded, require_solutions

import mutant_list
import naive
import overlay
from rushlight.basics.errors import RushError
from rushlight.basics.files import read_json, write_atomic
from rushlight.compare.differences import Comparison, compare
from rushlight.compare.programs import networks, record
from rushlight.compare.trace import Trace
from rushlight.compare.verdict import Verdict, verdict_on
from rushlight.course.tree import Tree, find_tree

ENOUGH = 22
PAGE = "docs/compare.md"
BEGIN, END = "<!-- planted -->", "<!-- end planted -->"


@dataclass(frozen=True)
class Outcome:
    mutant: mutant_list.Mutant
    network: str
    verdict: Verdict
    alone: Verdict  # of the network, without the functions on their own
    callers: frozenset[str]

    @property
    def found(self) -> str:
        """itself, caller, elsewhere or silent."""
        return self._how(self.verdict)

    @property
    def found_alone(self) -> str:
        return self._how(self.alone)

    def _how(self, verdict: Verdict) -> str:
        if verdict.agrees:
            return "silent"
        if verdict.task == self.mutant.task:
            return "itself"
        return "caller" if verdict.task in self.callers else "elsewhere"

    def as_json(self) -> dict:
        return {
            "mutant": self.mutant.id,
            "task": self.mutant.task,
            "network": self.network,
            "named": self.verdict.task,
            "found": self.found,
            "network_alone": {"named": self.alone.task, "found": self.found_alone},
            "sentence": self.verdict.sentence(),
        }


def callers_of(tree: Tree, task: str) -> frozenset[str]:
    """Tasks whose code, in solutions/, names a function that this task's file defines for others."""
    defined = _functions(tree, task)
    found = set()
    for other in tree.tasks.values():
        if other.id != task and any(re.search(rf"\b{name}\(", text) for text in _texts(tree, other.id) for name in defined):
            found.add(other.id)
    return frozenset(found)


BLANK = re.compile(r"^// (\d\d\.\d) ", re.MULTILINE)
DEFINITION = re.compile(r"^(?:template.*\n)?[A-Za-z_][\w:<>,&* ]*?[ &*](?:\w+::)?(~?\w+)\(", re.MULTILINE)


def _texts(tree: Tree, task: str) -> list[str]:
    """The pieces of the solution that belong to a task: from a comment with its id to the next one."""
    module = tree.module(task[:2])
    pieces = []
    for file in module.files:
        text = (tree.root / "solutions" / module.name / file).read_text(encoding="utf-8")
        marks = [(match.start(), match[1]) for match in BLANK.finditer(text)] + [(len(text), "")]
        pieces += [text[start:end] for (start, each), (end, _) in zip(marks, marks[1:]) if each == task]
    return pieces


def _functions(tree: Tree, task: str) -> set[str]:
    names = {match[1] for text in _texts(tree, task) for match in DEFINITION.finditer(text)}
    return names - {"if", "for", "while", "switch", "return", "members", "forward"}


def every_mutant(tree: Tree) -> dict[str, mutant_list.Mutant]:
    modules = [module for number, module in tree.modules.items() if number <= max(networks(tree).values())]
    return {mutant.id: mutant for module in modules for mutant in mutant_list.load(tree, module)}


def chosen(tree: Tree, names: list[str]) -> list[tuple[mutant_list.Mutant, str]]:
    known = every_mutant(tree)
    listed = {entry["mutant"]: entry["network"] for entry in read_json(tree.root / "tests" / "compare" / "planted.json")}
    for name in names or listed:
        if name not in known:
            raise RushError(f"no mutant of modules 01 to 13 is called {name}.", "see tests/mutants.")
    return [(known[name], listed.get(name) or naive.network_of(tree, known[name].module)) for name in names or listed]


def target_of(network: str) -> str:
    return f"compare_{network}_solution"


def plant(where: overlay.Place, mutant: mutant_list.Mutant, network: str, reference: Trace) -> Outcome:
    text = where.solution(mutant.module, mutant.file).read_text(encoding="utf-8")
    with overlay.scratch(where, mutant.id) as folder:
        source, compiled, program = folder / Path(mutant.file).name, folder / "planted.o", folder / "program"
        source.write_text(text.replace(mutant.find, mutant.replace), encoding="utf-8")
        try:
            overlay.compile_as(where, where.solution(mutant.module, mutant.file), source, compiled)
            overlay.link_as(where, f"compare/{target_of(network)}", [compiled], program)
        except overlay.CompileError as error:
            raise RushError(f"mutant {mutant.id} does not compile, so it proves nothing: {error}") from None
        found = compare(record(program, network), reference)
    alone = Comparison(found.network, found.of_network)
    return Outcome(mutant, network, verdict_on(found), verdict_on(alone), callers_of(where.tree, mutant.task))


def table(outcomes: list[Outcome]) -> str:
    lines = ["| mistake | its task | in | named first | by the network alone |", "|---|---|---|---|---|"]
    for each in outcomes:
        names = [f"{v.task or 'nothing'} ({how})" for v, how in ((each.verdict, each.found), (each.alone, each.found_alone))]
        lines.append(f"| {each.mutant.why} (`{each.mutant.id}`) | {each.mutant.task} | {each.network} | {' | '.join(names)} |")
    return "\n".join(lines)


def summary(outcomes: list[Outcome]) -> str:
    found = sum(each.found in ("itself", "caller") for each in outcomes)
    silent = sum(each.found == "silent" for each in outcomes)
    alone = sum(each.found_alone in ("itself", "caller") for each in outcomes)
    return f"{found} of {len(outcomes)} found, {silent} silent; by the network alone {alone}."


def write_page(tree: Tree, text: str) -> None:
    path = tree.root / PAGE
    page = path.read_text(encoding="utf-8")
    head, _, rest = page.partition(BEGIN)
    _, mark, tail = rest.partition(END)
    if not mark:
        raise RushError(f"{PAGE} has no place for the table between {BEGIN} and {END}.")
    write_atomic(path, f"{head}{BEGIN}\n\n{text}\n\n{END}{tail}")


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="MUTANT")
    parser.add_argument("--build", type=Path, required=True, metavar="DIR", help="the build folder")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else on stdout")
    parser.add_argument("--write", action="store_true", help=f"put the table into {PAGE}")
    options = parser.parse_args(arguments)
    tree = find_tree()
    require_solutions(tree)
    where = overlay.place(tree, options.build)
    wanted = chosen(tree, options.names)
    networks = sorted({network for _, network in wanted})
    overlay.make(where, [target_of(network) for network in networks], options.jobs)
    references = {network: record(where.build / "compare" / target_of(network), network) for network in networks}
    for network, reference in references.items():
        if not verdict_on(compare(reference, reference)).agrees:
            raise RushError(f"the reference's own {network} does not agree with itself.")
    with ThreadPoolExecutor(options.jobs) as pool:
        futures = [pool.submit(plant, where, mutant, network, references[network]) for mutant, network in wanted]
        outcomes = [future.result() for future in futures]
    if options.write:
        write_page(tree, f"{table(outcomes)}\n\n{summary(outcomes)}")
    if options.json:
        print(json.dumps({"summary": summary(outcomes), "planted": [each.as_json() for each in outcomes]}))
    else:
        print(table(outcomes), summary(outcomes), sep="\n\n")
    found = sum(each.found in ("itself", "caller") for each in outcomes)
    least = ENOUGH if not options.names else 0
    return 0 if found >= least and all(each.found != "silent" for each in outcomes) else 1


if __name__ == "__main__":
    sys.exit(guarded(main, sys.argv[1:]))
