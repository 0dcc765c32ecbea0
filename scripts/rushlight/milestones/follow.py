"""Follows a milestone's program: keeps its events, shows what it prints, and stops it when asked to."""

import json
import subprocess
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Callable, Iterable, Iterator, TextIO

from ..basics.process import plain_environment, stop
from ..basics.text import spelt_out
from .channel import Channel, Disbelieved, Event
from .run import Run

SECONDS_TO_STOP = 60  # for the step under way, the test data and the pictures


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
        readers: list[Thread] = []
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
        try:
            channel.started()
            news: Queue[Event | str | None] = Queue()
            # Ctrl-C interrupts the main thread only: those that read and write lose no line.
            for read, *what in ((_read_events, run, channel, log, news), (_read_prints, process.stdout, news)):
                readers.append(Thread(target=read, args=what, daemon=True))
                readers[-1].start()
            _pass_on(news, len(readers), on_event, on_text, lambda: stop(process, 0) if run.disbelieved else None)
            run.status = process.wait()
        except KeyboardInterrupt:
            run.interrupted = True
            stop(process, SECONDS_TO_STOP)
            run.status = process.returncode
            for reader in readers:
                if reader.ident is not None:
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
