"""What became of the checks on the GPU, and how long its kernels take, as gpu-report.json and as Markdown."""

import json
from pathlib import Path

from ..basics.files import write_atomic


def times_in(output: str) -> dict | None:
    """The line of JSON that the program with --times prints."""
    lines = [line for line in output.splitlines() if line.startswith('{"card"')]
    return json.loads(lines[-1]) if lines else None


def table(checks: dict[str, int], times: dict | None = None) -> str:
    lines = ["| check | result |", "|---|---|"]
    lines += [f"| {name} | {'passed' if code == 0 else f'status {code}'} |" for name, code in checks.items()]
    return "\n".join(lines + _times(times)) + "\n"


def _times(times: dict | None) -> list[str]:
    if times is None:
        return []
    lines = ["", f"{times['card']}: a copy reads and writes {times['copy_gb_per_s']:.0f} GB/s.", ""]
    lines += ["| kernel | shape | ms | at best | share | of |", "|---|---|--:|--:|--:|---|"]
    for each in times["kernels"]:
        share = each["floor_ms"] / each["ms"]
        lines.append(
            f"| {each['kernel']} | {each['shape']} | {each['ms']:.3f} | {each['floor_ms']:.3f} | {share:.0%} | {each['roof']} |"
        )
    return lines


def write(root: Path, checks: dict[str, int], times: dict | None = None) -> None:
    text = table(checks, times)
    write_atomic(root / "gpu-report.json", json.dumps({"checks": checks, "times": times}, indent=1) + "\n")
    write_atomic(root / "gpu-report.md", text)
    print(text, end="")
