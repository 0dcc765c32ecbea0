"""What the compiler warned of in the student's own lines, kept from build to build.

A file is compiled once, and its warnings are printed then; the mistake behind one may show in a test much later.
"""

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..basics.files import read_json_or, relative, write_atomic
from .compile_errors import COLOUR, STATUS, source_lines

KEPT = "rush-warnings.json"  # in the build folder
# Compiled as the tests use it. The library for gdb is not optimised, so that the compiler sees less there.
COMPILED = re.compile(r"Building CXX object CMakeFiles/rl_\d\d_own(?:_bookkeeping)?\.dir/(?P<source>\S+)\.o$")
WARNING = re.compile(r"^(?P<file>[^\s:][^:\n]*):(?P<line>\d+):(?:\d+:)? warning: (?P<text>.*?)(?: \[-W(?P<kind>[\w=+-]+)\])?$")
INLINED = re.compile(r"inlined from .* at (?P<file>[^\s:][^:\n]*):(?P<line>\d+):\d+")
HEADING = re.compile(r": (?:In|At) .*[:,]$")  # opens what the compiler says of one function
# A value that nobody gave explains a wrong result; the rest is shown after it.
FIRST = ("maybe-uninitialized", "uninitialized")


@dataclass(frozen=True)
class Remark:
    file: str  # relative to the root
    line: int
    text: str
    kind: str
    shown: tuple[str, ...]  # the source line and its caret

    @property
    def of_a_value_nobody_gave(self) -> bool:
        return self.kind in FIRST

    @property
    def lines(self) -> list[str]:
        return [f"{self.file}:{self.line}: warning: {self.text}", *self.shown]


def note_warnings(folder: Path, root: Path, output: str) -> None:
    """Takes from a build's output what it says of the students' files that it compiled, also that it says nothing."""
    steps = list(_steps(COLOUR.sub("", output)))
    if not steps:
        return
    kept = _read(folder)
    for source, lines in steps:
        kept[source] = [asdict(warning) for warning in read_warnings(lines, source, root)]
    write_atomic(folder / KEPT, json.dumps({source: entries for source, entries in kept.items() if entries}))


def known_warnings(folder: Path, files: set[str]) -> list[Remark]:
    """Of these files, in the order in which they are worth reading."""
    found = []
    for source, entries in _read(folder).items():
        if source in files:
            found += [Remark(**{**entry, "shown": tuple(entry["shown"])}) for entry in entries]
    return sorted(found, key=lambda warning: (not warning.of_a_value_nobody_gave, warning.file, warning.line))


def read_warnings(lines: list[str], source: str, root: Path) -> list[Remark]:
    """Those in `source` itself, also where the compiler points into a header that was expanded there."""
    found: dict[tuple[int, str], Remark] = {}
    inlined = None
    for place, line in enumerate(lines):
        if HEADING.search(line):
            inlined = None
        if (match := INLINED.search(line)) and relative(Path(match["file"]), root) == source:
            inlined = int(match["line"])
        if not (match := WARNING.match(line)):
            continue
        here = relative(Path(match["file"]), root) == source
        if not here and inlined is None:
            continue
        number = int(match["line"]) if here else inlined
        shown = tuple(source_lines(lines[place + 1 :])) if here else ()
        text = match["text"].replace("rushlight::", "")
        found.setdefault((number, text), Remark(source, number, text, match["kind"] or "", shown))
    return list(found.values())


def _steps(output: str):
    """(source, what was printed) of each compilation of a student's file."""
    source, lines = None, []
    for line in [*output.splitlines(), "[0/0] end"]:
        if not STATUS.match(line):
            lines.append(line)
            continue
        if source is not None:
            yield source, lines
        compiled = COMPILED.search(line)
        source, lines = (compiled["source"] if compiled else None), []


def _read(folder: Path) -> dict[str, list[dict[str, Any]]]:
    stored = read_json_or(folder / KEPT, {})
    return stored if isinstance(stored, dict) else {}
