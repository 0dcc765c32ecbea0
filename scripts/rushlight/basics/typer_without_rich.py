"""typer without rich, which it would load for its help pages: a quarter of a second, paid by every command.

Whoever draws something imports rich for that.
"""

import sys

_rich = sys.modules.get("rich")
sys.modules["rich"] = None  # type: ignore[assignment]  # "cannot be imported": typer then does without
try:
    import click
    import typer
    import typer.core
finally:
    del sys.modules["rich"]
    if _rich is not None:
        sys.modules["rich"] = _rich

__all__ = ["click", "typer"]
