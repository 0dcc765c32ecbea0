"""Whether the kernels of module 18 may be used: the reference's always, the student's only when all its tasks pass."""

from .errors import RushError
from .runner import Request, Runner
from .tree import Tree
from .untouched import untouched
from .verdict import all_passed

BACKENDS = ("auto", "plain", "accelerated")


def provider(tree: Tree) -> str | None:
    """The number of the module that has the kernels."""
    return next((number for number, module in tree.modules.items() if "kernels" in module.provides), None)


def accelerated(tree: Tree, backend: str, stack: str, reference: tuple[str, ...]) -> bool:
    """auto: whenever they may be used. Asked for by name, a module that does not pass is an error."""
    if backend not in BACKENDS:
        raise RushError(f'there is no backend "{backend}".', f"choose one of: {', '.join(BACKENDS)}.")
    number = provider(tree)
    if backend == "plain" or number is None:
        return False
    if stack == "solution" or number in reference:
        return True
    unit = tree.units[number]
    if not untouched(tree, unit) and all_passed(Runner(tree, Request(stack, reference)).test([unit])):
        return True
    if backend == "auto":
        return False
    raise RushError(
        f"not all tasks of {unit.name} pass, so its kernels are not used.",
        f"scripts/rush test {number}, or leave --backend out.",
    )
