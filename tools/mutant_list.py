"""The mistakes in tests/mutants: what they are, and whether they can be planted at all. And what tests/variants shares."""

from dataclasses import dataclass, field
from pathlib import Path

import overlay
from cases import suite_of
from rushlight.basics.errors import RushError
from rushlight.basics.files import read_json, relative
from rushlight.course.manifest import Module, Task
from rushlight.course.tree import Tree

KEYS = ("id", "file", "find", "replace", "why", "task")


class Elsewhere(Module):
    """Code that no student writes, as if it were one module: its number is the name of its tests' folder."""

    @property
    def number(self) -> str:
        return self.name


def milestones(tree: Tree) -> Elsewhere:
    """What lies beside the milestones' main.cpp."""
    folder = tree.root / overlay.ELSEWHERE["milestones"]
    files = [str(path.relative_to(folder)) for path in folder.glob("*/*.cpp") if path.name != "main.cpp"]
    return _elsewhere(tree, "milestones", files)


def given(tree: Tree) -> Elsewhere:
    """What students are given, as far as tests/integration looks at it."""
    files = [f"{module.name}/{file}" for module in tree.modules.values() for file in module.given]
    return _elsewhere(tree, "integration", files)


def _elsewhere(tree: Tree, tests: str, files: list[str]) -> Elsewhere:
    names = (tree.root / "tests" / tests / "cases.txt").read_text(encoding="utf-8").split()
    numbers = sorted({suite_of(name).split("_")[-1] for name in names})
    tasks = tuple(Task(id=number, title="", files=(), points=0, hints=()) for number in numbers)
    return Elsewhere(tree.root / "tests" / tests, tests, "", (), tuple(sorted(files)), (), tasks)


@dataclass(frozen=True)
class Mutant:
    module: Module
    id: str
    file: str
    find: str
    replace: str
    why: str
    task: str
    kills: dict[str, str] = field(default_factory=dict)  # cases that must fail, each with words of its message


def load(tree: Tree, module: Module) -> list[Mutant]:
    path = tree.root / "tests" / "mutants" / f"{module.number}.json"
    if not path.is_file():
        return []
    mutants = [_read(path, module, entry) for entry in read_json(path)]
    problems = [problem for mutant in mutants for problem in _check(tree, mutant)]
    require_sound(relative(path, tree.root), [mutant.id for mutant in mutants], problems)
    return mutants


def require_sound(where: str, ids: list[str], problems: list[str]) -> None:
    """Says all that is wrong with a list at once."""
    problems = problems + [f"the id {each} stands there twice." for each in sorted(set(ids)) if ids.count(each) > 1]
    if problems:
        raise RushError("\n".join(f"{where}: {problem}" for problem in problems), "mend that file.")


def cases_of(tree: Tree, module: Module) -> list[str]:
    return (tree.root / "tests" / module.name / "cases.txt").read_text(encoding="utf-8").splitlines()


def _read(path: Path, module: Module, entry: dict) -> Mutant:
    missing = [key for key in KEYS if not isinstance(entry.get(key), str)]
    if missing:
        raise RushError(f"{path}: mutant {entry.get('id', '?')} lacks {', '.join(missing)} (each a string).")
    kills = entry.get("kills", {})
    if not isinstance(kills, dict) or not all(isinstance(words, str) for words in kills.values()):
        raise RushError(f"{path}: mutant {entry['id']}: `kills` is an object of cases, each with words of its message.")
    return Mutant(module, *(entry[key] for key in KEYS), kills=kills)


def task_problems(module: Module, name: str, task: str) -> list[str]:
    return [] if task in [each.id for each in module.tasks] else [f"{name}: there is no task {task}."]


def edit_problems(tree: Tree, module: Module, name: str, file: str, find: str, replace: str) -> list[str]:
    """Whether this text of a solution can be replaced by that one."""
    if file not in module.files:
        return [f"{name}: {file} is not a source file of {module.name}."]
    path = overlay.source_of(tree, module, file)
    problems = []
    count = path.read_text(encoding="utf-8").count(find) if find else 0
    if count != 1:
        problems.append(f"{name}: `find` occurs {count} times in {relative(path, tree.root)}; it must occur once.")
    if find == replace:
        problems.append(f"{name}: `replace` changes nothing.")
    return problems


def _check(tree: Tree, mutant: Mutant) -> list[str]:
    """What is wrong with a mutant before anything is compiled."""
    problems = task_problems(mutant.module, mutant.id, mutant.task)
    problems += edit_problems(tree, mutant.module, mutant.id, mutant.file, mutant.find, mutant.replace)
    known = cases_of(tree, mutant.module) if mutant.kills else ()
    return problems + [f"{mutant.id}: `kills` names {case}, and there is no such case." for case in mutant.kills if case not in known]
