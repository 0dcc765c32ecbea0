"""What a naive check says of a mutant: a small network is trained, the loss falls, every parameter has a gradient."""

import json
import subprocess
from pathlib import Path

import overlay
from rushlight.compare.programs import networks
from rushlight.course.manifest import Module
from rushlight.course.tree import Tree

SECONDS = 20
FEW = 4  # losses at the beginning and at the end whose means are compared


def network_of(tree: Tree, module: Module) -> str | None:
    """The earliest network whose program links the module, or none: no training says anything about it."""
    known = networks(tree)
    return next((network for network, last in known.items() if module.number.isdigit() and module.number <= last), None)


def target(network: str) -> str:
    return f"naive/naive_{network}_solution"


def is_content(where: overlay.Place, network: str, objects: list[Path], folder: Path) -> bool:
    """Whether the check passes with these objects in place of the reference's."""
    program = folder / "naive"
    overlay.link_as(where, target(network), objects, program)
    return passes(program)


def passes(program: Path) -> bool:
    try:
        done = subprocess.run([program], capture_output=True, text=True, errors="replace", timeout=SECONDS)
        seen = json.loads(done.stdout) if done.returncode == 0 else None
    except (subprocess.TimeoutExpired, ValueError):  # a naive check notices that nothing, or no number, came back
        return False
    return seen is not None and not seen["without_gradient"] and mean(seen["losses"][-FEW:]) < mean(seen["losses"][:FEW])


def mean(numbers: list[float]) -> float:
    return sum(numbers) / len(numbers)
