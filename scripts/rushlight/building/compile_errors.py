"""Reads a failed build: which files did not compile, the one line worth showing for each, and what explains it."""

import re
from dataclasses import dataclass
from pathlib import Path

from ..basics.files import relative
from ..basics.text import spelt_out

STATUS = re.compile(r"^\[\d+/\d+\] ")
COLOUR = re.compile(r"\x1b\[[0-9;]*[mK]")
DIAGNOSTIC = re.compile(r"^(?P<file>[^\s:][^:\n]*):(?P<line>\d+):(?:\d+:)? (?:fatal )?error: (?P<text>.*)$")
INSTANTIATED = re.compile(r"^(?P<file>[^\s:][^:\n]*):(?P<line>\d+):(?:\d+:)?\s+(?:required from|note: in inst)")
UNDEFINED = re.compile(r"(?:undefined reference to|undefined symbol:) [`']?(?P<name>[^'\n]+)'?")
TROUBLE = re.compile(
    r"No space left on device|Disk full|Disk quota exceeded|Read-only file system|Input/output error|Stale file handle"
    r"|Cannot allocate memory|virtual memory exhausted|(?:Killed|Terminated) signal terminated program|Too many open files"
    r"|Resource temporarily unavailable|Build again\."
)
QUOTED = re.compile(r"^\s*\d*\s*\||#error|#warning|static assertion")  # what stands in a source, whatever it says
SOURCE = re.compile(r"\s-c (?P<file>\S+)")
NOTE = re.compile(r"^[^\s:][^:\n]*:\d+:(?:\d+:)? note: +(?P<text>.*)$")
MARGIN = re.compile(r"^ *\d* \| ")  # of a source line that the compiler shows, and of the caret under it
LONGEST = 240
MOST_NOTES = 3

# What a compiler's sentence means when it is about this course's types.
MEANINGS = (
    (
        re.compile(r"call to [‘'`]record\([^,]*, Tensor[,&) ]"),
        "record() takes the value, an Array, and was given a Tensor: is a .value() missing?",
    ),
    (
        re.compile(r"could not convert .*Tensor.* to .*(?:Arrays|vector<Array)"),
        "a rule returns Arrays, and this is a Tensor: compute with bw.in(i) and bw.out, or with a .value().",
    ),
    (
        re.compile(
            r"(?:could not convert|cannot convert|no known conversion).* from [‘'`](?:const )?Tensor&?[’'`] to [‘'`](?:const )?Array&?[’'`]"
            r"|reference of type [‘'`]const Array&[’'`] from expression of type [‘'`](?:const )?Tensor[’'`]"
        ),
        "an Array is wanted, and this is a Tensor: is a .value() missing?",
    ),
    (
        re.compile(r"returning initializer list$"),  # g++ took the braces for the result of a lambda that names no type
        "does the lambda lack '-> Arrays'?",
    ),
    (
        re.compile(r"expected [‘'`],[’'`] or [‘'`];[’'`] before"),  # g++ points behind the line that lacks it
        "is a ; missing, at the end of the line above?",
    ),
)


@dataclass(frozen=True)
class Failure:
    """One failed build step. `source` is relative to the root, or empty when the step was not a compilation."""

    source: str
    message: str
    symbol: str = ""  # the function that the linker did not find
    excerpt: tuple[str, ...] = ()  # the source line with its caret, what the error means here, the compiler's notes
    machine: bool = False  # the step failed for want of disk or memory: nobody's source is to blame

    @property
    def module(self) -> str:
        """`02` for modules/02_x/a.cpp and solutions/02_x/a.cpp, else empty."""
        match = re.match(r"(?:modules|solutions)/(\d\d)_[^/]+/", self.source)
        return match[1] if match else ""

    @property
    def file(self) -> str:
        return Path(self.source).name


def read_failures(output: str, root: Path) -> list[Failure]:
    """Every `FAILED:` block of ninja's output, in order."""
    failures = []
    for block in _blocks(COLOUR.sub("", output)):
        source = next((m["file"] for line in block if (m := SOURCE.search(line))), "")
        source = relative(Path(source), root) if source else ""
        if trouble := _trouble(block):
            failures.append(Failure(source, trouble, machine=True))
            continue
        symbol = _undefined(block)
        missing = f"{symbol} is declared but nowhere defined: was it renamed, or its signature changed?"
        message = _message(block, source, root) or (missing if symbol else f"{source or 'a build step'} failed")
        failures.append(Failure(source, message, symbol, tuple(_excerpt(block, root))))
    return failures


def _blocks(output: str) -> list[list[str]]:
    blocks: list[list[str]] = []
    inside = False
    for line in output.splitlines():
        if line.startswith("FAILED: "):
            blocks.append([])
            inside = True
        elif STATUS.match(line) or line.startswith("ninja: "):
            inside = False
        elif inside:
            blocks[-1].append(line)
    return blocks


def _trouble(block: list[str]) -> str:
    if any("error: compiling it took more than" in line for line in block):  # a limit of ours, not the machine's
        return ""
    return next((line.strip() for line in block if TROUBLE.search(line) and not QUOTED.search(line)), "")


def _message(block: list[str], source: str, root: Path) -> str:
    """The first error, placed in the file that was compiled even where the compiler was inside a header."""
    ours = mine = None
    for line in block:
        if match := INSTANTIATED.match(line):
            file = relative(Path(match["file"]), root)
            if mine is None and file == source:
                mine = f"{file}:{match['line']}"
            if ours is None and _is_ours(match["file"], root):
                ours = f"{file}:{match['line']}"
        if match := DIAGNOSTIC.match(line):
            here = f"{relative(Path(match['file']), root)}:{match['line']}"
            where = mine or (here if _is_ours(match["file"], root) else ours or source or here)
            return _trim(f"{where}: error: {match['text']}")
    if _undefined(block):
        return ""
    return next((_trim(line.strip()) for line in block if "error" in line.lower() and " -c " not in line), "")


def _excerpt(block: list[str], root: Path) -> list[str]:
    """What follows the first error: its line and caret, the meaning, and the notes that belong to it."""
    first = next((place for place, line in enumerate(block) if DIAGNOSTIC.match(line)), None)
    if first is None:
        return []
    match = DIAGNOSTIC.match(block[first])
    assert match is not None
    after = block[first + 1 :]
    shown = source_lines(after) if _is_ours(match["file"], root) else []
    rest = next((i for i, line in enumerate(after) if DIAGNOSTIC.match(line) or ": warning: " in line), len(after))
    notes = [note["text"] for line in after[:rest] if (note := NOTE.match(line))]
    texts = [_without_noise(text) for text in (match["text"], *notes)]
    meanings = [meaning for pattern, meaning in MEANINGS if any(pattern.search(text) for text in texts)]
    return [*shown, *meanings[:1], *(f"note: {_trim(text)}" for text in notes[:MOST_NOTES])]


def source_lines(lines: list[str]) -> list[str]:
    """The line of code that the compiler shows under what it says, and the caret under that."""
    shown = []
    for line in lines[:2]:
        if not MARGIN.match(line):
            break
        shown.append(line if len(line) <= LONGEST else line[: LONGEST - 1] + "…")
    return shown


def _undefined(block: list[str]) -> str:
    """`matmul` or `Linear::forward`, where the linker did not find it."""
    match = next((match for line in block if (match := UNDEFINED.search(line))), None)
    return re.sub(r"\(.*", "", match["name"]).replace("rushlight::", "").strip() if match else ""


def _is_ours(file: str, root: Path) -> bool:
    name = relative(Path(file), root)
    return not name.startswith(("/", "build/"))


def _without_noise(text: str) -> str:
    text = re.sub(r" \[with [^\]]*\]", "", text).replace("rushlight::", "")
    return re.sub(r" \[-W[\w=+-]+\]$", "", text)


def _trim(text: str) -> str:
    text = spelt_out(_without_noise(text))  # no terminal obeys what a source holds
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
