"""Verdicts for tests that could not be built: the student's file does not compile, so every case is wrong."""

import re
from collections import Counter

from .blanks import task_of_function
from .compile_errors import Failure
from .tree import Tree, Unit
from .verdict import NO_CASES, TaskVerdict, points_of, task_id

CASE = re.compile(r"(?:Unit|GradientFlow|Progressive)_(\d\d)_(\d)(?=[/.])")
SUITE_CASE = re.compile(r"(?:Integration|Regression|Debugging)_(\d\d)(?=[/.])")
UNKNOWN = Failure("", "the test program was not built; build/student/rush-build.log says why")


def not_built(tree: Tree, unit: Unit, failures: list[Failure]) -> list[TaskVerdict]:
    """A task whose own file failed shows the compiler's first error; the others say which task holds them up."""
    own = {f.file: f for f in reversed(failures) if unit.module and f.module == unit.module.number}
    cause = _cause(unit, failures)
    culprit = _task_behind(tree, cause)
    verdicts = []
    for wanted, cases in expected_cases(unit).items():
        task = tree.tasks.get(wanted) if unit.module else None
        guilty = next((own[file] for file in task.files if file in own), None) if task else None
        waits = guilty is None and culprit is not None and culprit != wanted
        verdicts.append(
            TaskVerdict(
                id=task_id(unit, wanted),
                module=unit.name,
                state="wrong",
                points=points_of(unit, wanted),
                cases=cases,
                counts=NO_CASES | {"wrong": cases},
                blocked_by=culprit if waits else None,
                message=f"not built: {cause.message}" if waits else (guilty or cause).message,
            )
        )
    return verdicts


def _cause(unit: Unit, failures: list[Failure]) -> Failure:
    """The first thing to mend: the earliest module at fault, then the tests, then the link, then anything."""
    if not unit.cases.is_file():
        return Failure("", f"tests/{unit.name}/cases.txt, the list of expected cases, is missing")
    last = unit.module.number if unit.module else "99"
    modules = sorted((f for f in failures if f.module and f.module <= last), key=lambda f: f.module)
    tests = [f for f in failures if f.source.startswith(f"tests/{unit.name}/")]
    links = [f for f in failures if not f.source]
    return next(iter(modules + tests + links + failures), UNKNOWN)


def _task_behind(tree: Tree, failure: Failure) -> str | None:
    module = tree.modules.get(failure.module)
    task = module.first_task_in(failure.file) if module else None
    return task.id if task else task_of_function(tree, failure.symbol)


def expected_cases(unit: Unit) -> dict[str, int]:
    """How many cases each task must report, from the committed list. A task without any counts none."""
    counts: Counter[str] = Counter()
    try:
        lines = unit.cases.read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    pattern = CASE if unit.module else SUITE_CASE
    for line in lines:
        if match := pattern.search(line):
            counts[".".join(match.groups())] += 1
    if unit.module:
        for task in unit.module.tasks:
            counts[task.id] += 0
    return dict(sorted(counts.items()))
