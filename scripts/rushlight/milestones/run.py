"""Runs a milestone: builds it, follows its events, writes a run folder, and says whether it met its bar."""

import json
import os
import signal
import subprocess
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Any, Callable, Iterable, Iterator, TextIO

from ..basics.errors import RushError
from ..basics.files import read_json_or, write_atomic
from ..basics.process import plain_environment, stop
from ..basics.text import spelt_out
from ..building.build import Build
from ..course.tree import Tree
from .channel import Channel, Disbelieved, Event, as_event

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
    """The milestone's executable, up to date. The student's without kernels needs no module later than its own."""
    build = Build(tree)
    build.ensure(reference)
    target = f"milestone_{name}_{stack}" + ("_kernels" if kernels and stack == "own" else "")
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


def decided_before(folder: Path) -> dict[str, Any]:
    """The options of a run that goes on: those that decide what it computes."""
    before = read_json_or(folder / "summary.json", {}).get("options", {})
    return {key: before[key] for key in DECISIVE if key in before}


def resume(run: Run) -> None:
    """Takes over the events of the run so far."""
    lines = (run.folder / "events.jsonl").read_text(encoding="utf-8", errors="replace").splitlines()
    run.events = [event for line in lines if (event := as_event(line)) and event["event"] in ("progress", "epoch")]


def forget_what_comes_again(run: Run, resumed: Event) -> None:
    """What the run before reported after the checkpoint that it goes on from (it was killed after that): everything from
    the first step on that comes again. Where the checkpoint says how many epochs it has, later ones as well."""
    step, epochs = resumed.get("step", 0), resumed.get("epoch", float("inf"))
    kept, comes_again = [], False
    for event in run.events:
        comes_again = comes_again or event["event"] == "progress" and event.get("step", 0) > step
        too_late = event["event"] == "epoch" and event.get("epoch", 0) > epochs
        if event["event"] not in ("progress", "epoch") or not (comes_again or too_late):
            kept.append(event)
    run.events[:] = kept


def follow(run: Run, command: list[str], on_event: Callable[[Event], None], on_text: Callable[[str], None]) -> None:
    """Runs the program to its end or to Ctrl-C. Every event is on the disk before it is shown."""
    started = time.monotonic()
    errors_path = run.folder / "stderr.txt"
    channel = Channel()
    with _open_log(run.folder / "events.jsonl") as log, errors_path.open("w") as errors:
        log.writelines(json.dumps(event) + "\n" for event in run.events)  # of the run that goes on
        process = subprocess.Popen(
            [*command, channel.option],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            errors="replace",
            env=plain_environment(),
            pass_fds=[channel.descriptor],
        )
        channel.started()
        news: Queue[Event | str | None] = Queue()
        # Ctrl-C interrupts the main thread only: those that read and write lose no line.
        readers = [
            Thread(target=_read_events, args=(run, channel, log, news), daemon=True),
            Thread(target=_read_prints, args=(process.stdout, news), daemon=True),
        ]
        for reader in readers:
            reader.start()
        try:
            _pass_on(news, len(readers), on_event, on_text, lambda: stop(process, 0) if run.disbelieved else None)
            run.status = process.wait()
        except KeyboardInterrupt:
            run.interrupted = True
            stop(process, SECONDS_TO_STOP)
            run.status = process.returncode
            for reader in readers:
                reader.join(5)
        except BaseException:
            stop(process)
            raise
        finally:
            channel.close()
    run.seconds = round(time.monotonic() - started, 3)
    run.complaint = "\n".join(spelt_out(errors_path.read_text(errors="replace")).strip().splitlines()[-5:])
    if errors_path.stat().st_size == 0:
        errors_path.unlink()


def _pass_on(
    news: "Queue[Event | str | None]",
    sources: int,
    on_event: Callable[[Event], None],
    on_text: Callable[[str], None],
    on_end: Callable[[], None],
) -> None:
    while sources:
        item = news.get()
        if isinstance(item, dict):
            on_event(item)
        elif item is not None:
            on_text(item)
        else:
            sources -= 1
            on_end()


def _read_prints(lines: Iterable[str], news: "Queue[Event | str | None]") -> None:
    """What is printed is shown, and nothing else; None marks the end."""
    try:
        for line in lines:
            if line.strip():
                news.put(spelt_out(line.rstrip("\n")))
    finally:
        news.put(None)


def _read_events(run: Run, channel: Channel, log: TextIO | None, news: "Queue[Event | str | None]") -> None:
    """Keeps the events; None marks the end."""
    try:
        for event in channel.events():
            if event["event"] == "resumed":
                forget_what_comes_again(run, event)
            run.events.append(event)
            news.put(event)
            log = _log(log, json.dumps(event), news)
    except Disbelieved as doubt:
        run.disbelieved = str(doubt)
    finally:
        news.put(None)


@contextmanager
def _open_log(path: Path) -> Iterator[TextIO]:
    """What a full disk left in its buffer is written once more when it closes, and fails once more: that was said before."""
    log = path.open("w", encoding="utf-8")
    try:
        yield log
    finally:
        with suppress(OSError):
            log.close()


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
