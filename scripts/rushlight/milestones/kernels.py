"""Whether the kernels may be used: the reference's always, the student's only when all its tasks pass."""

from ..basics.errors import RushError
from ..course.tree import Tree
from ..verdicts.runner import Request, Runner
from ..verdicts.unwritten import is_unwritten
from ..verdicts.verdict import all_passed

BACKENDS = ("auto", "plain", "accelerated")


def accelerated(tree: Tree, backend: str, stack: str, reference: tuple[str, ...]) -> bool:
    """auto: whenever they may be used. Asked for by name, a module that does not pass is an error."""
    if backend not in BACKENDS:
        raise RushError(f'there is no backend "{backend}".', f"choose one of: {', '.join(BACKENDS)}.")
    number = tree.kernels
    if backend == "plain" or number is None:
        return False
    if stack == "solution" or number in reference:
        return True
    unit = tree.units[number]
    if not is_unwritten(tree, unit) and all_passed(Runner(tree, Request(stack, reference)).test([unit])):
        return True
    if backend == "auto":
        return False
    raise RushError(
        f"not all tasks of {unit.name} pass, so its kernels are not used.",
        f"scripts/rush test {number}, or leave --backend out.",
    )
