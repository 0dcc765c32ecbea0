"""Puts a module's skeleton back, after copying what the student wrote to .rush/backup."""

import shutil
import time
from pathlib import Path

from ..basics.errors import RushError
from ..basics.files import write_atomic
from .manifest import Module
from .skeletons import skeletons
from .tree import Tree


def backup(tree: Tree, module: Module) -> Path:
    """Copies the student's files; never onto an earlier copy."""
    stamp = time.strftime("%Y%m%d-%H%M%S")
    base = tree.root / ".rush" / "backup"
    base.mkdir(parents=True, exist_ok=True)
    for attempt in range(100):
        folder = base / f"{module.number}-{stamp}{f'-{attempt}' if attempt else ''}"
        try:
            folder.mkdir()
        except FileExistsError:
            continue
        for name in module.files:
            if (module.folder / name).is_file():
                shutil.copy2(module.folder / name, folder / name)
        return folder
    raise RushError(f"cannot make a new folder in {base}.", "remove old backups.")


def reset(tree: Tree, module: Module) -> tuple[Path, list[str]]:
    """The folder of the backup, and the files that changed. Nothing is written before the backup is complete."""
    texts = skeletons(tree, module)
    folder = backup(tree, module)
    changed = []
    for name, text in texts.items():
        path = module.folder / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            write_atomic(path, text)
            changed.append(name)
    return folder, changed
