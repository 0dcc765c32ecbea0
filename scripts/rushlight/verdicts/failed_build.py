"""Verdicts for tests that could not be built: the student's file does not compile, so every case is wrong."""

from ..building.build import PRESET
from ..building.compile_errors import Failure
from ..course.blanks import task_of_function
from ..course.tree import Tree, Unit
from .expected_cases import expected_cases
from .verdict import NO_CASES, TaskVerdict, points_of, task_id

LOG = f"all that the compiler said: build/{PRESET}/rush-build.log"
UNKNOWN = Failure("", "the test program was not built")


def failed_build(tree: Tree, unit: Unit, failures: list[Failure]) -> list[TaskVerdict]:
    """A task whose own file failed shows the compiler's first error; the others say which task holds them up."""
    own = {f.file: f for f in reversed(failures) if unit.module and f.module == unit.module.number}
    cause = _cause(tree, unit, failures)
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
                explanation=() if waits else (*(guilty or cause).excerpt, LOG),
            )
        )
    return verdicts


def _cause(tree: Tree, unit: Unit, failures: list[Failure]) -> Failure:
    """The first thing to mend: the earliest module at fault, then the tests, then the link, then anything."""
    if not unit.cases.is_file():
        return Failure("", f"tests/{unit.name}/cases.txt, the list of expected cases, is missing")
    last = unit.module.number if unit.module else tree.last
    modules = sorted((f for f in failures if f.module and f.module <= last), key=lambda f: f.module)
    tests = [f for f in failures if f.source.startswith(f"tests/{unit.name}/")]
    links = [f for f in failures if not f.source]
    return next(iter(modules + tests + links + failures), UNKNOWN)


def _task_behind(tree: Tree, failure: Failure) -> str | None:
    module = tree.modules.get(failure.module)
    task = module.first_task_in(failure.file) if module else None
    return task.id if task else task_of_function(tree, failure.symbol)
