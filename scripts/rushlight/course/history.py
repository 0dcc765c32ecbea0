"""The student's own history of the course: a git repository, begun with the course as it was handed out."""

import shutil
import subprocess
from pathlib import Path

from ..basics.errors import RushError

COMMANDS = ("git init -q", "git add -A", "git commit -q -m 'The course as it was handed out'")


def can_begin(root: Path) -> bool:
    """git is there, and nobody keeps a history of this folder yet."""
    return shutil.which("git") is not None and _git(root, "rev-parse", "--is-inside-work-tree").returncode != 0


def begin(root: Path) -> None:
    """A name is only made up where the student has told git none."""
    named = _git(root, "config", "user.email").returncode == 0
    who = [] if named else ["-c", "user.name=student", "-c", "user.email=student@localhost"]
    for words in (["init", "-q"], ["add", "-A"], [*who, "commit", "-q", "-m", "The course as it was handed out"]):
        done = _git(root, *words)
        if done.returncode != 0:
            raise RushError(f"git {words[0]} failed: {done.stderr.strip()}", " && ".join(COMMANDS), code=1)


def _git(root: Path, *words: str) -> subprocess.CompletedProcess:
    return subprocess.run(["git", "-C", str(root), *words], capture_output=True, text=True, stdin=subprocess.DEVNULL)
