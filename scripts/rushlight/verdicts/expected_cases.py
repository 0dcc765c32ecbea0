"""How many cases each task must report: the committed lists, tests/*/cases.txt."""

import re
from collections import Counter

from ..course.tree import SUITES, Unit

CASE = re.compile(r"(?:Unit|GradientFlow|Progressive)_(\d\d)_(\d)(?=[/.])")
SUITE_CASE = re.compile(rf"(?:{'|'.join(suite.capitalize() for suite in SUITES)})_(\d\d)(?=[/.])")


def expected_cases(unit: Unit) -> dict[str, int]:
    """By task. One without any case counts none."""
    counts: Counter[str] = Counter()
    try:
        lines = unit.cases.read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    pattern = CASE if unit.module else SUITE_CASE
    for line in lines:
        if match := pattern.search(line):
            counts[".".join(match.groups())] += 1
    if unit.module:
        for task in unit.module.tasks:
            counts[task.id] += 0
    return dict(sorted(counts.items()))
