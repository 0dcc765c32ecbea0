"""The reference of one task, sealed: the names of its test cases, once they have passed, are the key.

That keeps an honest student from seeing a solution by accident, and no more. The names stand in tests/*/cases.txt, so
whoever wants to open the seal without passing can.
"""

import base64
import hashlib
import json
import re
import zlib
from itertools import count
from pathlib import Path
from typing import Iterable

from ..basics.files import write_atomic
from .borrowing import FOLDER
from .manifest import Task

Pieces = list[tuple[str, str]]  # file and code


def seal(root: Path, task: Task, cases: Iterable[str], pieces: Pieces) -> None:
    """Writes the pieces so that these cases open them."""
    plain = zlib.compress(json.dumps(pieces).encode(), 9)
    text = base64.b64encode(_scrambled(plain, _key(task, cases))).decode()
    write_atomic(_path(root, task), "\n".join(text[at : at + 120] for at in range(0, len(text), 120)) + "\n")


def unseal(root: Path, task: Task, passed: Iterable[str]) -> Pieces | None:
    """The pieces, or None where these cases are not the key (other tests than those of the release)."""
    try:
        packed = base64.b64decode(_path(root, task).read_text(encoding="utf-8"))
        return [tuple(piece) for piece in json.loads(zlib.decompress(_scrambled(packed, _key(task, passed))))]
    except (OSError, ValueError, zlib.error):
        return None


def is_sealed(root: Path, task: Task) -> bool:
    return _path(root, task).is_file()


def any_sealed(root: Path) -> bool:
    return any((root / FOLDER / "sealed").glob("*.txt"))


def own_cases(task: Task, names: Iterable[str]) -> list[str]:
    """Those of a list of cases that are this task's and need no other's."""
    suite = re.compile(rf"(?:Unit|GradientFlow)_{task.id.replace('.', '_')}(?=[/.])")
    return sorted(name for name in names if suite.search(name))


def _key(task: Task, cases: Iterable[str]) -> bytes:
    return hashlib.sha256("\n".join([task.id, *own_cases(task, cases)]).encode()).digest()


def _scrambled(data: bytes, key: bytes) -> bytes:
    """Exclusive or with a stream of digests: applied twice, the data again."""
    stream = b"".join(
        hashlib.sha256(key + block.to_bytes(8, "big")).digest() for block, _ in zip(count(), range(0, len(data), 32))
    )
    return bytes(a ^ b for a, b in zip(data, stream))


def _path(root: Path, task: Task) -> Path:
    return root / FOLDER / "sealed" / f"{task.id}.txt"
