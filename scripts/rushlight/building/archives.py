"""The reference as a release carries it: a stripped archive a module, for machines of this kind."""

import shutil
import subprocess
import tempfile
from pathlib import Path

from ..basics.errors import RushError
from ..basics.process import tool
from .build import Build


def make_archives(build: Build, numbers: list[str], folder: Path) -> None:
    """NN_name.a for each module, and made_with.txt, which says what they need, in `folder`."""
    build.ensure()
    targets = {number: f"rl_{number}_ref" for number in numbers}
    outcome = build.build(targets.values(), "building the reference")
    for number, target in targets.items():
        if target not in outcome.ready:
            raise RushError(f"the reference of module {number} does not build: {outcome.reason}")
        library = build.folder / "lib" / f"lib{target}.a"
        _strip(library, folder / f"{build.tree.modules[number].name}.a")
    if numbers:
        shutil.copyfile(build.folder / "reference.txt", folder / "made_with.txt")


def _strip(library: Path, archive: Path) -> None:
    """A copy of the library's objects without debug information and without names that only its own files use."""
    archive.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        objects = []
        for member in _run([tool("ar"), "t", str(library)], library.parent).splitlines():
            stripped = Path(scratch) / Path(member).name
            if stripped.exists():
                raise RushError(f"{library.name} holds two objects {stripped.name}, of which an archive would lose one.")
            _run([tool("strip"), "--strip-unneeded", "-R", ".comment", "-o", str(stripped), member], library.parent)
            objects.append(str(stripped))
        _run([tool("ar"), "qcsD", str(archive), *objects], library.parent)


def _run(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode != 0:
        raise RushError(f"{' '.join(command[:3])} failed: {done.stderr.strip()}")
    return done.stdout
