"""Packages from npm's registry, as a lock file pins them."""

import shutil
import subprocess
from pathlib import Path

from .errors import RushError
from .files import read_json_or, sha256, write_atomic
from .process import plain_environment, tool
from .terminal import working


def install(folder: Path, what: str) -> None:
    """`npm ci` in `folder`, unless these very packages lie there already. Nothing that a package brings is run."""
    lock, stamp = sha256(folder / "package-lock.json"), folder / "node_modules" / ".rush.json"
    if read_json_or(stamp, None) == lock:
        return
    command = [tool("npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    with working(f"installing {what}"):
        found = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=plain_environment())
    if found.returncode != 0:
        why = next((line for line in found.stderr.splitlines() if "code" in line), found.stderr.strip()[:200])
        raise RushError(f"npm could not install {what} ({why}).", f"cd {folder} && npm ci --ignore-scripts says more.")
    write_atomic(stamp, f'"{lock}"')


def install_pinned(source: Path, folder: Path, what: str) -> Path:
    """What `source` pins by version and digest, installed in `folder`; the folder of the packages. `source` stays as it is."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(source / name, folder / name)
    install(folder, what)
    return folder / "node_modules"
