"""The student's own modules for the live parts: which are theirs, which are borrowed, and what became of the last save."""

import json
from dataclasses import dataclass, field
from pathlib import Path

from ..basics.errors import RushError
from ..course.tree import Tree
from . import wasm


@dataclass(frozen=True)
class Choice:
    """`own`: modules that run as the student wrote them. `blanks`: of each other module, the tasks that are not written."""

    own: frozenset[str]
    blanks: dict[str, list[str]] = field(default_factory=dict)


def choose(tree: Tree) -> Choice:
    """A module with a blank is borrowed where the reference is; without it, it runs as it is."""
    blanks = {number: found for number in wasm.used(tree) if (found := _blanks(tree, number))}
    here = wasm.used(tree) if tree.has_solutions else wasm.lent(tree)
    return Choice(frozenset(number for number in wasm.used(tree) if number not in blanks or number not in here), blanks)


def _blanks(tree: Tree, number: str) -> list[str]:
    module = tree.modules[number]
    texts = [path.read_text(encoding="utf-8", errors="replace") for path in own_files(tree, number) if path.is_file()]
    return [task.id for task in module.tasks if any(f'todo("{task.id}")' in text for text in texts)]


def own_files(tree: Tree, number: str) -> list[Path]:
    """What the student writes of a module, as far as the live parts need it."""
    module = tree.modules[number]
    return [module.folder / name for name in wasm.used(tree)[number] if name in module.files]


class OwnCode:
    """The last module that compiled, and what a page tells its reader about it."""

    def __init__(self, tree: Tree, module: bytes = b"") -> None:
        self.tree, self.module = tree, module
        self.choice = Choice(frozenset())
        self.version, self.trouble = 0, ""

    @property
    def files(self) -> list[Path]:
        return [path for number in wasm.used(self.tree) for path in own_files(self.tree, number)]

    def compile(self) -> None:
        """Afterwards `module` is new, or `trouble` says why not."""
        self.choice = choose(self.tree)
        try:
            self.module = wasm.build(self.tree, self.choice.own, "own").read_bytes()
            self.trouble = ""
        except RushError as error:
            self.trouble = error.message
        self.version += 1

    def said(self) -> str:
        """In a few short sentences: they lie across the page."""
        own = ", ".join(number for number in wasm.used(self.tree) if number in self.choice.own)
        text = f"Your code: {own}." if own else "None of it is your code yet."
        for what, are_own in (("Borrowed, not written yet", False), ("Yours with blanks", True)):
            parts = [f"{number} ({_few(blanks)})" for number, blanks in self.choice.blanks.items() if (number in self.choice.own) == are_own]
            text += f" {what}: {', '.join(parts)}." if parts else ""
        return text

    def json(self) -> bytes:
        return json.dumps({"version": self.version, "said": self.said(), "trouble": self.trouble}).encode()


def _few(tasks: list[str]) -> str:
    return ", ".join(tasks) if len(tasks) < 3 else f"{len(tasks)} tasks"
