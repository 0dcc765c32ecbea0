"""Builds a module's reference test program with one source file replaced, in a scratch folder.

The replaced file compiles with the very flags of the build (compile_commands.json), and its object stands before the
archives in the program's own link line, so that the linker never pulls the original out of its archive. Neither the
sources nor the build folder's own files change.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Iterator

from rushlight.basics.errors import RushError
from rushlight.course.manifest import Module
from rushlight.course.tree import Tree


# What no student writes, and where it lies, by the folder of its tests.
ELSEWHERE = {"milestones": "milestones", "integration": "modules"}


class CompileError(Exception):
    """The replaced source does not compile or link; the text is the compiler's."""


@dataclass(frozen=True)
class Place:
    """A course tree and its build folder."""

    tree: Tree
    build: Path

    @property
    def launcher(self) -> Path:
        return self.build / "tests" / "launcher"

    def program(self, number: str, stack: str = "solution") -> Path:
        return self.build / "tests" / f"test_{number}_{stack}"

    def cases(self, module: Module) -> Path:
        return self.tree.root / "tests" / module.name / "cases.txt"

    def solution(self, module: Module, file: str) -> Path:
        return source_of(self.tree, module, file)


def source_of(tree: Tree, module: Module, file: str) -> Path:
    """A student's file as the reference has it, or one that is the same for everybody."""
    return tree.root / ELSEWHERE.get(module.name, f"solutions/{module.name}") / file


def place(tree: Tree, build: Path) -> Place:
    build = build.resolve()
    if not (build / "build.ninja").is_file():
        raise RushError(f"{build} is not a build folder (no build.ninja).", "make one: cmake --preset student")
    return Place(tree, build)


def make(where: Place, targets: list[str], jobs: int) -> None:
    """Builds targets, silently unless something breaks."""
    command = ["cmake", "--build", str(where.build), "-j", str(jobs), "--target", *targets]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise RushError(f"{shlex.join(command)} failed:\n{(done.stdout + done.stderr)[-3000:]}")


@contextmanager
def scratch(where: Place, name: str) -> Iterator[Path]:
    """A folder under the build folder, gone afterwards."""
    parent = where.build / "overlay"
    parent.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@lru_cache(maxsize=None)
def _compile_commands(build: Path) -> dict[str, tuple[str, str, str]]:
    """Of each file where, how and as what it is compiled: several may be one to the compiler (UNITY_BUILD). Of two ways the
    first counts: a second one is that of the build that looks for what a crash was."""
    found: dict[str, tuple[str, str, str]] = {}
    for entry in json.loads((build / "compile_commands.json").read_text(encoding="utf-8")):
        how = (entry["directory"], entry["command"], entry["file"])
        path = Path(entry["file"])
        together = path.parent.name == "Unity"
        parts = re.findall(r'#include "(.+)"', path.read_text(encoding="utf-8")) if together else [path]
        for part in parts:
            found.setdefault(str(Path(part)), how)
    return found


@lru_cache(maxsize=None)
def _link_command(build: Path, target: str) -> list[str]:
    done = subprocess.run(["ninja", "-C", str(build), "-t", "commands", target], capture_output=True, text=True)
    for line in reversed(done.stdout.splitlines()):
        for part in line.split(" && "):
            words = shlex.split(part)
            words = words[words.index("--") + 1 :] if "--" in words else words  # what stands before the linker itself
            if "-o" in words and words[words.index("-o") + 1] == target:
                return words
    raise RushError(f"ninja knows no link command for {target}: {done.stderr.strip()}", f"configure {build} again")


def _without_dependency_output(words: list[str]) -> list[str]:
    """-MD and its files would overwrite what ninja knows of the real object."""
    kept, skip = [], False
    for word in words:
        if skip:
            skip = False
        elif word in ("-MF", "-MT"):
            skip = True
        elif word != "-MD":
            kept.append(word)
    return kept


def compile_command(where: Place, original: Path, source: Path, output: Path) -> tuple[str, list[str]]:
    """Where and how `source` is compiled as the build compiles `original`, without debug information."""
    entry = _compile_commands(where.build).get(str(original))
    if entry is None:
        raise RushError(f"{where.build}/compile_commands.json has no {original}.", "configure that folder again")
    directory, command, compiled = entry
    words = _without_dependency_output(shlex.split(command))
    words[words.index("-o") + 1] = str(output)
    words = [str(source) if word == compiled else word for word in words]
    return directory, words + ["-w", "-g0"]  # nobody will debug it


def compile_as(where: Place, original: Path, source: Path, output: Path) -> None:
    directory, words = compile_command(where, original, source, output)
    _run(words, directory)


def options(module: Module) -> list[str]:
    """What is given is linked as objects, not pulled from an archive: the first definition counts."""
    return ["-Wl,--allow-multiple-definition"] if ELSEWHERE.get(module.name) == "modules" else []


def link_with(where: Place, number: str, objects: list[Path | str], output: Path) -> None:
    """Links the module's reference test program with these objects (or options) ahead of the archives."""
    link_as(where, str(where.program(number).relative_to(where.build)), objects, output)


def link_as(where: Place, target: str, objects: list[Path | str], output: Path) -> None:
    """Links as the build links `target`, with these objects (or options) ahead of the archives."""
    words = list(_link_command(where.build, target))
    at = words.index("-o")
    _run([*words[:at], "-o", str(output), *map(str, objects), *words[at + 2 :]], str(where.build))


def _run(words: list[str], directory: str) -> None:
    environment = {**os.environ, "CCACHE_DISABLE": "1", "LC_ALL": "C"}  # every text is new: a cache would only grow
    done = subprocess.run(words, cwd=directory, capture_output=True, text=True, env=environment)
    if done.returncode != 0:
        raise CompileError(first_error(done.stderr or done.stdout))


def first_error(output: str) -> str:
    lines = [line for line in output.splitlines() if re.search(r"\berror\b|undefined|duplicate", line)]
    return lines[0] if lines else output.strip()[-500:]


def compile_overlay(where: Place, module: Module, texts: dict[str, str], folder: Path) -> list[Path]:
    """Objects of these files' texts, compiled as the solution's."""
    objects = []
    for file, text in texts.items():
        source = folder / Path(file).name
        source.write_text(text, encoding="utf-8")
        objects.append(folder / f"{source.name}.o")
        compile_as(where, where.solution(module, file), source, objects[-1])
    return objects


def build_overlay(where: Place, module: Module, texts: dict[str, str], folder: Path) -> Path:
    """The module's reference test program with these files' texts in place of the solution's."""
    program = folder / "program"
    link_with(where, module.number, compile_overlay(where, module, texts, folder), program)
    return program


def launch(where: Place, module: Module, program: Path, tasks: list[str]) -> list[dict]:
    """The launcher's verdicts, a dictionary a task, on these tasks (on all if there are none)."""
    command = [str(where.launcher), "--exe", str(program), "--cases", str(where.cases(module)), "--json"]
    command += ["--jobs", "1"]  # several programs are tried at the same time already
    for task in tasks:
        command += ["--task", task]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace")
    try:
        return json.loads(done.stdout)["tasks"]
    except ValueError:
        what = " ".join(tasks) or module.name
        raise RushError(f"{what}: no verdict: {done.stderr.strip() or f'exit status {done.returncode}'}") from None
