"""One call of the linker: the program carries a record of all that its objects were built from."""

import os

from . import record
from .step import ROOT, Refused, run

THIN, HEAD = b"!<thin>\n", 60


def link_step(command: list[str]) -> int:
    output = command[command.index("-o") + 1]
    parts = {path: _record_of(path) for path in objects(command)}
    if old := [path for path, part in parts.items() if part is None]:
        forget(old)
        raise Refused(f"{old[0]}: error: not what the files that are there now give. Build again.")
    whole = {name: digest for part in parts.values() for name, digest in (part or {}).items()}
    note = f"{output}.note"
    _write_note(whole, note)
    status, _ = run(["as", "-o", f"{note}.o", note])
    if status == 0:
        status, _ = run([*command, f"{note}.o"])
    os.unlink(note)
    if status != 0 and os.path.exists(output):
        os.unlink(output)  # an old program would look like a new one
    return 1 if status else 0


def forget(made: list[str]) -> None:
    """Without them Ninja makes them again, whatever the dates say."""
    for path in made:
        if os.path.exists(path):
            os.unlink(path)


def objects(command: list[str]) -> list[str]:
    """The objects of this build folder, those in its archives included."""
    found = []
    for word in command[1:]:
        if word.endswith(".o") and not os.path.isabs(word):
            found.append(word)
        elif word.endswith(".a") and not os.path.isabs(word):
            found += members(word)
    return found


def members(archive: str) -> list[str]:
    """What a thin archive lists."""
    with open(archive, "rb") as stream:
        if stream.read(len(THIN)) != THIN:
            raise Refused(f"{archive}: error: not an archive that lists its objects. Build again.")
        names, found = b"", []
        while len(head := stream.read(HEAD)) == HEAD:
            name, size = head[:16].decode().rstrip(), int(head[48:58])
            if name == "//":
                names = stream.read(size + size % 2)
            elif name in ("/", "/SYM64/"):
                stream.seek(size + size % 2, os.SEEK_CUR)
            else:
                at = int(name[1:].split()[0])
                found.append(names[at : names.index(b"/\n", at)].decode())
    return [os.path.normpath(os.path.join(os.path.dirname(archive), name)) for name in found]


def _record_of(path: str) -> record.Record | None:
    """What the object was built from, if those are still the files that are there."""
    part = record.read(path + record.SUFFIX)
    if part is None or any(_now(name) != digest for name, digest in part.items()):
        return None
    return part


_digests: record.Record = {}


def _now(name: str) -> str:
    if name not in _digests:
        _digests[name] = record.digest(os.path.join(ROOT, name))
    return _digests[name]


def _write_note(whole: record.Record, note: str) -> None:
    with open(note, "w", encoding="utf-8") as out:
        out.write(f'.section {record.SECTION},"",@progbits\n')
        for line in record.as_text(whole).splitlines():
            escaped = line.replace("\\", "\\\\").replace('"', '\\"')
            out.write(f'.ascii "{escaped}\\n"\n')
        out.write('.section .note.GNU-stack,"",@progbits\n')
