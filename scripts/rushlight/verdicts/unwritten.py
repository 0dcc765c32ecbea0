"""Modules that nobody has begun: their files are the skeletons, which pass nothing, so there is nothing to build."""

from ..basics.errors import RushError
from ..course.skeletons import skeletons
from ..course.tree import Tree, Unit
from .expected_cases import expected_cases
from .verdict import NO_CASES, TaskVerdict, points_of


def is_unwritten(tree: Tree, unit: Unit) -> bool:
    if unit.module is None:
        return False
    try:
        texts = skeletons(tree, unit.module)
        files = [(unit.module.folder / name, text) for name, text in texts.items()]
        return all(path.is_file() and path.read_text(encoding="utf-8") == text for path, text in files)
    except (RushError, OSError, ValueError):
        return False  # a skeleton or a file is missing or unreadable: the build will say what is wrong


def all_todo(unit: Unit) -> list[TaskVerdict]:
    """What the tests would say of the skeleton; that they do is checked where the solutions are."""
    return [
        TaskVerdict(
            id=task,
            module=unit.name,
            state="todo",
            points=points_of(unit, task),
            cases=cases,
            counts=NO_CASES | {"todo": cases},
            message=f"todo {task}: not written yet",
        )
        for task, cases in expected_cases(unit).items()
    ]
