"""One command at a time in a build folder: two that build at once would spoil each other's archives."""

import fcntl
import os
import sys
import time
from pathlib import Path

from ..basics.terminal import note


class FolderLock:
    """Taken as often as one likes within one command; the others wait, and are told for whom."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "rush-lock"
        self.handle: int | None = None
        self.depth = 0

    def __enter__(self) -> "FolderLock":
        if self.depth == 0:
            self._take()
        self.depth += 1
        return self

    def __exit__(self, *_: object) -> None:
        self.depth -= 1
        if self.depth == 0 and self.handle is not None:
            os.close(self.handle)  # and with it the lock, as when the process dies
            self.handle = None

    def _take(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                holder = os.pread(handle, 4096, 0).decode("utf-8", "replace").strip() or "another rush"
                note(f"waiting for {holder}, which uses {self.path.parent}")
                fcntl.flock(handle, fcntl.LOCK_EX)
            words = f"`rush {' '.join(sys.argv[1:])}` (process {os.getpid()}, since {time.strftime('%H:%M:%S')})\n"
            try:
                os.ftruncate(handle, 0)
                os.pwrite(handle, words.encode(), 0)
            except OSError:
                pass  # who holds it is a courtesy; a full disk takes nothing else away
        except BaseException:
            os.close(handle)
            raise
        self.handle = handle
