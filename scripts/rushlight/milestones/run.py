"""Runs a milestone: builds it, follows its events, writes a run folder, and says whether it met its bar."""

import json
import os
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Any, Callable, Iterable, TextIO

from ..basics.errors import RushError
from ..basics.files import read_json_or, write_atomic
from ..basics.process import plain_environment, stop
from ..building.build import Build
from ..course.tree import Tree

Event = dict[str, Any]
SECONDS_TO_STOP = 60  # for the step under way, the test data and the pictures
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

    def last(self, kind: str) -> Event:
        return next((event for event in reversed(self.events) if event.get("event") == kind), {})

    @property
    def metrics(self) -> dict[str, Any]:
        found = self.last("result").get("metrics")
        return found if isinstance(found, dict) else {}

    @property
    def accepted(self) -> bool:
        return self.last("result").get("accepted") is True and self.status == 0 and not self.interrupted

    @property
    def blocked_by(self) -> str | None:
        task = self.last("todo").get("id")
        return task if isinstance(task, str) else None

    def as_json(self) -> dict[str, Any]:
        return {"name": self.name, "stack": self.stack, "metrics": self.metrics, "accepted": self.accepted}


def build_milestone(tree: Tree, name: str, stack: str, reference: tuple[str, ...]) -> Path:
    """The milestone's executable, up to date."""
    build = Build(tree)
    build.ensure(reference)
    target = f"milestone_{name}_{stack}"
    outcome = build.build([target], f"building {target}")
    if target not in outcome.ready:
        raise RushError(f"{name} does not build: {outcome.reason}", "scripts/rush test   shows every task", code=1)
    return build.executable(target)


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


def resume(run: Run) -> None:
    """Takes over the events of the run so far, and the options that decide what it computes."""
    before = read_json_or(run.folder / "summary.json", {}).get("options", {})
    run.options |= {key: before[key] for key in DECISIVE if key in before}
    lines = (run.folder / "events.jsonl").read_text(encoding="utf-8", errors="replace").splitlines()
    run.events = [event for line in lines if (event := _as_event(line)) and event["event"] in ("progress", "epoch")]


def forget_what_comes_again(run: Run, resumed: Event) -> None:
    """Events of the run before that are younger than the checkpoint it goes on from (it was killed after that)."""
    step, epochs = resumed.get("step", 0), resumed.get("epoch", 0)
    run.events[:] = [
        event
        for event in run.events
        if event["event"] not in ("progress", "epoch")
        or (event.get("step", 0) <= step if event["event"] == "progress" else event.get("epoch", 0) <= epochs)
    ]


def follow(run: Run, command: list[str], on_event: Callable[[Event], None], on_text: Callable[[str], None]) -> None:
    """Runs the program to its end or to Ctrl-C. Every event is on the disk before it is shown."""
    started = time.monotonic()
    errors_path = run.folder / "stderr.txt"
    with (run.folder / "events.jsonl").open("w", encoding="utf-8") as log, errors_path.open("w") as errors:
        log.writelines(json.dumps(event) + "\n" for event in run.events)  # of the run that goes on
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            errors="replace",
            env=plain_environment(),
        )
        news: Queue[Event | str | None] = Queue()
        # Ctrl-C interrupts the main thread only: one that reads and writes in another loses no line.
        reader = Thread(target=_record, args=(run, process.stdout, log, news), daemon=True)
        reader.start()
        try:
            while (item := news.get()) is not None:
                on_event(item) if isinstance(item, dict) else on_text(item)
            run.status = process.wait()
        except KeyboardInterrupt:
            run.interrupted = True
            stop(process, SECONDS_TO_STOP)
            run.status = process.returncode
            reader.join(5)
        except BaseException:
            stop(process)
            raise
    run.seconds = round(time.monotonic() - started, 3)
    run.complaint = "\n".join(errors_path.read_text(errors="replace").strip().splitlines()[-5:])
    if errors_path.stat().st_size == 0:
        errors_path.unlink()


def _record(run: Run, lines: Iterable[str], log: TextIO | None, news: "Queue[Event | str | None]") -> None:
    """Sorts what the program prints into events, which are kept, and other text; None marks the end."""
    try:
        for line in lines:
            event = _as_event(line)
            if event is not None:
                if event["event"] == "resumed":
                    forget_what_comes_again(run, event)
                run.events.append(event)
                news.put(event)
                log = _log(log, line, news)
            elif line.strip():
                news.put(line.rstrip("\n"))
    finally:
        news.put(None)


def _log(log: TextIO | None, line: str, news: "Queue[Event | str | None]") -> TextIO | None:
    """Writes the line. A full disk ends the log, not the training: the events still come and still count."""
    if log is None:
        return None
    try:
        log.write(line.rstrip("\n") + "\n")
        log.flush()
        return log
    except OSError as error:
        news.put(f"the run log cannot be written any more: {error.strerror}")
        return None


def _as_event(line: str) -> Event | None:
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) and "event" in event else None


def write_summary(run: Run) -> None:
    result = run.last("result")
    summary = {
        **run.as_json(),
        "bar": result.get("bar"),
        "options": run.options,
        "seconds": run.seconds,
        "finished": bool(result),
        "interrupted": run.interrupted,
        "blocked_by": run.blocked_by,
        "exit_status": run.status,
        "machine": f"{os.uname().sysname} {os.uname().machine}, {os.cpu_count()} processors",
    }
    write_atomic(run.folder / "summary.json", json.dumps(summary, indent=2) + "\n")


def failure(tree: Tree, run: Run) -> RushError | None:
    """Why the run came to no result, if it did not."""
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
    how = f"status {run.status}" if (run.status or 0) >= 0 else f"signal {-run.status}"  # type: ignore[operator]
    return RushError(f"{run.name} ended with {how} and no result{reason}", f"its log: {run.folder}", code=1)
