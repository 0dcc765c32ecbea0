"""The loss curve of a tiny transformer on the CPU, and on the device of module 22, side by side."""

import json
import math
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Sequence

from ..basics.errors import RushError
from ..basics.process import plain_environment
from ..basics.terminal import columns, out, show_table
from ..building.build import Build
from ..course.tree import Tree

TOLERANCE = 1e-3  # relative: sums have another order there, and each step begins where the last one ended
SECONDS = 120


@dataclass(frozen=True)
class Curves:
    device: str
    cpu: list[float]
    there: list[float]
    transfers: int  # between CPU and device, in one step

    @property
    def gaps(self) -> list[float]:
        return [abs(there - here) / abs(here) if here else math.inf for here, there in zip(self.cpu, self.there)]

    @property
    def agree(self) -> bool:
        """NaN is not within anything."""
        return len(self.cpu) == len(self.there) > 0 and all(gap <= TOLERANCE for gap in self.gaps)

    def as_json(self) -> dict:
        return {
            "device": self.device,
            "cpu": self.cpu,
            "losses": self.there,
            "transfers": self.transfers,
            "tolerance": TOLERANCE,
            "agrees": self.agree,
        }


def target_of(stack: str) -> str:
    return f"compare_devices_{stack}"


def build(tree: Tree, stack: str, borrowed: tuple[str, ...]) -> Path:
    builder, target = Build(tree), target_of(stack)
    tree.check_stack(stack, ("own", "solution"), tree.last)
    builder.ensure(borrowed)
    outcome = builder.build([target], "building the comparison of devices")
    if target not in outcome.ready:
        raise RushError(f"it does not build: {outcome.reason}", "scripts/rush test   shows every task", code=1)
    return builder.executable(target)


def record(program: Path, options: Sequence[str] = ()) -> Curves:
    try:
        done = subprocess.run(
            [str(program), *options], capture_output=True, text=True, errors="replace", timeout=SECONDS, env=plain_environment()
        )
    except subprocess.TimeoutExpired:
        raise RushError(f"the training came to no end within {SECONDS} s.", "scripts/rush test 22", code=1) from None
    if done.returncode != 0:
        complaint = (done.stderr.strip().splitlines() or [f"status {done.returncode}"])[-1]
        raise RushError(f"the training ended early: {complaint}", "scripts/rush test 22", code=1)
    said = json.loads(done.stdout.strip().splitlines()[-1])
    numbers = [[math.nan if each is None else each for each in said[key]] for key in ("cpu", "losses")]
    return Curves(said["device"], *numbers, said["transfers"])


def show(curves: Curves) -> None:
    table = columns("step", "cpu", curves.device, "apart")
    for step, (here, there, gap) in enumerate(zip(curves.cpu, curves.there, curves.gaps), 1):
        table.add_row(str(step), f"{here:.6f}", f"{there:.6f}", f"{gap:.0e}")
    show_table(table)
    words = "the losses agree" if curves.agree else "the losses part"
    out().print(f"{words}: at most {TOLERANCE:g} of a loss may lie between them; {curves.transfers} copies a step")
