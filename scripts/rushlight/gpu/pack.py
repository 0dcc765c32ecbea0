"""The libraries that the native build needs, copied into one folder that travels with the tree.

The folder mirrors /usr, since the CMake files of the packages look for their headers relative to themselves.
"""

import shutil
import subprocess
from pathlib import Path

from ..basics.errors import RushError
from ..basics.process import plain_environment, tool

FOLDER = "gpu-pack"
LIMIT = 60 << 20
PACKAGES = (
    "libxtensor-dev",
    "xtl-dev",
    "libxtensor-blas-dev",
    "libxsimd-dev",
    "libfmt-dev",
    "libfmt9",
    "libgtest-dev",
    "libgmock-dev",
    "nlohmann-json3-dev",
    "libcli11-dev",
    "zlib1g-dev",
)
# By name: their packages also hold static libraries of 60 MB, and links that go through /etc/alternatives.
LIBRARIES = ("libopenblas.so.0", "libgfortran.so.5", "libquadmath.so.0", "libz.so.1")
LINKS = {"libopenblas.so": "libopenblas.so.0", "libz.so": "libz.so.1"}
ARCHITECTURE = "lib/x86_64-linux-gnu"
WANTED = ("include/", "lib/", "share/cmake/", "share/pkgconfig/")


def pack(root: Path, usr: Path = Path("/usr")) -> int:
    """Writes the folder anew; its size in bytes. The old one stays until the new one is whole."""
    target, fresh = root / FOLDER, root / f".{FOLDER}.new"
    shutil.rmtree(fresh, ignore_errors=True)
    try:
        for path in _files_of_packages(usr):
            _copy(path, fresh / path.relative_to(usr))
        for name in LIBRARIES:
            source = usr / ARCHITECTURE / name
            if not source.exists():
                raise RushError(f"{source} is not installed.", "scripts/rush setup")
            _copy(source.resolve(), fresh / ARCHITECTURE / name)
        for name, to in LINKS.items():
            link = fresh / ARCHITECTURE / name
            link.unlink(missing_ok=True)
            link.symlink_to(to)
        size = size_of(fresh)
        if size > LIMIT:
            raise RushError(f"the pack has {size:,} bytes, more than the {LIMIT:,} that it may have.")
        shutil.rmtree(target, ignore_errors=True)
        fresh.rename(target)
        return size
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def size_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def _files_of_packages(usr: Path) -> list[Path]:
    done = subprocess.run(
        [tool("dpkg-query"), "-L", *PACKAGES], capture_output=True, text=True, env=plain_environment()
    )
    if done.returncode != 0:
        raise RushError(done.stderr.strip().splitlines()[0], "scripts/rush setup")
    paths = [Path(line) for line in done.stdout.splitlines() if line.startswith(f"{usr}/")]
    return [path for path in paths if path.is_file() and str(path.relative_to(usr)).startswith(WANTED)]


def _copy(source: Path, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    if source.is_symlink() and "/" not in str(source.readlink()):
        to.unlink(missing_ok=True)
        to.symlink_to(source.readlink())
    else:
        shutil.copyfile(source, to)
