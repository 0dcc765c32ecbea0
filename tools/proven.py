"""Which modules are as they were when all their mutants were last killed: of those a sample is enough.

tests/proven/NN.json, which `mutants.py --record` writes: {"digest": of what then decided, "mutants": the matrix}, of each mistake
the case that notices it, what that case says, and whether a naive check passes (null: it cannot be asked).
"""

import hashlib
import json
import random
from pathlib import Path

import overlay
from rushlight.basics.files import read_json_or, write_atomic
from rushlight.course.manifest import Module
from rushlight.course.tree import Tree

FILES = (".cpp", ".hpp", ".json", ".txt")


def _record(tree: Tree, number: str) -> Path:
    return tree.root / "tests" / "proven" / f"{number}.json"


def _folders(module: Module) -> list[str]:
    if module.name == "milestones":
        return ["milestones", "tests/milestones"]
    if module.name == "integration":
        return ["tests/integration"]
    return [f"{top}/{module.name}" for top in ("solutions", "modules", "tests")]


def digest_of(tree: Tree, module: Module) -> str:
    """Over the module's sources and headers, its tests and the mutants. What all tests stand on is left to the sample."""
    mutants = tree.root / "tests" / "mutants" / f"{module.number}.json"
    paths = [path for folder in _folders(module) for path in (tree.root / folder).rglob("*")]
    if module.name == "integration":  # of what is given, the files that have mutants
        paths += {overlay.source_of(tree, module, entry["file"]) for entry in read_json_or(mutants, [])}
    paths = [path for path in paths if path.suffix in FILES and path.is_file()]
    digest = hashlib.sha256()
    for path in sorted([*paths, mutants]):
        text = path.read_bytes()
        digest.update(f"{path.relative_to(tree.root)} {len(text)}\n".encode() + text)
    return digest.hexdigest()[:16]


def is_proven(tree: Tree, module: Module) -> bool:
    return read_json_or(_record(tree, module.number), {}).get("digest") == digest_of(tree, module)


def record(tree: Tree, module: Module, matrix: list[dict]) -> None:
    path = _record(tree, module.number)
    path.parent.mkdir(exist_ok=True)
    lines = ",\n  ".join(json.dumps(entry, ensure_ascii=False) for entry in matrix)
    write_atomic(path, f'{{"digest": "{digest_of(tree, module)}",\n "mutants": [\n  {lines}\n]}}\n')


def sample(mutants: list, one_in: int, seed: int) -> list:
    """One in so many, at least one, in their order."""
    if not mutants:
        return []
    count = -(-len(mutants) // one_in)
    return [mutants[index] for index in sorted(random.Random(seed).sample(range(len(mutants)), count))]
