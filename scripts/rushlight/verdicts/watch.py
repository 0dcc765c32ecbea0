"""Waits for student files to be saved, and for keys. Saves that come close together count as one."""

import threading
import time
from pathlib import Path
from typing import Callable, Iterable

from .keys import Keys

Stamps = dict[Path, tuple[int, int]]
QUIET = 0.25  # seconds without a change before we act
POLL = 0.4  # seconds between looks where nothing wakes us


def stamps(files: Iterable[Path]) -> Stamps:
    """Size and time of change of each file that exists (an editor may be between delete and rename)."""
    found: Stamps = {}
    for path in files:
        try:
            stat = path.stat()
        except OSError:
            continue
        found[path] = (stat.st_mtime_ns, stat.st_size)
    return found


def changes(before: Stamps, after: Stamps) -> set[Path]:
    return {path for path in after if before.get(path) != after[path]}


def watch(
    files: list[Path],
    on_change: Callable[[set[Path]], None],
    *,
    keys: Keys | None = None,
    on_key: Callable[[str], bool] = lambda key: True,
    at_start: Callable[[], None] = lambda: None,
    keep_going: Callable[[], bool] = lambda: True,
) -> None:
    """Calls `on_change` with the files that were saved, until Ctrl-C, or until `on_key` answers a key with False.

    What is saved or pressed during `at_start` counts.
    """
    wake = threading.Event()
    observer = _observe({path.parent for path in files}, wake)
    known = stamps(files)
    if keys:
        keys.start(wake)
    try:
        at_start()
        while keep_going():
            wake.wait(POLL if observer is None else 2)
            wake.clear()
            while keys and (key := keys.next()):
                if not on_key(key):
                    return
            now = stamps(files)
            if not changes(known, now):
                continue
            now = _settle(files, now)
            changed, known = changes(known, now), now
            on_change(changed)
    finally:
        if keys:
            keys.stop()
        if observer is not None:
            observer.stop()
            observer.join()


def _settle(files: list[Path], now: Stamps) -> Stamps:
    while True:
        time.sleep(QUIET)
        later = stamps(files)
        if later == now:
            return now
        now = later


def _observe(folders: set[Path], wake: threading.Event):
    """A watchdog observer that sets `wake`, or None where watchdog is missing or cannot watch."""
    try:
        from watchdog.events import FileSystemEventHandler
        from watchdog.observers import Observer
    except ImportError:
        return None

    class Handler(FileSystemEventHandler):
        def on_any_event(self, event) -> None:
            wake.set()

    observer = Observer()
    try:
        for folder in folders:
            observer.schedule(Handler(), str(folder))
        observer.start()
    except OSError:  # no more inotify watches
        return None
    return observer
