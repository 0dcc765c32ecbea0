"""Text that other programs wrote, as it may be shown."""

import re

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def spelt_out(text: str) -> str:
    """Control characters as `\\x1b`: what a program prints must not paint over the terminal. Lines and tabs stay."""
    return _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", text)
