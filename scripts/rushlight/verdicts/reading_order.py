"""Which of several failed cases is read first: the one that says most plainly what is wrong."""

import re
from pathlib import Path
from typing import Any

STATES = {"crash": 0, "wrong": 1, "missing": 2, "todo": 3}
KINDS = ("Unit_", "GradientFlow_", "Progressive_")  # a unit test says it most plainly, one with all modules least
SPOILS_THE_REST = ("past the end of", "must not change its operand", "changed its input")
ABOUT_A_TEXT = ("threw nothing; expected", "the message should mention")  # support/rush_test.hpp
HEAD = re.compile(r"^TEST(?:_[FP])?\((\w+), *(\w+)\)", re.MULTILINE)
DRAWS = re.compile(r"\bfor \((?:int|std::u?int64_t|std::size_t) (?:round|trial|seed)\b")


def annotated(details: list[dict[str, Any]], folder: Path) -> tuple[dict[str, Any], ...]:
    """The cases, each with its place in the tests of `folder` and whether it draws its numbers at random."""
    places = _places(folder)
    return tuple({**case, **places.get(_plain_name(case["case"]), {})} for case in details)


def sort_key(case: dict[str, Any]) -> tuple:
    """The worst first; what spoils the rest before it; simple kinds before large ones; random cases and the texts of
    errors last; then as the tests are written. A case that never began, because another used up the task's time, tells
    nothing and comes after that one."""
    message = case.get("message", "")
    return (
        STATES[case["state"]],
        message.startswith("not run:"),
        not any(words in message for words in SPOILS_THE_REST),
        _kind_order(case["case"]),
        any(words in message for words in ABOUT_A_TEXT),
        case.get("draws", False),
        case.get("place", 0),
    )


def _kind_order(case: str) -> int:
    return next((place for place, kind in enumerate(KINDS) if kind in case), len(KINDS))


def body_of(folder: Path, case: str) -> str:
    """The text of a test, "" where there is none."""
    return _bodies(folder).get(_plain_name(case), "")


def _places(folder: Path) -> dict[str, dict[str, Any]]:
    bodies = _bodies(folder).items()
    return {name: {"place": place, "draws": bool(DRAWS.search(body))} for place, (name, body) in enumerate(bodies)}


def _bodies(folder: Path) -> dict[str, str]:
    """The tests of a folder, file by file as they are written."""
    found = {}
    for path in sorted(folder.glob("*.cpp")):
        text = path.read_text(encoding="utf-8", errors="replace")
        heads = list(HEAD.finditer(text))
        for head, after in zip(heads, [*heads[1:], None]):
            found[f"{head[1]}.{head[2]}"] = text[head.end() : after.start() if after else len(text)]
    return found


def _plain_name(case: str) -> str:
    """`Seeds/Unit_02_1.Clamps/0` is written as `Unit_02_1.Clamps`."""
    suite, _, name = case.partition(".")
    return f"{suite.split('/')[-1]}.{name.split('/')[0]}"
