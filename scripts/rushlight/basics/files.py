"""Small file helpers: atomic writes, JSON that names the file when it is broken, digests."""

import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any

from .errors import RushError


def write_atomic(path: Path, text: str) -> None:
    """Readers see the old text or the new, never half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(text)
        os.chmod(temporary, path.stat().st_mode & 0o777 if path.exists() else 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def read_json(path: Path, next_step: str = "") -> Any:
    """A JSON file that people edit or that git tracks: broken is an error that says where."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise RushError(
            f"{path}:{error.lineno}:{error.colno}: not valid JSON: {error.msg}.",
            next_step or f"git diff {path.name}, or git checkout it",
        ) from None
    except UnicodeDecodeError:
        raise RushError(f"{path}: not UTF-8 text.", next_step or f"git checkout {path.name}") from None


def read_json_or(path: Path, default: Any) -> Any:
    """A JSON file that we can make again (a cache): broken or absent counts as the default."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return default


def sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def relative(path: Path, root: Path) -> str:
    """As a person standing in the root would type it."""
    try:
        return str(path.relative_to(root))
    except ValueError:
        return str(path)
