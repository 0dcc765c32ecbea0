"""What students get: the skeletons, made from the solutions; and what keeps a solution from giving one."""

import re
from pathlib import Path

from ..basics.errors import RushError
from ..basics.files import read_json, relative
from .manifest import Module
from .regions import HELPER, Region, find_regions
from .tree import Tree

KEPT = ".skeleton"  # in a tree without solutions, modules/NN_name/.skeleton holds the skeletons


def skeletons(tree: Tree, module: Module) -> dict[str, str]:
    """File name -> text, made from the reference where it is, else from the copies that a release carries."""
    if (tree.root / "solutions" / module.name).is_dir():
        return {path.name: text for path, text in generated(tree, module).items()}
    texts = {}
    for name in module.files:
        path = module.folder / KEPT / name
        if not path.is_file():
            raise RushError(
                f"there is no skeleton of {module.name}/{name} here.",
                f"git checkout -- modules/{module.name}   brings back what was committed.",
            )
        texts[name] = path.read_text(encoding="utf-8")
    return texts


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


def generated(tree: Tree, module: Module) -> dict[Path, str]:
    """What each student file of a module should hold. Fails when the solutions are not in order."""
    problems = check_module(tree, module)
    if problems:
        raise RushError("\n".join(problems), "mend these, then run tools/skeleton.py again.")
    return {
        module.folder / file: strip(solution(tree, module, file).read_text(encoding="utf-8"), shown(tree, module, file))
        for file in module.files
    }
