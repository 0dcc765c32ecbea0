"""The native build against the pack alone: nothing of the machine's own but compilers, CMake and Ninja is looked for."""

import os
import shutil
import sys
from pathlib import Path

from ..basics.errors import RushError
from ..basics.process import run, tool
from . import pack

BUILD = "build/gpu"
SKIPPED = 77
NVCC = Path("/usr/local/cuda/bin/nvcc")
DEVICES = (Path("/dev/nvidiactl"), Path("/dev/dxg"))  # the second is a GPU seen from WSL


def target_of(root: Path) -> str:
    return f"cuda_native_{'solution' if (root / 'solutions').is_dir() else 'own'}"


def has_gpu() -> bool:
    return any(device.exists() for device in DEVICES)


def nvcc() -> str | None:
    return shutil.which("nvcc") or (str(NVCC) if NVCC.exists() else None)


def check(root: Path, needs_gpu: bool, instead: str = "scripts/rush gpu --compile builds without one.") -> None:
    """One sentence for the first thing that is missing."""
    if needs_gpu and not has_gpu():
        raise RushError("there is no GPU on this machine.", instead, code=1)
    if nvcc() is None:
        raise RushError("there is no nvcc on this machine.", "install the CUDA toolkit.", code=1)
    if not (root / pack.FOLDER).is_dir():
        raise RushError(
            f"there is no {pack.FOLDER} in {root}.",
            "scripts/rush gpu --pack where the packages are, then bring the folder here.",
            code=1,
        )


def configure_command(root: Path) -> list[str]:
    libraries = root / pack.FOLDER / pack.ARCHITECTURE
    settings = {
        "CMAKE_BUILD_TYPE": "Release",
        "CMAKE_CXX_FLAGS_RELEASE": "-O2",
        "CMAKE_CXX_COMPILER": tool("g++"),
        "CMAKE_MAKE_PROGRAM": tool("ninja"),
        "Python3_EXECUTABLE": sys.executable,
        "RUSHLIGHT_NVCC": nvcc(),
        "RUSHLIGHT_CUDA": "ON",
        "RUSHLIGHT_CHECKS": "OFF",
        "CMAKE_PREFIX_PATH": root / pack.FOLDER,
        "CMAKE_FIND_USE_CMAKE_SYSTEM_PATH": "OFF",
        "CMAKE_FIND_USE_SYSTEM_ENVIRONMENT_PATH": "OFF",  # /usr/bin on PATH would mean the packages in /usr
        # What OpenBLAS itself needs is in the pack, too: only the older kind of path is looked at for that.
        "CMAKE_EXE_LINKER_FLAGS": f"-Wl,--disable-new-dtags,-rpath,{libraries}",
    }
    defined = [f"-D{name}={value}" for name, value in settings.items()]
    return [tool("cmake"), "-G", "Ninja", "-B", str(root / BUILD), *defined, str(root)]


def build(root: Path, target: str) -> None:
    for what, command in (
        ("configuration", configure_command(root)),
        ("build", [tool("cmake"), "--build", str(root / BUILD), "-j", _jobs(), "--target", target]),
    ):
        code, output = run(command, root)
        if code != 0:
            raise RushError(f"the {what} failed:\n{_end_of(output)}", code=1)


def run_tests(root: Path, wrapper: tuple[str, ...] = (), options: tuple[str, ...] = ()) -> tuple[int, str]:
    return run([*wrapper, str(root / BUILD / "tests" / target_of(root)), *options], root)


def _jobs() -> str:
    return os.environ.get("CMAKE_BUILD_PARALLEL_LEVEL") or str(os.cpu_count() or 1)


def _end_of(output: str) -> str:
    return "\n".join(output.splitlines()[-30:])
