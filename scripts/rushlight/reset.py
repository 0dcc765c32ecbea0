"""Puts a module's skeleton back, after copying what the student wrote to .rush/backup."""

import shutil
import time
from pathlib import Path

from .errors import RushError
from .files import write_atomic
from .manifest import Module
from .skeletons import skeletons as generated
from .tree import Tree

KEPT = ".skeleton"  # in a tree without solutions, modules/NN_name/.skeleton holds the skeletons


def skeletons(tree: Tree, module: Module) -> dict[str, str]:
    """File name -> text, made from the reference where it is, else from the copies that a release carries."""
    if (tree.root / "solutions" / module.name).is_dir():
        return {path.name: text for path, text in generated(tree, module).items()}
    texts = {}
    for name in module.files:
        path = module.folder / KEPT / name
        if not path.is_file():
            raise RushError(
                f"there is no skeleton of {module.name}/{name} here.",
                f"git checkout -- modules/{module.name}   brings back what was committed.",
            )
        texts[name] = path.read_text(encoding="utf-8")
    return texts


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
