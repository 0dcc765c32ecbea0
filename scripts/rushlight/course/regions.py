"""Which lines of a solution its students write themselves, and which are helpers that only the solution needs.

- The body of a function whose contract comment begins with a task's id, `// 02.1 relu ...`: that task's.
- An anonymous namespace that opens with `namespace {  // solution`: helpers.
- What stands between `// solution 02.1`, or `// solution helper`, and `// end solution`: a part of a body, or of a
  namespace. A function with such a mark inside has no blank but the marked ones.
"""

import re
from dataclasses import dataclass

HELPER = "helper"
CONTRACT = re.compile(r"^// (\d\d\.[1-9]) ")
HELPERS_OPEN = "namespace {  // solution"
HELPERS_CLOSE = "}  // namespace"
BEGIN = re.compile(r"^(\s*)// solution (\d\d\.[1-9]|helper)\s*$")
END = re.compile(r"^\s*// end solution\s*$")
LOOKS_LIKE_MARKER = re.compile(r"^\s*//+\s*(end\s+)?solution\b|^namespace.*//.*\bsolution\b", re.IGNORECASE)


@dataclass(frozen=True)
class Region:
    """Lines [first, last] of a file, counted from 0, with the marks around them where there are any."""

    name: str  # a task's id, or "helper"
    first: int
    last: int
    indent: str
    marked: bool = True
    one_line: bool = False  # `Array f(...) { return ...; }`, signature and all

    def body(self, lines: list[str]) -> list[str]:
        return lines[self.first + 1 : self.last] if self.marked else lines[self.first : self.last + 1]

    def blank(self, lines: list[str]) -> list[str]:
        """What stands in its place in the skeleton."""
        if self.name == HELPER:
            return []
        if self.one_line:
            return [lines[self.first].split(" { ")[0] + " {", f'  todo("{self.name}");', "}"]
        return [f'{self.indent}todo("{self.name}");']


def find_regions(text: str, where: str) -> tuple[list[Region], list[str]]:
    """The regions of a solution in order, and what is wrong with its marks (as file:line: message)."""
    lines = text.splitlines()
    marked, problems = _marked(lines, where)
    taken = {line for region in marked for line in range(region.first, region.last + 1)}
    bodies = [each for each in _bodies(lines) if taken.isdisjoint(range(each.first, each.last + 1))]
    return sorted(marked + bodies, key=lambda region: region.first), problems


def _marked(lines: list[str], where: str) -> tuple[list[Region], list[str]]:
    regions: list[Region] = []
    problems: list[str] = []
    opened: Region | None = None
    for number, line in enumerate(lines):
        at = f"{where}:{number + 1}"
        begin = BEGIN.match(line)
        if begin or line == HELPERS_OPEN:
            if opened:
                problems.append(f"{at}: a region begins inside the one of line {opened.first + 1}; end that one first.")
            opened = Region(begin[2] if begin else HELPER, number, number, begin[1] if begin else "", begin is not None)
        elif END.match(line) or (opened and not opened.marked and line == HELPERS_CLOSE):
            if opened:
                regions.append(Region(opened.name, opened.first, number, opened.indent, opened.marked))
            else:
                problems.append(f"{at}: `// end solution` without a `// solution NN.T` before it.")
            opened = None
        elif LOOKS_LIKE_MARKER.match(line):
            problems.append(
                f"{at}: `{line.strip()}` is not a marker: expected `// solution NN.T`, `// solution helper`, "
                f"`// end solution` or `{HELPERS_OPEN}`."
            )
    if opened:
        end = "// end solution" if opened.marked else HELPERS_CLOSE
        problems.append(f"{where}:{opened.first + 1}: region {opened.name} has no `{end}`.")
    return regions, problems


def _bodies(lines: list[str]) -> list[Region]:
    """The bodies of the functions that a contract introduces: it begins in the first column and says what to write."""
    found = []
    for number, line in enumerate(lines):
        contract = CONTRACT.match(line)
        if not contract or (number > 0 and lines[number - 1].startswith("//")):
            continue
        head = number
        while head < len(lines) and lines[head].startswith("//"):
            head += 1
        while head < len(lines) and lines[head] and not lines[head].endswith(("{", "}", ";")):
            head += 1
        if head == len(lines):
            continue
        if lines[head].endswith(" }") and " { " in lines[head]:
            found.append(Region(contract[1], head, head, "", marked=False, one_line=True))
        if not lines[head].endswith("{"):
            continue
        end = next((at for at in range(head + 1, len(lines)) if lines[at].startswith("}")), None)
        if end is not None and end > head + 1 and lines[end] == "}":
            found.append(Region(contract[1], head + 1, end - 1, "  ", marked=False))
    return found
