"""What the person sees: results on stdout, progress and errors on stderr, colour only on a terminal."""

import sys
import time
from contextlib import contextmanager
from typing import Callable, Iterator

from rich.console import Console
from rich.text import Text

from .errors import RushError

LETTERS = {"pass": "P", "wrong": "W", "crash": "C", "todo": "T"}
GLYPHS = {"pass": "✓", "wrong": "✗", "crash": "!", "todo": "·"}
PLAIN_GLYPHS = {"pass": "+", "wrong": "x", "crash": "!", "todo": "."}
COLOURS = {"pass": "green", "wrong": "red", "crash": "magenta", "todo": "bright_black"}


def out() -> Console:
    return Console(highlight=False, soft_wrap=not sys.stdout.isatty())


def err() -> Console:
    return Console(stderr=True, highlight=False, soft_wrap=not sys.stderr.isatty())


def speaks_unicode() -> bool:
    return "utf" in (sys.stdout.encoding or "").lower()


def glyph(state: str) -> Text:
    """A state's sign: its shape and letter tell as much as its colour."""
    signs = GLYPHS if speaks_unicode() else PLAIN_GLYPHS
    return Text(f"{signs[state]}{LETTERS[state]}", style=COLOURS[state])


def show_error(error: RushError) -> None:
    console = err()
    console.print(Text.assemble(("rush: ", "bold red"), error.message))
    if error.next_step:
        console.print(Text.assemble(("Next step: ", "bold"), error.next_step))


def note(text: str) -> None:
    err().print(Text(text, style="dim"))


@contextmanager
def working(what: str) -> Iterator[Callable[[str], None]]:
    """A spinner with the elapsed time on a terminal; one line afterwards when piped and it took a while.

    Yields a function that changes the detail shown after `what`.
    """
    started = time.monotonic()
    console = err()
    if not console.is_terminal:
        yield lambda detail: None
        if (seconds := time.monotonic() - started) > 2:
            console.print(f"{what}: {seconds:.0f} s")
        return
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        line = progress.add_task(what)
        yield lambda detail: progress.update(line, description=f"{what} {detail}")
