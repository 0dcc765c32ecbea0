#!/usr/bin/python3
"""The solutions are the source; the skeletons that students get are made from them here.

    skeleton.py [generate] [NN ...]         write modules/NN_name/*.cpp from solutions/NN_name/*.cpp
    skeleton.py --check [NN ...]            exit 1 unless the committed skeletons are what would be written
    skeleton.py strip FILE --only 02.1      print a solution with only that task's blanks

A blank is the body of a function under its contract (`// 02.1 relu ...`), or a marked part of one
(rushlight/regions.py says how); in the skeleton `todo("02.1");` stands in its place. Helpers go without a trace.
"""

import argparse
import re
import sys
from pathlib import Path

from rushlight.errors import RushError
from rushlight.files import read_json, relative, write_atomic
from rushlight.manifest import Module
from rushlight.regions import HELPER, Region, find_regions
from rushlight.tree import Tree, find_tree

def strip(text: str, where: str, only: str | None = None) -> str:
    """The skeleton of a solution. With `only`, that task's blanks alone are made: the rest stays solved."""
    regions, problems = find_regions(text, where)
    if problems:
        raise RushError("\n".join(problems), "mend the markers of this solution.")
    return blank_out(text, [region for region in regions if only in (None, region.name)])


def blank_out(text: str, regions: list[Region]) -> str:
    """The text with these regions blank."""
    lines = text.splitlines()
    kept: list[str] = []
    position = 0
    for region in regions:
        kept += lines[position : region.first]
        kept += region.blank(lines)
        position = region.last + 1
    return _tidy("\n".join(kept + lines[position:]) + "\n")


def _tidy(text: str) -> str:
    """What dropped helpers leave behind: an empty anonymous namespace, gaps of several lines."""
    text = re.sub(r"^namespace \{\n\s*\}[^\n]*\n", "", text, flags=re.MULTILINE)
    return re.sub(r"\n{3,}", "\n\n", text)


def check_module(tree: Tree, module: Module) -> list[str]:
    """Everything that is wrong with a module's solutions, markers and manifest."""
    problems = _check_files(tree, module)
    seen: set[tuple[str, str]] = set()
    for file in module.files:
        path = solution(tree, module, file)
        if path.is_file():
            problems += _check_file(tree, module, path, seen)
    for task in module.tasks:
        for file in task.files:
            if (task.id, file) not in seen:
                problems.append(
                    f"{manifest(tree, module)}: task {task.id} has no region in {shown(tree, module, file)}: "
                    f"begin its contract with `// {task.id} `, or mark its blank with `// solution {task.id}` … `// end solution`."
                )
    return problems


def _check_files(tree: Tree, module: Module) -> list[str]:
    """The student files, and nothing else, are in solutions/; whatever else lies in modules/ is declared as given."""
    problems = []
    folder = tree.root / "solutions" / module.name
    for file in module.files:
        if not (folder / file).is_file():
            problems.append(f"{manifest(tree, module)}: lists {file}, but {shown(tree, module, file)} does not exist.")
    for path in sorted(folder.glob("*")):
        if path.name not in module.files:
            problems.append(f'{relative(path, tree.root)}: not listed in "files" of {manifest(tree, module)}.')
    given = given_files(module)
    for file in given:
        problems += _check_given(tree, module, file)
    for path in sorted(module.folder.glob("*.cpp")):
        if path.name not in (*module.files, *given):
            problems.append(f'{relative(path, tree.root)}: neither in "files" nor in "given" of the manifest.')
    return problems


def _check_given(tree: Tree, module: Module, file: str) -> list[str]:
    path = module.folder / file
    if not path.is_file():
        return [f'{manifest(tree, module)}: "given" lists {file}, which does not exist.']
    comment = path.read_text(encoding="utf-8").split("\n\n")[0].split("#include")[0]
    if not re.search(r"\bgiven\b", comment, re.IGNORECASE):
        return [f"{relative(path, tree.root)}:1: a given file says `given` in its first comment."]
    return []


def _check_file(tree: Tree, module: Module, path: Path, seen: set[tuple[str, str]]) -> list[str]:
    """One solution file; adds the (task, file) pairs that it blanks to `seen`."""
    where = relative(path, tree.root)
    text = path.read_text(encoding="utf-8")
    regions, problems = find_regions(text, where)
    if problems:
        return problems
    tasks = {task.id: task for task in module.tasks}
    skeleton = strip(text, where)
    for region in regions:
        if region.name == HELPER:
            continue
        at = f"{where}:{region.first + 1}"
        seen.add((region.name, path.name))
        if region.name not in tasks:
            problems.append(f"{at}: there is no task {region.name} in {manifest(tree, module)}.")
        elif path.name not in tasks[region.name].files:
            problems.append(f"{at}: the manifest puts task {region.name} in {', '.join(tasks[region.name].files)}.")
        elif not re.search(rf"//.*\b{re.escape(region.name)}\b", skeleton):
            problems.append(f"{at}: no comment in the skeleton says what {region.name} asks (`// {region.name} …`).")
    return problems


def given_files(module: Module) -> list[str]:
    return read_json(module.folder / "module.json").get("given", [])


def solution(tree: Tree, module: Module, file: str) -> Path:
    return tree.root / "solutions" / module.name / file


def shown(tree: Tree, module: Module, file: str) -> str:
    return relative(solution(tree, module, file), tree.root)


def manifest(tree: Tree, module: Module) -> str:
    return relative(module.folder / "module.json", tree.root)


def skeletons(tree: Tree, module: Module) -> dict[Path, str]:
    """What each student file of a module should hold. Fails when the solutions are not in order."""
    problems = check_module(tree, module)
    if problems:
        raise RushError("\n".join(problems), "mend these, then run scripts/skeleton.py again.")
    return {
        module.folder / file: strip(solution(tree, module, file).read_text(encoding="utf-8"), shown(tree, module, file))
        for file in module.files
    }


def generate(tree: Tree, module: Module) -> list[Path]:
    """Writes the skeletons that differ, and leaves the others' time stamps alone. Answers what it wrote."""
    written = []
    for path, text in skeletons(tree, module).items():
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            write_atomic(path, text)
            path.chmod(0o644)
            written.append(path)
    return written


def stale(tree: Tree, module: Module) -> list[str]:
    """The committed skeletons that are not what the solutions give, each as file:line: message."""
    problems = []
    for path, text in skeletons(tree, module).items():
        found = path.read_text(encoding="utf-8") if path.is_file() else ""
        if found != text:
            line = _first_difference(found, text)
            where = f"{relative(path, tree.root)}:{line}"
            problems.append(f"{where}: not what its solution gives; run scripts/skeleton.py.")
    return problems


def _first_difference(found: str, expected: str) -> int:
    pairs = zip(found.splitlines() + [None], expected.splitlines() + [None])
    return next((number for number, (one, other) in enumerate(pairs, 1) if one != other), 1)


def require_solutions(tree: Tree) -> None:
    if not tree.has_solutions:
        raise RushError("this copy of the course has no solutions/.", "there is nothing to make skeletons from.")


def _chosen(tree: Tree, names: list[str]) -> list[Module]:
    return [tree.module(name) for name in names] if names else list(tree.modules.values())


def _run_generate(tree: Tree, names: list[str], check: bool) -> int:
    require_solutions(tree)
    problems: list[str] = []
    for module in _chosen(tree, names):
        try:
            if check:
                problems += stale(tree, module)
                continue
            for path in generate(tree, module):
                print(f"wrote {relative(path, tree.root)}")
        except RushError as error:
            problems.append(error.message)
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


def _run_strip(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="skeleton.py strip")
    parser.add_argument("file", type=Path)
    parser.add_argument("--only", metavar="NN.T", help="leave every other task solved")
    chosen = parser.parse_args(arguments)
    text = chosen.file.read_text(encoding="utf-8")
    if chosen.only and not any(region.name == chosen.only for region in find_regions(text, str(chosen.file))[0]):
        raise RushError(f"{chosen.file}: no region of task {chosen.only}.", "its contracts and `// solution` marks say which it has.")
    sys.stdout.write(strip(text, str(chosen.file), chosen.only))
    return 0


def main(arguments: list[str]) -> int:
    if arguments[:1] == ["strip"]:
        return _run_strip(arguments[1:])
    if arguments[:1] == ["generate"]:
        arguments = arguments[1:]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("modules", nargs="*", metavar="NN")
    parser.add_argument("--check", action="store_true", help="write nothing; say what is not up to date")
    chosen = parser.parse_args(arguments)
    return _run_generate(find_tree(), chosen.modules, chosen.check)


def guarded(run, arguments: list[str]) -> int:
    """A script's exit status; an error that a person can mend is one message, not a traceback."""
    try:
        return run(arguments)
    except RushError as error:
        print(error.message, file=sys.stderr)
        if error.next_step:
            print(f"Next step: {error.next_step}", file=sys.stderr)
        return error.code
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(guarded(main, sys.argv[1:]))
