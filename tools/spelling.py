"""Asks hunspell about every word of the documents. What the course says and no dictionary knows stands in words.txt."""

import argparse
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

from documents import ROOT, documents

KNOWN = Path(__file__).with_name("words.txt")
# What is no prose: code, formulas, comments and tags, addresses, and names with signs or digits inside.
NO_PROSE = re.compile(
    r"^ *```.*?^ *```$|<!--.*?-->|<[^>]+>|\$\$.*?\$\$|\$[^$\n]+\$|`[^`]*`|\]\([^)]*\)|https?://\S+|^ *\|?[-| :]+$"
    r"|\b\w*[_0-9/.:]\w[\w./:-]*|\w+\(\)",
    re.DOTALL | re.MULTILINE,
)
WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
ENDING = re.compile(r"['’](s|ll|d|re|ve|t|m)$")


def words(text: str) -> dict[str, int]:
    """Each word with the first line that has it."""
    prose = NO_PROSE.sub(lambda found: "\n" * found.group().count("\n") + " ", text)
    found: dict[str, int] = {}
    for number, line in enumerate(prose.splitlines(), 1):
        for word in WORD.findall(line):
            found.setdefault(ENDING.sub("", word.replace("’", "'")), number)
    return found


def unknown(asked: set[str], known: set[str]) -> set[str]:
    """Those that neither hunspell's American English nor the course's list has."""
    command = ["hunspell", "-d", "en_US", "-i", "UTF-8", "-l"]
    done = subprocess.run(command, input="\n".join(sorted(asked)), capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"hunspell could not be asked: {done.stderr.strip()[:300]}. apt-get install hunspell hunspell-en-us")
    return {word for word in done.stdout.split() if word not in known and word.lower() not in known}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("documents", nargs="*", type=Path, help="all of them unless some are named")
    arguments = parser.parse_args()
    if shutil.which("hunspell") is None:
        print("not checked: spelling (hunspell is not installed)")
        return 0
    places = defaultdict(list)
    for document in documents(arguments.documents):
        for word, line in words(document.read_text(encoding="utf-8")).items():
            places[word].append(f"{document.relative_to(ROOT)}:{line}")
    wrong = sorted(unknown(set(places), set(KNOWN.read_text(encoding="utf-8").split())))
    print("\n".join([*(f"{places[word][0]}: {word}" for word in wrong), f"{len(places)} words, {len(wrong)} unknown"]))
    return 1 if wrong or not places else 0


if __name__ == "__main__":
    sys.exit(main())
