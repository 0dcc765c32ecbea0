"""The form of a result, and of all of them together."""

from rushlight.compare.result import BenchmarkResult, BenchmarkSeverity, format_results

ONE_OF_EACH = [
    BenchmarkResult("hooks", BenchmarkSeverity.INFO, "All 3/3 hooks match within tolerance", {"matching_hooks": 3}),
    BenchmarkResult("loss", BenchmarkSeverity.WARNING, "Scalars differ"),
    BenchmarkResult("gradients", BenchmarkSeverity.DANGER, "1 hooks differ", {"mismatches": 1}, passed=False),
    BenchmarkResult("model", BenchmarkSeverity.ERROR, "Failed: no", {"error_type": "ValueError"}, passed=False),
    BenchmarkResult("cuda", BenchmarkSeverity.SKIPPED, "There is no such device"),
]

EXPECTED = """\
================================================================================
BENCHMARK RESULTS
================================================================================
Total: 5 benchmarks
Passed: 2 (50.0%)
Failed: 2 (50.0%)
Skipped: 1
🟢 INFO: 1
🟡 WARNING: 1
🔴 DANGER: 1
❌ ERROR: 1
⏭️ SKIPPED: 1
--------------------------------------------------------------------------------
🟢 [PASS] hooks: All 3/3 hooks match within tolerance
  matching_hooks: 3

🟡 [PASS] loss: Scalars differ

🔴 [FAIL] gradients: 1 hooks differ
  mismatches: 1

❌ [FAIL] model: Failed: no
  error_type: ValueError

⏭️ [SKIPPED] cuda: There is no such device
================================================================================"""


def test_the_text_of_one_result_of_each_severity():
    assert format_results(ONE_OF_EACH) == EXPECTED


def test_what_was_skipped_counts_in_no_percentage():
    text = format_results([ONE_OF_EACH[0], ONE_OF_EACH[4]])
    assert "Passed: 1 (100.0%)" in text and "Skipped: 1" in text
    assert "%" not in format_results([ONE_OF_EACH[4]])


def test_a_result_passes_unless_it_says_otherwise():
    result = BenchmarkResult("a", BenchmarkSeverity.INFO, "fine")
    assert result.passed and result.phase is None and result.details == {}
    assert set(result.as_json()) == {"name", "severity", "message", "details", "passed", "phase"}
