"""Compiles every block of the documents that says it is C++. A whole program stands for itself; a part of one is put
where it can stand, behind what a comment above it gives:  <!-- given: Tensor loss; -->
"""

import argparse
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from documents import ROOT, documents

BLOCK = re.compile(r"(?:^<!-- given: (?P<given>.*?) -->\n+)?^```cpp\n(?P<code>.*?)^```$", re.DOTALL | re.MULTILINE)
DECLARES = re.compile(r"(__global__ )?(struct|class|template|using|[\w:<>&*]+ [\w:]+\(.*\) \{)")
COMPILER = ("g++", "-std=c++20", "-fsyntax-only", "-w", "-Imodules", "-Imodules/22_cuda/emulator", "-x", "c++", "-")


@dataclass
class Snippet:
    document: str
    line: int  # of its first line of code
    code: str
    given: str

    @property
    def program(self) -> str:
        """What is compiled: a compiler that complains names the document and its line."""
        here = f'#line {self.line} "{self.document}"\n{self.code}\n'
        if "int main(" in self.code:
            return here
        includes = [line for line in self.given.splitlines() if line.startswith("#")]
        given = "\n".join(line for line in self.given.splitlines() if not line.startswith("#"))
        first = next(line for line in self.code.splitlines() if line.strip() and not line.startswith("//"))
        body = f"{given}\n{here}" if DECLARES.match(first) else f"void snippet() {{\n{given}\n{here}}}\n"
        return "\n".join([*includes, '#include "01_tensor/todo.hpp"', "using namespace rushlight;", body])


def snippets(document: Path) -> list[Snippet]:
    text = document.read_text(encoding="utf-8")
    name = str(document.relative_to(ROOT))
    return [
        Snippet(name, text.count("\n", 0, found.start("code")) + 1, found["code"], found["given"] or "")
        for found in BLOCK.finditer(text)
    ]


def complaint(snippet: Snippet) -> str:
    """What the compiler says against it; empty if nothing."""
    done = subprocess.run(COMPILER, cwd=ROOT, input=snippet.program, capture_output=True, text=True)
    return "" if done.returncode == 0 else next((line for line in done.stderr.splitlines() if "error" in line), done.stderr[:500])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("documents", nargs="*", type=Path, help="all of them unless some are named")
    arguments = parser.parse_args()
    found = [snippet for document in documents(arguments.documents) for snippet in snippets(document)]
    with ThreadPoolExecutor(arguments.jobs) as pool:
        complaints = [text for text in pool.map(complaint, found) if text]
    print("\n".join([*complaints, f"{len(found)} blocks of C++, {len(complaints)} do not compile"]))
    return 1 if complaints or not found else 0


if __name__ == "__main__":
    sys.exit(main())
