"""What the programs in this folder share: whoever imports this first can import rushlight, which lies in scripts/."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scripts"))

from rushlight.basics.errors import RushError  # noqa: E402  found by the line above
from rushlight.course.tree import Tree  # noqa: E402


def guarded(run, arguments: list[str]) -> int:
    """A program's exit status; an error that a person can mend is one message, not a traceback."""
    try:
        return run(arguments)
    except RushError as error:
        print(error.message, file=sys.stderr)
        if error.next_step:
            print(f"Next step: {error.next_step}", file=sys.stderr)
        return error.code
    except KeyboardInterrupt:
        return 130


def require_solutions(tree: Tree) -> None:
    if not tree.has_solutions:
        raise RushError("this copy of the course has no solutions/, and this program works on them.")
