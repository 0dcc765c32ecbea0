"""What the person sees: results on stdout, progress and errors on stderr, colour only on a terminal.

rich is imported where something is drawn, not above: a command that draws nothing need not wait for it.
"""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Callable, Iterator, Sequence

from .errors import RushError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

LETTERS = {"pass": "P", "wrong": "W", "crash": "C", "todo": "T"}
GLYPHS = {"pass": "✓", "wrong": "✗", "crash": "!", "todo": "·"}
PLAIN_GLYPHS = {"pass": "+", "wrong": "x", "crash": "!", "todo": "."}
COLOURS = {"pass": "green", "wrong": "red", "crash": "magenta", "todo": "bright_black"}


def out(width: int | None = None) -> Console:
    from rich.console import Console

    return Console(highlight=False, soft_wrap=not sys.stdout.isatty(), width=width)


def columns(*names: str, figures: Sequence[str] = ()) -> Table:
    """A table without lines, of columns for words and then for figures, which stand at the right."""
    from rich.table import Table

    table = Table(*names, box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in figures:
        table.add_column(name, justify="right")
    return table


def show_table(table: Table) -> None:
    """As wide as the screen, or as the table is where nobody looks at a screen."""
    out(None if sys.stdout.isatty() else 200).print(table)


def err() -> Console:
    from rich.console import Console

    return Console(stderr=True, highlight=False, soft_wrap=not sys.stderr.isatty())


def speaks_unicode() -> bool:
    return "utf" in (sys.stdout.encoding or "").lower()


def styled(*parts: str | tuple[str, str] | Text, style: str = "") -> Text:
    """Text, with styles for all of it or for parts: `("Next: ", "bold")`. Nothing in it is read as mark-up."""
    from rich.text import Text

    return Text.assemble(*parts, style=style)


def glyph(state: str) -> Text:
    """A state's sign: its shape and letter tell as much as its colour."""
    signs = GLYPHS if speaks_unicode() else PLAIN_GLYPHS
    return styled(f"{signs[state]}{LETTERS[state]}", style=COLOURS[state])


def show_error(error: RushError) -> None:
    console = err()
    console.print(styled(("rush: ", "bold red"), error.message))
    if error.next_step:
        console.print(styled(("Next step: ", "bold"), error.next_step))


def note(text: str) -> None:
    err().print(styled(text, style="dim"))


@contextmanager
def working(what: str) -> Iterator[Callable[[str], None]]:
    """A spinner with the elapsed time on a terminal; one line afterwards when piped and it took a while.

    Yields a function that changes the detail shown after `what`.
    """
    started = time.monotonic()
    if not sys.stderr.isatty():
        yield lambda detail: None
        if (seconds := time.monotonic() - started) > 2:
            print(f"{what}: {seconds:.0f} s", file=sys.stderr)
        return
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=err(), transient=True) as progress:
        line = progress.add_task(what)
        yield lambda detail: progress.update(line, description=f"{what} {detail}")
