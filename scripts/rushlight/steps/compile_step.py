"""One call of the compiler: for students' files within rules and limits, for all with a record of what was read."""

import os
import resource

from . import record
from .step import ROOT, Refused, complaint, run, within

ATTEMPTS = 3
SECONDS, MEMORY, FILE = 120, 4096, 512  # of processor time; MiB of addresses; MiB of output


def compile_step(command: list[str], module: str | None) -> int:
    """`module` is given where the rules for students hold."""
    output, source = command[command.index("-o") + 1], command[command.index("-c") + 1]
    noted = output + record.SUFFIX
    if os.path.exists(noted):
        os.unlink(noted)
    if module:
        check_place(source)
        from .source_rules import check_source

        check_source(source)
    for _ in range(ATTEMPTS):
        before = record.digest(source)
        status, said = run(command, _limits() if module else None)
        if status != 0:
            if module:
                raise_limit(source, said)
            return 1
        read = inputs(command, source)
        if read.get(_seen_from_root(source), before) == before:
            break
    else:
        raise Refused(complaint(source, 1, "it changed again and again while it was compiled. Build again."))
    if module:
        from .object_rules import check_object

        try:
            check_object(output, source, module)
        except Refused:
            os.unlink(output)
            raise
    record.write(noted, read)
    return 0


def check_place(source: str) -> None:
    """Only a regular file that lies where it seems to lie: a link may lead to a file that changes unseen."""
    if os.path.islink(source) or os.path.realpath(source) != os.path.normpath(source):
        raise Refused(complaint(source, 1, "this is a symbolic link. Put the file itself here."))
    if not os.path.isfile(source):
        raise Refused(complaint(source, 1, "this is not a regular file. Put a file of C++ here."))


def inputs(command: list[str], source: str) -> record.Record:
    """The course's files that the compiler read, by the list of dependencies that it wrote for Ninja."""
    with open(command[command.index("-MF") + 1], encoding="utf-8", errors="replace") as stream:
        words = stream.read().replace("\\\n", " ").partition(":")[2].replace("\\ ", "\0").split()
    build, found = os.getcwd(), {}
    if not command[command.index("-o") + 1].endswith(".gch"):
        included = [command[at + 1] + ".gch" for at, word in enumerate(command) if word == "-include"]
        words += filter(os.path.exists, included)
    for word in [source, *words]:
        path = os.path.normpath(os.path.join(build, word.replace("\0", " ").rstrip(":")))
        name = within(path, ROOT)
        if path.endswith(".gch"):  # a precompiled header does not say what it was made of
            found |= _inside(path)
        elif name and name not in found and within(path, build) is None:
            found[name] = record.digest(path)
    return found


def _inside(precompiled: str) -> record.Record:
    made_of = record.read(precompiled + record.SUFFIX)
    if made_of is None or any(record.digest(os.path.join(ROOT, name)) != digest for name, digest in made_of.items()):
        os.unlink(precompiled)
        raise Refused(f"{precompiled}: error: not what the headers that are there now give. Build again.")
    return made_of


def _seen_from_root(source: str) -> str:
    return within(os.path.normpath(source), ROOT) or source


def _seconds() -> int:
    return max(1, int(SECONDS * float(os.environ.get("RUSHLIGHT_TIMEOUT_SCALE") or 1)))


def _memory() -> int:
    return int(os.environ.get("RUSHLIGHT_COMPILE_MEMORY") or MEMORY)


def _limits() -> dict[int, int]:
    return {
        resource.RLIMIT_CPU: _seconds(),
        resource.RLIMIT_AS: _memory() << 20,
        resource.RLIMIT_FSIZE: FILE << 20,
    }


def raise_limit(source: str, said: str) -> None:
    """The compiler's own words for having met a limit do not name the limit."""
    if "CPU time limit exceeded" in said:
        text = f"compiling it took more than {_seconds()} s of processor time (a template or a constant without end?)"
    elif "out of memory allocating" in said or "virtual memory exhausted" in said:
        text = f"compiling it took more than {_memory()} MiB of memory (a template or a constant without end?)"
    elif "File size limit exceeded" in said:
        text = f"compiled, it is larger than {FILE} MiB (a table that large?)"
    else:
        return
    raise Refused(complaint(source, 1, text))
