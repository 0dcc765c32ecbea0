"""What a comparison leaves out and what it puts up with: data, in policies.json, under a name."""

import json
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path

from ..basics.errors import RushError
from .tensors import ATOL, RTOL

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Policy:
    name: str
    atol: float = ATOL
    rtol: float = RTOL
    excluded: frozenset[str] = frozenset()  # hook points that are not compared
    acceptable: tuple[str, ...] = ()  # parts of names: values that differ there are a warning
    acceptable_critical: tuple[str, ...] = ()  # more of them, for the critical hook points
    structural_zeros: tuple[str, ...] = ()  # parameters whose true gradient is zero: patterns of names

    def accepts(self, name: str, critical: bool = False) -> bool:
        patterns = self.acceptable + (self.acceptable_critical if critical else ())
        return any(pattern in name for pattern in patterns)

    def is_structural_zero(self, name: str) -> bool:
        return any(fnmatchcase(name, pattern) for pattern in self.structural_zeros)


def names() -> list[str]:
    return list(_policies())


def policy(name: str) -> Policy:
    found = _policies().get(name)
    if found is None:
        raise RushError(f'there is no policy "{name}".', f"choose one of: {', '.join(names())}.")
    lists = ("acceptable", "acceptable_critical", "structural_zeros")
    return Policy(
        name, found["atol"], found["rtol"], frozenset(found["excluded"]), *(tuple(found.get(each, ())) for each in lists)
    )


def named_hooks(what: str) -> list[str]:
    """`critical`, `structure` (parts of names) or `gated` (ends of names)."""
    return json.loads((HERE / "critical.json").read_text(encoding="utf-8"))[what]


@lru_cache(maxsize=1)
def _policies() -> dict[str, dict]:
    return json.loads((HERE / "policies.json").read_text(encoding="utf-8"))


STRICT = policy("strict")
