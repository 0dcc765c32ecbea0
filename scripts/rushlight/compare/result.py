"""What a benchmark says: one of five severities, whether it passed, a sentence and its figures.

The form is that of TransformerLens' benchmarks (transformer_lens/benchmarks/utils.py), whose users know it.
"""

from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Iterable, Optional

LINE = "=" * 80


class BenchmarkSeverity(Enum):
    INFO = "info"  # all well
    WARNING = "warning"  # differs where it may
    DANGER = "danger"  # differs where it may not
    ERROR = "error"  # the benchmark itself could not be carried out
    SKIPPED = "skipped"  # nothing to look at


ICONS = {
    BenchmarkSeverity.INFO: "🟢",
    BenchmarkSeverity.WARNING: "🟡",
    BenchmarkSeverity.DANGER: "🔴",
    BenchmarkSeverity.ERROR: "❌",
    BenchmarkSeverity.SKIPPED: "⏭️",
}


@dataclass
class BenchmarkResult:
    name: str
    severity: BenchmarkSeverity
    message: str
    details: dict[str, Any] = field(default_factory=dict)  # shown in this order
    passed: bool = True
    phase: Optional[int] = None

    @property
    def verdict(self) -> str:
        if self.severity is BenchmarkSeverity.SKIPPED:
            return "SKIPPED"
        return "PASS" if self.passed else "FAIL"

    def __str__(self) -> str:
        lines = [f"{ICONS[self.severity]} [{self.verdict}] {self.name}: {self.message}"]
        return "\n".join(lines + [f"  {key}: {value}" for key, value in self.details.items()])

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "severity": self.severity.value,
            "message": self.message,
            "details": self.details,
            "passed": self.passed,
            "phase": self.phase,
        }


def format_results(results: Iterable[BenchmarkResult]) -> str:
    """All of them, and how many passed; what was skipped counts neither way."""
    results = list(results)
    counted = [each for each in results if each.severity is not BenchmarkSeverity.SKIPPED]
    passed = sum(each.passed for each in counted)
    lines = [LINE, "BENCHMARK RESULTS", LINE, f"Total: {len(results)} benchmarks"]
    if counted:
        share = [f"{count} ({100 * count / len(counted):.1f}%)" for count in (passed, len(counted) - passed)]
        lines += [f"Passed: {share[0]}", f"Failed: {share[1]}"]
    if skipped := len(results) - len(counted):
        lines.append(f"Skipped: {skipped}")
    counts = {severity: sum(each.severity is severity for each in results) for severity in BenchmarkSeverity}
    lines += [f"{ICONS[severity]} {severity.name}: {count}" for severity, count in counts.items() if count]
    lines.append("-" * 80)
    for each in results:
        lines += [str(each), ""]
    return "\n".join([*lines[: -1 if results else None], LINE])
