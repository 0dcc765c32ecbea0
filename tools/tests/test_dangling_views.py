"""No span outlives the array that it looks into.

`data()` of a temporary is right within one expression. Kept in a variable, or walked over by a range-for (which in C++20
keeps only the last object of its expression), it reads memory that is somebody else's by then."""

import re
import subprocess
from itertools import accumulate
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
KEPT = re.compile(r"(?:for \([^;{}]*? : |(?:auto&*|span<[^>]*>) \w+ = )(?P<of>[^;{}]*?)\.(?:mutable_)?data\(\)(?=\)|;)")
COPIES = re.compile(r"\.(?:cpu|to|clone|with_shape|detach)\([^()]*\)")
CALLS = re.compile(r"(?<![\w.>:])(?:\w+::)*\w+\(")  # a free function, or a constructor


def is_temporary(expression: str) -> bool:
    """Whether what `data()` was asked of has no name: a copy, or what a function has just returned."""
    depth = [*accumulate({"(": 1, ")": -1}.get(letter, 0) for letter in expression)]
    whole = min(depth) == depth[-1] == 0  # otherwise data() is somebody's argument, and only read
    return whole and bool(COPIES.search(expression) or CALLS.match(expression))


def dangling(text: str) -> list[str]:
    return [found.group(0) for found in KEPT.finditer(text) if is_temporary(found.group("of"))]


@pytest.mark.parametrize(
    "line",
    [
        "for (const Real p : sigmoid(net(x)).value().data()) print(p);",
        "for (const Real p : x.cpu().data()) print(p);",
        "const auto numbers = x.value().to(Device::cpu).data();",
        "const std::span<const Real> numbers = softmax(x, 1).data();",
        "const auto ids = nn::argmax(x).data();",
    ],
)
def test_what_dangles_is_found(line: str):
    assert dangling(line)


@pytest.mark.parametrize(
    "line",
    [
        "for (const Real p : x.value().data()) print(p);",
        "const auto ids = state.at(name).data();",
        "const std::int64_t first = argmax(x).to(Device::cpu).data()[0];",
        "for (const Tensor& each : all()) add_bytes(hash, each.value().cpu().data());",
        "const Array here = x.cpu();\nfor (const Real p : here.data()) print(p);",
    ],
)
def test_what_is_right_passes(line: str):
    assert not dangling(line)


def test_nothing_dangles():
    listed = subprocess.run(["git", "ls-files", "*.cpp", "*.hpp", "*.cu", "*.cuh", "*.md"], cwd=ROOT, capture_output=True, text=True)
    files = [ROOT / name for name in listed.stdout.splitlines()]
    assert len(files) > 400
    found = {str(path.relative_to(ROOT)): dangling(path.read_text(encoding="utf-8")) for path in files if path.is_file()}
    assert {name: lines for name, lines in found.items() if lines} == {}
