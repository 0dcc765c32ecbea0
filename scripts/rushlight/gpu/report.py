"""What became of the checks on the GPU, as gpu-report.json and as a Markdown table. It holds no times."""

import json
from pathlib import Path

from ..basics.files import write_atomic


def table(checks: dict[str, int]) -> str:
    lines = ["| check | result |", "|---|---|"]
    lines += [f"| {name} | {'passed' if code == 0 else f'status {code}'} |" for name, code in checks.items()]
    return "\n".join(lines) + "\n"


def write(root: Path, checks: dict[str, int]) -> None:
    text = table(checks)
    write_atomic(root / "gpu-report.json", json.dumps({"checks": checks}, indent=1) + "\n")
    write_atomic(root / "gpu-report.md", text)
    print(text, end="")
