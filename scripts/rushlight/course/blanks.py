"""Where a task's blanks are, in the student's file; and how a marked region of the reference reads."""

import re
from pathlib import Path

from .manifest import Task
from .regions import BEGIN, END, HELPER, HELPERS_OPEN, Region, find_regions
from .tree import Tree


def find_blank(tree: Tree, task: Task) -> str:
    """`modules/02_x/file.cpp:12`, the first blank of a task that is still there; else just its first file."""
    folder = tree.modules[task.module].folder.relative_to(tree.root)
    for name in task.files:
        for number, line in enumerate(_lines(tree.root / folder / name), 1):
            if f'todo("{task.id}")' in line:
                return f"{folder / name}:{number}"
    return str(folder / task.files[0])


def task_of_function(tree: Tree, name: str) -> str | None:
    """The task whose contract comment (`// 02.1 relu ...`) introduces this function."""
    contract = re.compile(rf"^\s*// (\d\d\.\d) {re.escape(name)}\b")
    for module in tree.modules.values():
        for file in module.files if name else ():
            for line in _lines(module.folder / file):
                if (match := contract.match(line)) and match[1] in tree.tasks:
                    return match[1]
    return None


def functions_of(tree: Tree, task: Task) -> list[tuple[str, str]]:
    """(name, place) of the functions that a task's contract comments (`// 02.1 relu ...`) introduce in its files."""
    folder = tree.modules[task.module].folder
    found = []
    for file in task.files:
        lines = _lines(folder / file)
        for number, line in enumerate(lines):
            if not (match := re.match(rf"// {re.escape(task.id)} (?:\w+::)*(\w+)", line)):
                continue
            while number < len(lines) and lines[number].startswith("//"):
                number += 1
            found.append((match[1], f"{(folder / file).relative_to(tree.root)}:{number + 1}"))
    return found


def recorded_in(tree: Tree, op: str) -> tuple[str, str] | None:
    """(task, place) of the student's line that records an op under this name: `record("mul", …`."""
    for module in tree.modules.values():
        for file in module.files:
            path = module.folder / file
            task = None
            text = "\n".join(_lines(path))
            for match in re.finditer(rf'^\s*// (\d\d\.\d) |\brecord\(\s*"{re.escape(op)}"', text, re.MULTILINE):
                if match[1]:
                    task = match[1]
                elif task in tree.tasks:
                    return task, f"{path.relative_to(tree.root)}:{text.count(chr(10), 0, match.start()) + 1}"
    return None


def reference_code(tree: Tree, task: Task) -> list[tuple[str, str]]:
    """(file, code) of everything the reference writes for a task: contract, function, and helpers it calls."""
    folder = tree.root / "solutions" / tree.modules[task.module].name
    found = []
    for name in task.files:
        lines = _lines(folder / name)
        regions, _ = find_regions("\n".join(lines), name)
        spans = [_function(lines, each) for each in regions if each.name == task.id]
        if not spans:
            continue
        pieces = [_text(lines, *span) for span in dict.fromkeys(spans)]
        helpers = [_text(lines, each.first, each.last) for each in regions if each.name == HELPER]
        pieces = _called(helpers, pieces) + pieces
        found.append((f"solutions/{folder.name}/{name}", "\n\n".join(pieces)))
    return found


def _function(lines: list[str], region: Region) -> tuple[int, int]:
    """Grows a region to the function around it and the comment above that."""
    first = region.first
    while first > 0 and lines[first - 1].strip() and not lines[first - 1].startswith("}"):
        first -= 1
    last = region.last
    while last + 1 < len(lines) and region.indent:
        last += 1
        if lines[last].startswith("}"):
            break
    return first, last


def _called(helpers: list[str], pieces: list[str]) -> list[str]:
    """The helpers that these pieces use, and the helpers that those use."""
    used: list[str] = []
    text = "\n".join(pieces)
    for helper in reversed(helpers):
        names = re.findall(r"^[A-Za-z_].*?\b(\w+)\s*(?:\(|\{|=)", helper, re.MULTILINE)
        if any(re.search(rf"\b{name}\b", text) for name in names):
            used.insert(0, helper)
            text += helper
    return used


def _text(lines: list[str], first: int, last: int) -> str:
    kept = [line for line in lines[first : last + 1] if not BEGIN.match(line) and not END.match(line)]
    kept = [line.replace(HELPERS_OPEN, "namespace {") for line in kept]
    return "\n".join(kept).strip("\n")


def _lines(path: Path) -> list[str]:
    if not path.is_file():  # reading a pipe would never end
        return []
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
