"""The list of distribution packages (scripts/packages.txt) and what dpkg knows of them."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

LIST = Path(__file__).resolve().parents[2] / "packages.txt"


@dataclass(frozen=True)
class Package:
    name: str
    tested: str  # the lowest version that was tested
    required: bool
    purpose: str


def wanted(path: Path = LIST) -> list[Package]:
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    fields = [line.split(maxsplit=3) for line in lines]
    return [Package(name, tested, need == "required", purpose) for name, tested, need, purpose in fields]


def installed_versions(names: list[str]) -> dict[str, str] | None:
    """Versions by name; None where there is no dpkg to ask."""
    if shutil.which("dpkg-query") is None:
        return None
    command = ["dpkg-query", "-W", "-f", "${Package} ${Version} ${db:Status-Status}\n", *names]
    rows = subprocess.run(command, capture_output=True, text=True).stdout.splitlines()
    return {name: version for name, version, status in map(str.split, rows) if status == "installed"}


def at_least(version: str, tested: str) -> bool:
    return subprocess.run(["dpkg", "--compare-versions", version, "ge", tested]).returncode == 0
