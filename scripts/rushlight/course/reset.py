"""Puts back the skeleton of a module, or of one task, after copying what the student wrote to .rush/backup; and undoes it."""

import re
import shutil
import time
from pathlib import Path

from ..basics.errors import RushError
from ..basics.files import write_atomic
from .manifest import Module, Task
from .skeletons import skeletons
from .tree import Tree

Texts = dict[str, str]  # by file name


def reset_module(tree: Tree, module: Module) -> tuple[Path | None, list[str]]:
    """The folder of the backup, and the files that changed. None and nothing, where all was the skeleton already."""
    return _replace(tree, module, skeletons(tree, module))


def reset_task(tree: Tree, task: Task) -> tuple[Path | None, list[str]]:
    """The same for the functions of one task: their bodies become blanks again, and what stands around them stays."""
    module = tree.modules[task.module]
    texts = skeletons(tree, module)
    return _replace(tree, module, {name: _with_blanks(module, name, texts[name], task) for name in task.files})


def undo(tree: Tree, module: Module) -> tuple[Path | None, list[str]]:
    """Brings back what the last reset of this module took away. Doing it again takes it away again."""
    backups = sorted((tree.root / ".rush" / "backup").glob(f"{module.number}-*"), key=lambda folder: folder.stat().st_mtime_ns)
    if not backups:
        raise RushError(f"{module.name} was never reset here: there is nothing to undo.", code=1)
    texts = {name: _read(backups[-1] / name) for name in module.files if (backups[-1] / name).is_file()}
    return _replace(tree, module, texts)


def _replace(tree: Tree, module: Module, texts: Texts) -> tuple[Path | None, list[str]]:
    """Nothing is written before the backup is complete."""
    changed = [name for name, text in texts.items() if not _holds(module.folder / name, text)]
    kept = [name for name in changed if (module.folder / name).is_file()]
    folder = _backup(tree, module, kept) if kept else None
    for name in changed:
        write_atomic(module.folder / name, texts[name])
    return folder, changed


def _holds(path: Path, text: str) -> bool:
    return path.is_file() and path.read_bytes() == text.encode()


def _backup(tree: Tree, module: Module, names: list[str]) -> Path:
    """Copies these files; never onto an earlier copy."""
    stamp = time.strftime("%Y%m%d-%H%M%S")
    base = tree.root / ".rush" / "backup"
    base.mkdir(parents=True, exist_ok=True)
    for attempt in range(100):
        folder = base / f"{module.number}-{stamp}{f'-{attempt}' if attempt else ''}"
        try:
            folder.mkdir()
        except FileExistsError:
            continue
        for name in names:
            shutil.copyfile(module.folder / name, folder / name)
        return folder
    raise RushError(f"cannot make a new folder in {base}.", "remove old backups.")


def _with_blanks(module: Module, name: str, skeleton: str, task: Task) -> str:
    """The student's text, with every function of the task as the skeleton has it."""
    if not (module.folder / name).is_file():
        return skeleton
    lines = _read(module.folder / name).splitlines()
    for blank in _functions(skeleton.splitlines(), task):
        head = blank[: 2 if blank[0].startswith("template") else 1]  # of templates, many begin alike
        at = _find(lines, head)
        if at is None:
            raise RushError(
                f"modules/{module.name}/{name} has no line `{head[-1]}` any more, so its body cannot be found.",
                f"write it in again, or restore all of the module: scripts/rush reset {module.number}",
                code=1,
            )
        in_one_line = lines[at + len(head) - 1].rstrip().endswith(" }")
        end = at + len(head) - 1 if in_one_line else next((line for line in range(at, len(lines)) if lines[line].startswith("}")), None)
        if end is None:
            raise RushError(f"modules/{module.name}/{name}:{at + 1}: this function has no closing brace.", code=1)
        lines[at : end + 1] = blank
    return "\n".join(lines) + "\n"


def _functions(skeleton: list[str], task: Task) -> list[list[str]]:
    """Signature to closing brace of each function with a blank of the task."""
    found: dict[int, list[str]] = {}
    for number, line in enumerate(skeleton):
        if f'todo("{task.id}")' not in line:
            continue
        first = number
        while first > 0 and skeleton[first - 1].strip() and not skeleton[first - 1].startswith(("}", "//")):
            first -= 1
        while re.match(r"\s", skeleton[first]) and first > 0:  # a blank line inside the body
            first -= 1
            while first > 0 and skeleton[first - 1].strip() and not skeleton[first - 1].startswith(("}", "//")):
                first -= 1
        last = next(at for at in range(number, len(skeleton)) if skeleton[at].startswith("}"))
        found[first] = skeleton[first : last + 1]
    return list(found.values())


def _find(lines: list[str], head: list[str]) -> int | None:
    """Where these lines stand one after the other. The last may go on: a one-line function has its body behind it."""
    for at in range(len(lines) - len(head) + 1):
        if all(line.rstrip().startswith(part.rstrip()) for line, part in zip(lines[at:], head)):
            return at
    return None


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")
