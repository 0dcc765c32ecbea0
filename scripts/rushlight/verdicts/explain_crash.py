"""Why a test crashed: its task once more, with the module's code under AddressSanitizer."""

import json
import subprocess
from dataclasses import replace

from ..basics.process import plain_environment
from ..building.build import Build
from ..course.tree import Unit
from .sanitizer_words import in_words
from .verdict import TaskVerdict

NO_SECOND_RUN = ("ran longer", "not run")  # a loop without end, or a case that never began
OPTIONS = {"ASAN_OPTIONS": "detect_leaks=0:color=never:handle_abort=1"}  # abort: a failed bounds check


def debug_target(unit: Unit, stack: str) -> str | None:
    """The student's module without optimisation and under AddressSanitizer; no other code is made so."""
    return f"{unit.target(stack)}_debug" if unit.module and stack in ("own", "isolated") else None


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
    finding = _run_again(build, unit, target, crashed.id, failure["case"])
    if "Sanitizer" not in finding:
        return verdicts
    words = in_words(build.tree, finding, printed=failure["message"])
    message = _joined(words, failure["message"]) if words else f"{failure['message']}\n{finding}"
    details = tuple({**d, "message": message} if d is failure else d for d in crashed.details)
    explained = replace(crashed, message=message, details=details)
    return [explained if verdict is crashed else verdict for verdict in verdicts]


def _joined(words: str, message: str) -> str:
    """The sentence, then the signal's name without its guesses, then what the program printed."""
    first, *printed = message.split("\n")
    return "\n".join([words, f"({first.partition(':')[0]})", *printed])


def _worth_a_second_run(verdict: TaskVerdict) -> bool:
    failure = verdict.first_failure
    return failure is not None and not any(words in failure["message"] for words in NO_SECOND_RUN)


def _run_again(build: Build, unit: Unit, target: str, task: str, case: str) -> str:
    """What the launcher says of this case now; it knows how to read a sanitizer's report."""
    command = [str(build.launcher), "--exe", str(build.test_executable(target)), "--cases", str(unit.cases)]
    done = subprocess.run(
        [*command, "--task", task, "--json", "--memory", "0"],
        cwd=build.tree.root,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        env=plain_environment() | OPTIONS,
    )
    try:
        details = json.loads(done.stdout)["tasks"][0]["details"]
    except (ValueError, LookupError, TypeError):
        return ""
    return next((detail["message"] for detail in details if detail["case"] == case), "")
