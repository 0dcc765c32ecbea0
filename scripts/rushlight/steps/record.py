"""Which files something was built from, and their digests. Beside an object it is a file, in a program a section."""

import hashlib
import os
import stat

from .elf import Elf

SUFFIX = ".sources"
SECTION = ".rushlight.sources"

Record = dict[str, str]  # path as seen from the course's folder -> sha256


def digest(path: str) -> str:
    """Of a regular file; anything else (a folder, a pipe that would never end) has none."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return ""
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            return ""
        with open(handle, "rb", closefd=False) as stream:
            return hashlib.sha256(stream.read()).hexdigest()
    finally:
        os.close(handle)


def as_text(record: Record) -> str:
    return "".join(f"{record[path]} {path}\n" for path in sorted(record))


def from_text(text: str) -> Record:
    return {line[65:]: line[:64] for line in text.splitlines()}


def write(path: str, record: Record) -> None:
    temporary = f"{path}.{os.getpid()}"
    with open(temporary, "w", encoding="utf-8") as out:
        out.write(as_text(record))
    os.replace(temporary, path)


def read(path: str) -> Record | None:
    try:
        with open(path, encoding="utf-8") as stream:
            return from_text(stream.read())
    except (OSError, UnicodeDecodeError):
        return None


def of_program(path: str) -> Record | None:
    """What a program was built from; None where nothing in it says so."""
    try:
        with open(path, "rb") as stream:
            section = Elf(stream).content(SECTION)
    except (OSError, ValueError):
        return None
    return None if section is None else from_text(section.decode("utf-8", "replace"))
