"""Single keys from the terminal, while something else goes on. Where nobody sits at one, there are none."""

import os
import select
import sys
import termios
import threading
import tty
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from typing import Iterator


class Keys:
    """Reads the terminal from `start` to `stop`, without echo and without waiting for Enter. Ctrl-C stays what it is."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self._before = termios.tcgetattr(descriptor)
        self._pressed: SimpleQueue[str] = SimpleQueue()
        self._paused = threading.Event()
        self._end, self._ended = os.pipe()
        self._reader: threading.Thread | None = None

    def start(self, wake: threading.Event) -> None:
        tty.setcbreak(self.descriptor, termios.TCSANOW)  # what was pressed already counts
        self._reader = threading.Thread(target=self._read, args=(wake,), daemon=True)
        self._reader.start()

    def stop(self) -> None:
        os.write(self._ended, b"x")
        if self._reader:
            self._reader.join()
        termios.tcsetattr(self.descriptor, termios.TCSADRAIN, self._before)
        os.close(self._end)
        os.close(self._ended)

    def next(self) -> str:
        """The next key that was pressed, or an empty string."""
        try:
            return self._pressed.get_nowait()
        except Empty:
            return ""

    @contextmanager
    def lent(self) -> Iterator[None]:
        """The terminal belongs to another program meanwhile."""
        self._paused.set()
        termios.tcsetattr(self.descriptor, termios.TCSADRAIN, self._before)
        try:
            yield
        finally:
            tty.setcbreak(self.descriptor, termios.TCSANOW)
            self._paused.clear()

    def _read(self, wake: threading.Event) -> None:
        while True:
            ready, _, _ = select.select([self.descriptor, self._end], [], [], 0.2)
            if self._end in ready:
                return
            if self.descriptor in ready and not self._paused.is_set():
                key = os.read(self.descriptor, 1).decode(errors="replace")
                if not key:
                    return  # the terminal is gone
                self._pressed.put(key)
                wake.set()


def keys_of_the_terminal() -> Keys | None:
    return Keys(sys.stdin.fileno()) if sys.stdin.isatty() and sys.stdout.isatty() else None
