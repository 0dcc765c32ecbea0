"""A milestone's run: its program, its folder, what is kept of it, and why it came to no result."""

import json
import os
import signal
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..basics.errors import RushError
from ..basics.files import read_json_or, write_atomic
from ..building.build import Build, Outcome
from ..course.tree import Tree
from .channel import Event, as_event

CHECKPOINT = "checkpoint.safetensors"
DECISIVE = ("control", "seed", "epochs", "data", "quick", "own", "accelerated")  # options that change what is computed


@dataclass
class Run:
    """One training run, as far as it has come."""

    name: str
    stack: str
    folder: Path
    options: dict[str, Any]
    events: list[Event] = field(default_factory=list)
    interrupted: bool = False
    status: int | None = None
    seconds: float = 0.0
    complaint: str = ""  # the end of what the program wrote to stderr
    disbelieved: str = ""  # why nothing that it reported counts
    recounted: dict[str, float] = field(default_factory=dict)  # accuracies, from its predictions (recount.py)

    def last(self, kind: str) -> Event:
        return next((event for event in reversed(self.events) if event.get("event") == kind), {})

    @property
    def metrics(self) -> dict[str, Any]:
        found = self.last("result").get("metrics")
        return found if isinstance(found, dict) else {}

    @property
    def accepted(self) -> bool:
        claimed = self.last("result").get("accepted") is True and self.status == 0
        return claimed and not self.interrupted and not self.disbelieved

    @property
    def blocked_by(self) -> str | None:
        task = self.last("todo").get("id")
        return task if isinstance(task, str) else None

    def as_json(self) -> dict[str, Any]:
        return {"name": self.name, "stack": self.stack, "metrics": self.metrics, "accepted": self.accepted}


def build_milestone(tree: Tree, name: str, stack: str, reference: tuple[str, ...], kernels: bool) -> Path:
    """The milestone's executable, up to date."""
    build = Build(tree)
    build.ensure(reference)
    target = f"milestone_{name}_{stack}" + ("_kernels" if kernels and stack == "own" else "")
    outcome = build.build([target], f"building {target}")
    if target not in outcome.ready:
        raise RushError(f"{name} does not build: {outcome.reason}", _next_step(tree, name, outcome, reference), code=1)
    return build.executable(target)


def _next_step(tree: Tree, name: str, outcome: Outcome, reference: tuple[str, ...]) -> str:
    module = outcome.failures[0].module if outcome.failures else ""
    if module not in tree.modules:
        return "scripts/rush test   shows every task"
    lend = f"scripts/rush milestone {name} --reference {','.join(sorted({*reference, module}))}"
    return f"scripts/rush test {module}" + (f"   or borrow the module: {lend}" if module in tree.borrowable else "")


def command(executable: Path, run: Run, resume: bool) -> list[str]:
    options = run.options
    words = [str(executable), "--out", str(run.folder)]
    words += [f"--{flag}" for flag in ("control", "accelerated", "quick") if options[flag]]
    for option in ("seed", "epochs", "data"):
        words += [f"--{option}", str(options[option])] if options[option] is not None else []
    return words + (["--resume"] if resume else []) + options["own"]


def new_folder(tree: Tree, name: str) -> Path:
    """runs/<name>-<stamp>, never one that is there already."""
    stamp = time.strftime("%Y%m%d-%H%M%S")
    for attempt in range(100):
        folder = tree.root / "runs" / f"{name}-{stamp}{f'-{attempt}' if attempt else ''}"
        try:
            folder.mkdir(parents=True)
            return folder
        except FileExistsError:
            continue
    raise RushError(f"cannot make a new folder in {tree.root / 'runs'}.", "remove old runs.")


def folder_to_resume(tree: Tree, name: str, stack: str) -> Path:
    """The newest run of this milestone and stack that was stopped and left a checkpoint."""
    for folder in sorted((tree.root / "runs").glob(f"{name}-*"), reverse=True):
        summary = read_json_or(folder / "summary.json", {})
        unfinished = summary.get("interrupted") or not summary.get("finished")
        if (folder / CHECKPOINT).is_file() and summary.get("stack") == stack and unfinished:
            return folder
    raise RushError(f"no run of {name} ({stack} stack) was stopped with a checkpoint that could go on.", "leave --resume out.")


def decided_before(folder: Path) -> dict[str, Any]:
    """The options of a run that goes on: those that decide what it computes."""
    before = read_json_or(folder / "summary.json", {}).get("options", {})
    return {key: before[key] for key in DECISIVE if key in before}


def resume(run: Run) -> None:
    """Takes over the events of the run so far."""
    lines = (run.folder / "events.jsonl").read_text(encoding="utf-8", errors="replace").splitlines()
    run.events = [event for line in lines if (event := as_event(line)) and event["event"] in ("progress", "epoch")]


def write_summary(run: Run) -> None:
    result = run.last("result")
    summary = {
        **run.as_json(),
        "bar": result.get("bar"),
        "recounted": run.recounted,
        "options": run.options,
        "seconds": run.seconds,
        "finished": bool(result),
        "interrupted": run.interrupted,
        "disbelieved": run.disbelieved or None,
        "blocked_by": run.blocked_by,
        "exit_status": run.status,
        "machine": f"{os.uname().sysname} {os.uname().machine}, {os.cpu_count()} processors",
    }
    write_atomic(run.folder / "summary.json", json.dumps(summary, indent=2) + "\n")


def failure(tree: Tree, run: Run) -> RushError | None:
    """Why the run came to no result, or to none that counts."""
    if run.disbelieved:
        return RushError(
            f"what {run.name} reports cannot be believed: {run.disbelieved}.", f"its log: {run.folder}", code=1
        )
    if run.blocked_by:
        module = run.blocked_by.split(".")[0]
        borrow = f"   or borrow the module: --reference {module}" if module in tree.borrowable else ""
        return RushError(
            f"{run.name} needs task {run.blocked_by}, which is still a blank.",
            f"scripts/rush hint {run.blocked_by}{borrow}",
            code=1,
        )
    if run.interrupted or run.last("result"):
        return None
    reason = f": {run.complaint}" if run.complaint else "."
    how = f"status {run.status}" if (run.status or 0) >= 0 else signal.Signals(-run.status).name  # type: ignore[operator]
    tests = "" if run.stack == "solution" else "   does what it needs pass? scripts/rush status"
    return RushError(f"{run.name} ended with {how} and no result{reason}", f"its log: {run.folder}{tests}", code=1)
