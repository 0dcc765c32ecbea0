"""Why a test crashed: the same test once more, with the module's code under AddressSanitizer."""

import os
import re
import subprocess
from dataclasses import replace
from pathlib import Path

from .build import Build
from .process import plain_environment
from .tree import Unit
from .verdict import TaskVerdict

PATIENCE = 30  # seconds for one case
NO_SECOND_RUN = ("ran longer", "not run")  # a loop without end, or a case that never began
OPTIONS = {"ASAN_OPTIONS": "detect_leaks=0:abort_on_error=0:color=never", "UBSAN_OPTIONS": "print_stacktrace=1"}


def debug_target(unit: Unit, stack: str) -> str | None:
    """The student's module without optimisation and under AddressSanitizer; nothing of the reference is made so."""
    return f"{unit.target(stack)}_debug" if unit.module and stack != "solution" else None


def explain_crash(build: Build, unit: Unit, stack: str, verdicts: list[TaskVerdict]) -> list[TaskVerdict]:
    """The verdicts; the message of the first crash says what AddressSanitizer saw, and where."""
    target = debug_target(unit, stack)
    crashed = next((v for v in verdicts if v.state == "crash" and _worth_a_second_run(v)), None)
    if target is None or crashed is None:
        return verdicts
    failure = crashed.first_failure
    assert failure is not None
    if target not in build.build([target], f"building {unit.key} under AddressSanitizer, to explain a crash").ready:
        return verdicts
    finding = _run_again(build, target, failure["case"])
    if finding is None:
        return verdicts
    message = f"{failure['message']}\n{finding}"
    details = tuple({**d, "message": message} if d is failure else d for d in crashed.details)
    explained = replace(crashed, message=message, details=details)
    return [explained if verdict is crashed else verdict for verdict in verdicts]


def _worth_a_second_run(verdict: TaskVerdict) -> bool:
    failure = verdict.first_failure
    return failure is not None and not any(words in failure["message"] for words in NO_SECOND_RUN)


def _run_again(build: Build, target: str, case: str) -> str | None:
    try:
        done = subprocess.run(
            [str(build.test_executable(target)), f"--gtest_filter={case}"],
            cwd=build.tree.root,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            env=plain_environment() | OPTIONS,
            timeout=PATIENCE,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return read_report(done.stderr, build.tree.root)


def read_report(text: str, root: Path) -> str | None:
    """One line from a report of AddressSanitizer: what happened, and the first frame in the course's own code."""
    kind = re.search(r"ERROR: AddressSanitizer: ([\w-]+)", text)
    if not kind:
        return None
    access = re.search(r"^(READ|WRITE) of size (\d+)", text, re.MULTILINE)
    what = kind[1] + (f", {access[1].lower()} of {access[2]} bytes" if access else "")
    for name, path, line in re.findall(r"^\s+#\d+ 0x\w+ in (.+?) (/[^\s:]+):(\d+)", text, re.MULTILINE):
        relative = os.path.relpath(path, root)
        if relative.startswith(("modules/", "solutions/")):
            return f"AddressSanitizer: {what}, in {name.split('(')[0]}, {relative}:{line}"
    return f"AddressSanitizer: {what}"
