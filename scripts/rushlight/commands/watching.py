"""watch: a verdict at once, another on every save, and keys for what one does in between."""

import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Optional

import typer

from ..basics.errors import RushError
from ..basics.terminal import out, show_error, styled
from ..course import blanks
from ..course.hints import next_hints
from ..course.manifest import Task
from ..course.tree import Tree, find_tree
from ..verdicts.keys import keys_of_the_terminal
from ..verdicts.last import up_to_the_next
from ..verdicts.runner import Request, Runner
from ..verdicts.verdict import TaskVerdict
from ..verdicts.watch import watch as wait_for_saves
from .options import REFERENCE

if TYPE_CHECKING:
    from rich.text import Text

HELP = "h hint   n next task   d debug   r run again   q quit"


def register(app: typer.Typer) -> None:
    app.command()(watch)


def watch(
    what: Optional[str] = typer.Argument(None, metavar="[NN]", help="the module to watch; all without it."),
    reference: Optional[str] = REFERENCE,
) -> None:
    """Test at once, and again whenever you save. Keys: h, n, d, r, q; Ctrl-C ends it too."""
    tree = find_tree()
    borrowed = tree.check_reference(reference)
    own = [number for number in tree.modules if number not in borrowed]
    watcher = Watcher(tree, [tree.module(what).number] if what else own, borrowed)
    watcher.greet()
    first = [watcher.numbers[0] if what else watcher.at_work()]
    try:
        wait_for_saves(
            watcher.files, watcher.saved, keys=watcher.keys, on_key=watcher.key, at_start=lambda: watcher.run(first)
        )
    except KeyboardInterrupt:
        pass
    watcher.console.print(styled("\nstopped watching.", style="dim"))


class Watcher:
    """What is watched, and which task is at hand: the one that the last verdicts say to mend or to write."""

    def __init__(self, tree: Tree, numbers: list[str], borrowed: tuple[str, ...] = ()) -> None:
        self.tree, self.numbers, self.borrowed = tree, numbers, borrowed
        self.console = out()
        self.keys = keys_of_the_terminal()
        self.tested = numbers[:1]
        self.verdicts: list[TaskVerdict] = []
        self.task: Task | None = None

    @property
    def files(self) -> list[Path]:
        return [self.tree.modules[number].folder / name for number in self.numbers for name in self.tree.modules[number].files]

    def greet(self) -> None:
        names = [self.tree.modules[number].name for number in self.numbers]
        watched = ", ".join(names) if len(names) < 4 else f"{len(names)} modules"
        keys = HELP if self.keys else "Ctrl-C to stop"
        self.console.print(styled(f"watching {watched}; save a file to test it.   {keys}", style="dim"))

    def at_work(self) -> str:
        """The module of the next task, as far as that is known: whoever borrows is at work behind what is borrowed."""
        if self.borrowed:
            return next((number for number in self.numbers if number > max(self.borrowed)), self.numbers[-1])
        task = self._next_task()
        return task.module if task else self.numbers[0]

    def saved(self, files: set[Path]) -> None:
        self.run(sorted({path.parent.name[:2] for path in files}), ", ".join(sorted(path.name for path in files)))

    def run(self, numbers: list[str], why: str = "") -> None:
        from ..verdicts import report

        self.tested = numbers
        self.console.print(styled(f"\n{time.strftime('%H:%M:%S')}  {why}".rstrip(), style="dim"))
        try:
            runner = Runner(self.tree, Request(reference=self.borrowed))
            self.verdicts = runner.test([self.tree.units[number] for number in numbers])
        except RushError as error:  # the next save may mend it
            show_error(error)
            return
        self.task = self._at_hand(self.verdicts)
        report.show(self.console, self.tree, self.verdicts, Request(reference=self.borrowed), self._following())

    def key(self, key: str) -> bool:
        """Whether to go on."""
        actions = {"h": self._hint, "n": self._show_next, "d": self._debug, "r": lambda: self.run(self.tested, "again")}
        if key in ("q", "\x04"):
            return False
        try:
            actions.get(key, self._help)()
        except RushError as error:
            show_error(error)
        return True

    def _help(self) -> None:
        self.console.print(styled(HELP, style="dim"))

    def _hint(self) -> None:
        if task := self._some_task():
            hints = next_hints(self.tree, task)
            left = len(task.hints) - len(hints)
            self.console.print(styled((f"{task.id} hint {len(hints)}: ", "bold"), f"{hints[-1]}   ", (f"({left} more)", "dim")))

    def _show_next(self) -> None:
        self.task = self._next_task()
        if task := self._some_task():
            self.console.print(styled(("Next: ", "bold"), f"{task.id} {task.title}   ", (blanks.find_blank(self.tree, task), "cyan")))

    def _debug(self) -> None:
        if (task := self._some_task()) and self.keys:
            with self.keys.lent():
                lent = ["--reference", ",".join(self.borrowed)] if self.borrowed else []
                subprocess.run([sys.executable, "-m", "rushlight", "debug", task.id, *lent])

    def _some_task(self) -> Task | None:
        task = self.task or self._next_task()
        if task is None:
            self.console.print(styled("Everything passes. Well done.", style="green"))
        return task

    def _next_task(self) -> Task | None:
        """What is open in what was just tested; else what the board says or, for whoever borrows, what comes behind it and
        nothing of what is borrowed."""
        from ..verdicts.board import next_task, task_after

        if task := self._at_hand(self.verdicts):
            return task
        if self.borrowed and self.verdicts:
            return task_after(self.tree, self.verdicts[-1].id, self.borrowed)
        return next_task(self.tree, up_to_the_next(self.tree, "own"))

    def _following(self) -> "Text | None":
        """After a pass, what to do next."""
        from ..verdicts.board import line_of

        task = None if self.task else self._next_task()
        return line_of(self.tree, task) if task else None

    def _at_hand(self, verdicts: list[TaskVerdict]) -> Task | None:
        from ..verdicts.report import first_to_mend

        worst = first_to_mend(verdicts)
        return self.tree.tasks.get(worst.blocked_by or worst.id) if worst else None
