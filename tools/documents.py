"""The documents that people read, for the programs that ask something about each."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PATTERNS = ("*.md", "docs/*.md", "modules/*/README.md", "milestones/**/*.md", "tests/**/*.md", "tools/*.md", "site/content/**/*.md")


def documents(named: list[Path]) -> list[Path]:
    """Those that are named; all, if none is."""
    return [path.resolve() for path in named] or sorted({path for pattern in PATTERNS for path in ROOT.glob(pattern)})
