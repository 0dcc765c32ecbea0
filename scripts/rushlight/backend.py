"""Whether module 18's kernels may be used: the reference's always, the student's only when all its tasks pass."""

from .errors import RushError
from .runner import Request, Runner
from .tree import Tree
from .untouched import untouched
from .verdict import all_passed

MODULE = "18"
BACKENDS = ("auto", "plain", "accelerated")


def accelerated(tree: Tree, backend: str, stack: str, reference: tuple[str, ...]) -> bool:
    """auto: whenever they may be used. Asked for by name, a module that does not pass is an error."""
    if backend not in BACKENDS:
        raise RushError(f'there is no backend "{backend}".', f"choose one of: {', '.join(BACKENDS)}.")
    if backend == "plain" or MODULE not in tree.modules:
        return False
    if stack == "solution" or MODULE in reference:
        return True
    unit = tree.units[MODULE]
    if not untouched(tree, unit) and all_passed(Runner(tree, Request(stack, reference)).test([unit])):
        return True
    if backend == "auto":
        return False
    raise RushError(
        f"not all tasks of {unit.name} pass, so its kernels are not used.",
        f"scripts/rush test {MODULE}, or leave --backend out.",
    )
