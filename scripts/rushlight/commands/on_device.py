"""`rush milestone NAME --device …`: the milestone's network learns on the CPU and on the device of module 22, side by side.

What trains and what is shown is what `rush compare gpt --devices` has. "device" in milestone.json lists what it needs beyond
the milestone's own tasks; a milestone without it has no such form.
"""

import json
from pathlib import Path

from ..basics.errors import RushError
from ..basics.files import write_atomic
from ..compare import devices
from ..course.tree import Tree
from ..gpu import native
from ..milestones.needs import check_needs, on_device

DEVICES = ("cuda", "emulated")
REAL = ("--steps", "20", "--batch", "64", "--width", "32")  # part one as it is; emulated, one step of it takes minutes


def check(tree: Tree, name: str, device: str, others: dict[str, object]) -> None:
    """`others` are options that say something else, by their names."""
    if device not in DEVICES:
        raise RushError(f'there is no device "{device}".', f"choose one of: {', '.join(DEVICES)}.")
    if not on_device(tree, name):
        having = [each for each in tree.milestones if on_device(tree, each)]
        raise RushError(f"{name} has no form for a device.", f"choose one of: {', '.join(having)}." if having else "")
    if given := [option for option, value in others.items() if value]:
        raise RushError(f"--device trains a few steps on both sides: {', '.join(given)} says nothing there.", "leave it out.")


def program(tree: Tree, name: str, device: str, stack: str, borrowed: tuple[str, ...]) -> Path:
    if device == "cuda":
        native.check(tree.root, needs_gpu=True, instead=f"scripts/rush milestone {name} --device emulated needs none.")
        if borrowed:
            raise RushError("what a GPU gets is compiled from your files alone.", "--reference goes with --device emulated.")
    if stack == "own":
        check_needs(tree, name, borrowed, device=True)
    if device == "emulated":
        return devices.build(tree, stack, borrowed)
    tree.check_stack(stack, ("own", "solution"), tree.last)
    native.build(tree.root, target := f"{devices.target_of(stack)}_native")
    return tree.root / native.BUILD / "tests" / target


def train(tree: Tree, name: str, device: str, stack: str, borrowed: tuple[str, ...], seed: int | None) -> devices.Curves:
    options = [*(REAL if device == "cuda" else ()), *(("--seed", str(seed)) if seed is not None else ())]
    return devices.record(program(tree, name, device, stack, borrowed), options)


def keep(folder: Path, curves: devices.Curves) -> None:
    write_atomic(folder / "devices.json", json.dumps(curves.as_json(), indent=1) + "\n")
