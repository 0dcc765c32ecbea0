"""Reads a failed build: which files did not compile, and the one line worth showing for each."""

import re
from dataclasses import dataclass
from pathlib import Path

from ..basics.files import relative

STATUS = re.compile(r"^\[\d+/\d+\] ")
COLOUR = re.compile(r"\x1b\[[0-9;]*[mK]")
DIAGNOSTIC = re.compile(r"^(?P<file>[^\s:][^:\n]*):(?P<line>\d+):(?:\d+:)? (?:fatal )?error: (?P<text>.*)$")
INSTANTIATED = re.compile(r"^(?P<file>[^\s:][^:\n]*):(?P<line>\d+):(?:\d+:)?\s+(?:required from|note: in inst)")
UNDEFINED = re.compile(r"(?:undefined reference to|undefined symbol:) [`']?(?P<name>[^'\n]+)'?")
SOURCE = re.compile(r"\s-c (?P<file>\S+)")
LONGEST = 240


@dataclass(frozen=True)
class Failure:
    """One failed build step. `source` is relative to the root, or empty when the step was not a compilation."""

    source: str
    message: str
    symbol: str = ""  # the function that the linker did not find

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
        symbol = _undefined(block)
        missing = f"{symbol} is declared but nowhere defined: was it renamed, or its signature changed?"
        message = _message(block, source, root) or (missing if symbol else f"{source or 'a build step'} failed")
        failures.append(Failure(source, message, symbol))
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


def _undefined(block: list[str]) -> str:
    """`matmul` or `Linear::forward`, where the linker did not find it."""
    match = next((match for line in block if (match := UNDEFINED.search(line))), None)
    return re.sub(r"\(.*", "", match["name"]).replace("rushlight::", "").strip() if match else ""


def _is_ours(file: str, root: Path) -> bool:
    name = relative(Path(file), root)
    return not name.startswith(("/", "build/"))


def _trim(text: str) -> str:
    text = re.sub(r" \[with [^\]]*\]", "", text).replace("rushlight::", "")
    if text.endswith("returning initializer list"):  # g++ took the braces for the result of a lambda that names no type
        text += " (does the lambda lack '-> Arrays'?)"
    text = re.sub(r" \[-W[\w=+-]+\]$", "", text)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
