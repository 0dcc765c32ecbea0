"""What AddressSanitizer saw, in a sentence that a student can act on: what happened, in which function, at which line."""

import re
from dataclasses import dataclass
from pathlib import Path

from ..basics.files import relative
from ..course.tree import Tree

FRAME = re.compile(r"#\d+ 0x[0-9a-f]+ in (?P<function>.+) (?P<file>\S+?):(?P<line>\d+)(?::\d+)?$")
NULL = re.compile(r"SEGV on unknown address 0x0{9,}[0-9a-f]{1,3}\b")  # near 0: a member or an element of nothing

# The first that occurs in the headline or in what the program printed.
MEANINGS = (
    (re.compile(r"stack-overflow"), "endless recursion: {function} calls itself, straight or by way of others, until the stack is full"),
    (re.compile(r"\bFPE\b"), "an integer was divided by zero, in {function}"),
    (re.compile(r"heap-use-after-free"), "{function} used memory that was freed already: a reference to something temporary?"),
    (re.compile(r"stack-use-after|use-after-scope"), "{function} used a variable that is gone already: a reference to something local?"),
    (re.compile(r"(?:heap|stack|global)-buffer-overflow|container-overflow"), "{function} went past the end (or before the beginning) of its memory"),
    (re.compile(r"Assertion '[^']*(?:size\(\)|_Nm|extent)"), "{function} used an index that is not below the size"),
    (re.compile(r"Assertion '[^']*empty\(\)"), "{function} asked an empty container for an element"),
    (re.compile(r"Assertion '"), "a check of the standard library failed, in {function}"),
    (NULL, "{function} used a null pointer"),
    (re.compile(r"\bSEGV\b"), "{function} used memory that is not its own"),
    (re.compile(r"\bABRT\b"), "the program gave up (abort) in {function}: an exception that nobody could catch?"),
)


@dataclass(frozen=True)
class Frame:
    function: str
    file: str  # relative to the root
    line: int


def in_words(tree: Tree, finding: str, printed: str = "") -> str:
    """The sentence, the place and the line itself; "" where the report has no frame of the course."""
    frames = read_frames(tree.root, finding)
    if not frames:
        return ""
    frame = students_frame(tree, frames) or frames[0]
    headline = finding.partition("\n")[0]
    meaning = next((words for pattern, words in MEANINGS if pattern.search(f"{headline}\n{printed}")), None)
    if meaning is None:
        return ""
    sentence = meaning.format(function=frame.function)
    return f"{sentence}\n{frame.file}:{frame.line}{_quoted(tree.root / frame.file, frame.line)}"


def read_frames(root: Path, finding: str) -> list[Frame]:
    matches = [match for line in finding.splitlines() if (match := FRAME.search(line.strip()))]
    return [Frame(_short(m["function"]), relative(Path(m["file"]), root), int(m["line"])) for m in matches]


def students_frame(tree: Tree, frames: list[Frame]) -> Frame | None:
    """The innermost frame in a file that students write: given code is where a mistake shows, rarely where it is."""
    files = {f"modules/{module.name}/{name}" for module in tree.modules.values() for name in module.files}
    return next((frame for frame in frames if frame.file in files), None)


def _short(function: str) -> str:
    """`rushlight::plain::abs(rushlight::Array const&)` is abs, a lambda in it too."""
    name = re.sub(r"\(.*", "", re.sub(r"<.*?>", "", function.replace("(anonymous namespace)::", "")))
    parts = [part for part in name.split("::") if part not in ("rushlight", "plain", "detail", "")]
    return "::".join(parts) or function


def _quoted(path: Path, number: int) -> str:
    try:
        line = path.read_text(encoding="utf-8", errors="replace").splitlines()[number - 1]
    except (OSError, IndexError):
        return ""
    return f"\n    {line.strip()}"
