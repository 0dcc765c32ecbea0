"""Builds what is asked for, runs it through the launcher and returns verdicts: the path behind every verdict."""

import json
import os
import subprocess
from dataclasses import dataclass

from ..basics.errors import RushError
from ..basics.process import plain_environment, stop
from ..basics.terminal import working
from ..building.build import Build
from ..course.tree import Task, Tree, Unit
from .cache import VerdictCache
from .explain_crash import explain_crash
from .failed_build import failed_build
from .last import LastVerdicts
from .verdict import TaskVerdict, from_launcher
from .waiting import only_true_waits


@dataclass(frozen=True)
class Request:
    stack: str = "own"
    reference: tuple[str, ...] = ()
    use_cache: bool = True
    race: bool = False  # under ThreadSanitizer, in a build folder of its own


RACE_PRESET = "threads"
RACE_OPTIONS = ("--memory", "0", "--timeout", "100")  # of the launcher: it is some ten times slower, and takes all addresses
TOO_LONG = "ran longer than"  # as the launcher says it; the machine may have been busy: it is tried again
RANKS_OPTIONS = ("--timeout", "40")  # more ranks than processors: each sum waits for turns, and the case's process only sleeps


class Runner:
    def __init__(self, tree: Tree, request: Request) -> None:
        self.tree, self.request = tree, request
        self.build = Build(tree, RACE_PRESET) if request.race else Build(tree)
        self.cache = VerdictCache(self.build)
        self.last = LastVerdicts(self.build)

    def test(self, units: list[Unit], task: Task | None = None) -> list[TaskVerdict]:
        """Verdicts of these units, or of one task of a single unit. The board remembers them."""
        with self.build.lock:
            return self._test(units, task)

    def _test(self, units: list[Unit], task: Task | None) -> list[TaskVerdict]:
        sources = {unit.key: self.last.sources(unit, self.request.stack) for unit in units}
        self.build.ensure(self.request.reference)
        targets = {unit.key: unit.target(self.request.stack) for unit in units if unit.cases.is_file()}
        what = f"building {next(iter(targets.values()))}" if len(targets) == 1 else "building"
        outcome = self.build.build([*targets.values(), "launcher"], what)
        if "launcher" not in outcome.ready:
            raise RushError(f"the launcher of the tests does not build: {outcome.reason}", "scripts/rush doctor")
        verdicts: list[TaskVerdict] = []
        for unit in units:
            if targets.get(unit.key) in outcome.ready:
                found = self.run(unit, task)
            else:
                found = failed_build(self.tree, unit, outcome.failures)
                found = [v for v in found if task is None or v.id == task.id]
            self.last.remember(unit, self.request.stack, sources[unit.key], found, self.request.reference)
            verdicts += found
        return verdicts

    def run(self, unit: Unit, task: Task | None = None) -> list[TaskVerdict]:
        """Runs an executable that is up to date, unless its verdicts are known."""
        stack = self.request.stack
        known = self.cache.load(unit, stack) if self.request.use_cache else None
        if known is None or _took_too_long(known):
            known = from_launcher(unit, self._launch(unit, task))
            known = only_true_waits(self.tree, unit, stack, self.request.reference, known)
            if not self.request.race:  # ThreadSanitizer has explained it
                known = explain_crash(self.build, unit, stack, known)
            if task is None:
                self.cache.save(unit, stack, known)
        return [verdict for verdict in known if task is None or verdict.id == task.id]

    def _launch(self, unit: Unit, task: Task | None) -> dict:
        command = [str(self.build.launcher), "--exe", str(self.build.test_executable(unit.target(self.request.stack)))]
        command += ["--cases", str(unit.cases), "--json", "--sources", str(self.tree.root)]
        command += ["--task", task.id] if task else []
        command += RACE_OPTIONS if self.request.race else RANKS_OPTIONS if os.environ.get("RUSHLIGHT_RANKS") else []
        with working(f"running the tests of {task.id if task else unit.name}"):
            process = subprocess.Popen(
                command,
                cwd=self.tree.root,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                errors="replace",
                env=plain_environment() | self._race_environment(),
            )
            try:
                output, complaint = process.communicate()
            except BaseException:
                stop(process)
                raise
        try:
            report = json.loads(output)
            report["tasks"][0]["state"]
        except (ValueError, LookupError, TypeError):
            reason = complaint.strip() or f"it ended with status {process.returncode} and printed no verdict"
            raise RushError(f"the launcher could not run {unit.name}: {reason}", "scripts/rush doctor") from None
        return report

    def _race_environment(self) -> dict[str, str]:
        """The first race ends the process, and its report is what the case says."""
        if not self.request.race:
            return {}
        suppressions = self.tree.root / "tests" / "support" / "threads.supp"
        return {"TSAN_OPTIONS": f"halt_on_error=1:exitcode=66:color=never:suppressions={suppressions}"}


def _took_too_long(verdicts: list[TaskVerdict]) -> bool:
    return any(TOO_LONG in case.get("message", "") for verdict in verdicts for case in verdict.details)
