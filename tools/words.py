#!/usr/bin/python3
"""Whether tests ask for words that nobody was told: correct code may not fail for the words of an error message.

    words.py [NN ...]

Every piece of EXPECT_THROWS_WITH(statement, Type, pieces...) in tests/NN_name has to be visible to whoever writes the code:
in a header or another given file of the module or of an earlier one, in the text around a blank (the contract above it, or
the part of the message that is given), or in the lines just before it (a name or a value that the test hands in).
Pieces without a letter, numbers and shapes, are values that a useful message holds. The name of the function that is called
is no exception: it has to stand in quotes somewhere, in given code or in a comment. Prints what is not told, with its place.
"""

import argparse
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from program import guarded, require_solutions

from rushlight.basics.errors import RushError
from rushlight.basics.files import relative
from rushlight.course.manifest import Module
from rushlight.course.tree import Tree, find_tree

MACRO = "EXPECT_THROWS_WITH("
STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
TYPE = re.compile(r"\s*((\w+::)*\w*Error|std::\w+)\s*")  # of what is thrown
NEAR = 60  # lines before the question in which a name counts as handed in


@dataclass(frozen=True)
class Question:
    path: Path
    line: int
    statement: str
    before: str
    piece: str
    file: str = ""  # all of the test's file


def arguments_at(text: str, start: int) -> list[str]:
    """The arguments of a macro whose parenthesis opened just before `start`, cut at the commas of its own level."""
    parts, depth, at = [""], 0, start
    while at < len(text):
        char = text[at]
        if string := STRING.match(text, at):
            parts[-1] += string[0]
            at = string.end()
            continue
        if char in "([{":
            depth += 1
        elif char in ")]}":
            if depth == 0:
                return parts
            depth -= 1
        elif char == "," and depth == 0:
            parts.append("")
            at += 1
            continue
        parts[-1] += char
        at += 1
    return parts


def questions_of(path: Path) -> list[Question]:
    text = path.read_text(encoding="utf-8")
    found = []
    for match in re.finditer(re.escape(MACRO), text):
        arguments = arguments_at(text, match.end())
        line = text.count("\n", 0, match.start()) + 1
        kind = next((i for i, each in enumerate(arguments) if TYPE.fullmatch(each)), None)
        if kind is None:
            raise RushError(f"{path}:{line}: this {MACRO}...) names no type of error.", "give it one that TYPE in tools/words.py knows.")
        before = "\n".join(text.splitlines()[max(0, line - NEAR) : line - 1])
        statement = ",".join(arguments[:kind])
        for argument in arguments[kind + 1 :]:
            if literal := "".join(STRING.findall(argument)):
                found.append(Question(path, line, statement, before, literal, text))
    return found


def visible(tree: Tree, number: str) -> str:
    """What a student of this module can read: given files and skeletons, up to it."""
    folders = [module.folder for each, module in tree.modules.items() if each <= number]
    return "\n".join(
        path.read_text(encoding="utf-8") for folder in folders for path in sorted(folder.glob("*")) if path.suffix in (".hpp", ".cpp")
    )


VALUE = re.compile(r"[^A-Za-z]*|\W*-?\d+x-?\d+\W*|\W*nan\W*|\W*-?inf\W*")  # a number, a shape, a size
CALLED = re.compile(r"\b(\w+)\s*[({]")  # a function or a class, with its arguments
SYSTEM = ("No such file or directory", "Is a directory", "Permission denied")  # what the operating system says
GAP = r'(?:\s|//|"\s*")+'  # words of a message or a comment may stand on two lines


def is_told(question: Question, text: str) -> bool:
    """Whether the piece is visible, where numbers, shapes and what the test hands in may stand for a {} of a template."""
    piece = question.piece.replace('\\"', '"')
    if piece.rstrip(":") in CALLED.findall(question.statement):
        return re.search(rf"[\"'`]{re.escape(piece)}", text + named_in(question.file)) is not None
    handed = question.statement + question.before
    if piece in text or question.piece in text or piece in handed or any(piece in each for each in SYSTEM):
        return True
    fixed = [_pattern(word, handed) for word in piece.split()]
    while fixed and fixed[0] is None:
        fixed.pop(0)
    while fixed and fixed[-1] is None:
        fixed.pop()
    return not fixed or re.search(GAP.join(each or r"\S+" for each in fixed), text) is not None


def named_in(file: str) -> str:
    """The names that a test gives to what it makes itself: `Mine() : Base("Mine")`."""
    return " ".join(re.findall(r':\s*\w+\(("\w+")', file))


def _pattern(word: str, handed: str) -> str | None:
    """What a word of a piece looks like in a template; None for a value."""
    bare = word.strip("'\"`.,:;()[]{}")
    if VALUE.fullmatch(word) or not bare or re.search(rf"(?<![\w]){re.escape(bare)}(?!\w)", handed):
        return None
    return re.escape(word)


def problems_of(tree: Tree, module: Module) -> list[str]:
    text = visible(tree, module.number)
    questions = [each for path in sorted((tree.root / "tests" / module.name).glob("*.cpp")) for each in questions_of(path)]
    return [
        f"{relative(each.path, tree.root)}:{each.line}: '{each.piece}' is in no contract, header or given text."
        for each in questions
        if not is_told(each, text)
    ]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("modules", nargs="*", metavar="NN")
    chosen = parser.parse_args(arguments)
    tree = find_tree()
    require_solutions(tree)
    modules = [tree.module(name) for name in chosen.modules] or list(tree.modules.values())
    problems = [problem for module in modules for problem in problems_of(tree, module)]
    print("\n".join(problems) or f"tests of {len(modules)} modules ask for no word that nobody was told")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(guarded(main, sys.argv[1:]))
