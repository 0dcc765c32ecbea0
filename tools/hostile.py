#!/usr/bin/python3
"""Tries submissions that do not play by the rules, and honest ones that look as if: what verdict does each get?

    hostile.py --build DIR [--jobs 2] [ID ...]

tests/hostile/*.json lists them: [{"id", "why", "state", "says"}] with what is put into the reference's shape.cpp, the
smallest file of module 01: `top` before the namespace, `inside` at its beginning, `body` at the beginning of the first
function. `state` is what task 01.1 must be, `says` a word of the message. The function is wrong besides ("base":
"right" leaves it right), so that a pass is a forged one. `place` says what the file is instead of a file, `environment`
sets variables for the compiler. Each is compiled as students' files are, linked with the rest of the reference, and
run by the launcher; or, with "milestone", as `rush milestone` runs that one's negative control, which only a forged
result lets pass (an honest one, that should pass, trains in earnest). Exit status 1 when one got another verdict.
"""

import argparse
import os
import shlex
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from program import guarded, require_solutions

import overlay
from rushlight.basics.errors import RushError
from rushlight.basics.files import read_json, relative
from rushlight.building.compile_errors import read_failures
from rushlight.course.manifest import Module
from rushlight.course.tree import Tree, find_tree
from rushlight.milestones import recount, run as training
from rushlight.milestones.follow import follow

NUMBER, FILE, TASK = "01", "shape.cpp", "01.1"
NAMESPACE = "namespace rushlight {\n"
FUNCTION = "Shape strides_of(const Shape& shape) {\n"
RIGHT, WRONG = "return strides;", "return shape;"
STEP = Path(__file__).resolve().parents[1] / "scripts" / "build_step.py"


@dataclass(frozen=True)
class Submission:
    id: str
    why: str
    state: str
    says: str
    top: str = ""
    inside: str = ""
    body: str = ""
    base: str = "wrong"
    place: str = "file"
    environment: dict = field(default_factory=dict)
    milestone: str = ""


@dataclass(frozen=True)
class Verdict:
    state: str
    message: str
    seconds: float = 0.0


def load(tree: Tree) -> list[Submission]:
    found = []
    for path in sorted((tree.root / "tests" / "hostile").glob("*.json")):
        for entry in read_json(path):
            try:
                found.append(Submission(**entry | {"id": f"{path.stem}.{entry['id']}"}))
            except (TypeError, KeyError) as error:
                raise RushError(f"{relative(path, tree.root)}: {entry.get('id', '?')}: {error}") from None
    return found


def text_of(submission: Submission, solution: str) -> str:
    """The reference's file with the submission's pieces in their places."""
    for piece in (NAMESPACE, FUNCTION, RIGHT):
        if solution.count(piece) != 1:
            raise RushError(f"{FILE} of the reference has `{piece.strip()}` {solution.count(piece)} times, not once.")
    text = solution if submission.base == "right" else solution.replace(RIGHT, WRONG)
    text = text.replace(FUNCTION, FUNCTION + (f"  {submission.body}\n" if submission.body else ""))
    return text.replace(NAMESPACE, (f"{submission.top}\n" if submission.top else "") + NAMESPACE + f"{submission.inside}\n")


def put(submission: Submission, text: str, source: Path) -> None:
    if submission.place == "symlink":
        (source.parent / "elsewhere.cpp").write_text(text, encoding="utf-8")
        source.symlink_to("elsewhere.cpp")
    elif submission.place == "fifo":
        os.mkfifo(source)
    elif submission.place == "folder":
        source.mkdir()
    else:
        source.write_text(text, encoding="utf-8")


def compile_within_rules(where: overlay.Place, original: Path, source: Path, output: Path, environment: dict) -> str:
    """As the build compiles a student's file; the first thing that it has against it, or nothing."""
    directory, words = overlay.compile_command(where, original, source, output)
    step = [sys.executable, "-S", "-E", str(STEP), "compile", "--module", NUMBER, "--"]
    done = subprocess.run(
        [*step, *words, "-MD", "-MF", f"{output}.d"],
        cwd=directory,
        capture_output=True,
        text=True,
        errors="replace",
        env={**os.environ, "LC_ALL": "C.UTF-8", **environment},
        timeout=300,
    )
    if done.returncode == 0:
        return ""
    block = f"FAILED: x\n{shlex.join(words)}\n{done.stderr}"
    return next((failure.message for failure in read_failures(block, where.tree.root)), done.stderr)


def target_of(submission: Submission) -> str:
    name = submission.milestone
    return f"milestones/milestone_{name}_solution" if name else f"tests/test_{NUMBER}_solution"


def train(tree: Tree, submission: Submission, program: Path, folder: Path) -> tuple[str, str]:
    """State and message, as `rush milestone` has them."""
    options: dict = dict.fromkeys(("seed", "epochs", "data")) | {"accelerated": False, "quick": False, "own": []}
    run = training.Run(submission.milestone, "solution", folder, options | {"control": submission.state != "pass"})
    follow(run, training.command(program, run, False), lambda event: None, lambda text: None)
    recount.check(tree, run)
    problem = training.failure(tree, run)
    return ("pass", "") if run.accepted else ("wrong", str(problem) if problem else "missed its bar")


def try_out(where: overlay.Place, module: Module, submission: Submission) -> Verdict:
    start = time.monotonic()
    original = where.solution(module, FILE)
    with overlay.scratch(where, submission.id) as folder:
        folder = folder.resolve()
        source, output = folder / FILE, folder / f"{FILE}.o"
        put(submission, text_of(submission, original.read_text(encoding="utf-8")), source)
        if complaint := compile_within_rules(where, original, source, output, submission.environment):
            return Verdict("wrong", complaint, time.monotonic() - start)
        program = folder / "program"
        try:
            overlay.link_as(where, target_of(submission), [output], program)
        except overlay.CompileError as error:
            return Verdict("wrong", str(error), time.monotonic() - start)
        if submission.milestone:
            return Verdict(*train(where.tree, submission, program, folder), time.monotonic() - start)
        (task,) = overlay.launch(where, module, program, [TASK])
        return Verdict(task["state"], task["message"], time.monotonic() - start)


def complaint(submission: Submission, verdict: Verdict) -> str:
    if verdict.state != submission.state:
        return f"is {verdict.state}, and should be {submission.state}: {verdict.message or 'no message'}"
    if submission.says not in verdict.message:
        return f"does not say `{submission.says}`: {verdict.message}"
    if any(ord(c) < 32 and c not in "\n\t" for c in verdict.message):
        return "passes control characters on to the terminal"
    return ""


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Tries submissions that do not play by the rules.")
    parser.add_argument("ids", nargs="*", metavar="ID", help="only these, such as uses or uses.use-write")
    parser.add_argument("--build", type=Path, required=True, help="the build folder")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args(arguments)
    tree = find_tree()
    require_solutions(tree)
    where = overlay.place(tree, options.build)
    wanted = [one for one in load(tree) if not options.ids or any(one.id.startswith(each) for each in options.ids)]
    if not wanted:
        raise RushError("there is no such submission in tests/hostile.", "name one as: hostile.py uses.use-write")
    overlay.make(where, sorted({"launcher", *(Path(target_of(one)).name for one in wanted)}), options.jobs)
    start, failures = time.monotonic(), 0
    with ThreadPoolExecutor(options.jobs) as pool:
        verdicts = pool.map(lambda one: try_out(where, tree.module(NUMBER), one), wanted)
        for submission, verdict in zip(wanted, verdicts):
            if problem := complaint(submission, verdict):
                failures += 1
                print(f"{submission.id} ({submission.why}) {problem}", flush=True)
    honest = sum(one.state == "pass" for one in wanted)
    print(
        f"{len(wanted) - failures} of {len(wanted)} submissions got the verdict they should, "
        f"{honest} of them honest ({time.monotonic() - start:.0f} s)"
    )
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(guarded(main, sys.argv[1:]))
