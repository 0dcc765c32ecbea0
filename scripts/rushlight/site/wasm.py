"""The course's own sources as WebAssembly, for the live widgets: clang and the WASI library of the distribution."""

import shutil
import subprocess
from pathlib import Path

from ..basics.errors import RushError
from ..basics.files import read_json, write_atomic
from ..basics.process import plain_environment, tool
from ..basics.terminal import working
from ..course.tree import Tree

COMPILER = "clang++-19"
FLAGS = (
    "--target=wasm32-wasi -std=c++20 -O2 -msimd128 -fexceptions -fvisibility=hidden -ffunction-sections -fdata-sections "
    "-fno-relaxed-template-template-args -Wno-deprecated-no-relaxed-template-template-args "  # what xtensor 0.24 needs
    "-DFMT_HEADER_ONLY -isystem site/wasm/include -Ibuild/wasm/include -Imodules -Isite/wasm"
)
LINK = "--target=wasm32-wasi -mexec-model=reactor -fno-exceptions -Wl,--gc-sections,--strip-all,-z,stack-size=1048576"
NOT_THERE = ("native.cpp",)  # the reference for the tests, for this machine only

# On Linux size_t is uint64_t. Here it is neither that nor uint32_t, and a message could not hold one.
MESSAGE = "01_tensor/message.hpp"
BEFORE = "  Argument(float value)"
SIZES = "  Argument(long value) : Argument(std::int64_t{value}) {}\n  Argument(unsigned long value) : Argument(std::uint64_t{value}) {}\n"

NINJA = """\
builddir = build/wasm
rule compile
  command = {compiler} {flags} -MD -MF $out.d -c $in -o $out
  depfile = $out.d
  deps = gcc
rule link
  command = {compiler} {link} $in -o $out
"""


def sources(tree: Tree) -> list[Path]:
    """Every file that goes in: what students write (here the reference), what they are given, and the widgets' own."""
    found = []
    for number, names in read_json(tree.root / "site" / "wasm" / "modules.json").items():
        module = tree.module(number)
        for name in (*module.files, *module.given) if names == "all" else names:
            folder = "modules" if name in module.given else "solutions"
            found.append(tree.root / folder / module.name / name)
    own = sorted((tree.root / "site" / "wasm").glob("*.cpp"))
    return found + [path for path in own if path.name not in NOT_THERE]


def missing(tree: Tree) -> str:
    """Why it cannot be built here; empty when it can."""
    if not tree.has_solutions:
        return "this copy of the course has no solutions/"
    if shutil.which(COMPILER) is None:
        return f"{COMPILER} is not installed"
    if not Path("/usr/include/wasm32-wasi").is_dir():
        return "wasi-libc is not installed"
    return ""


def build(tree: Tree) -> Path:
    """Compiles what changed; the module's path."""
    folder = tree.root / "build" / "wasm"
    module = folder / "rushlight.wasm"
    _message_header(tree, folder)
    objects, text = [], NINJA.format(compiler=_cached(COMPILER), flags=FLAGS, link=LINK)
    for path in sources(tree):
        name = path.relative_to(tree.root)
        target = f"build/wasm/{name}.o"
        objects.append(target)
        text += f"build {target}: compile {name}\n"
    text += f"build build/wasm/rushlight.wasm: link {' '.join(objects)}\n"
    write_atomic(folder / "build.ninja", text)
    command = [tool("ninja"), "-f", "build/wasm/build.ninja", "-j", "2", "-k", "0", "--quiet"]
    with working("compiling the modules for the page"):
        found = subprocess.run(command, cwd=tree.root, capture_output=True, text=True, env=plain_environment())
    if found.returncode != 0:
        raise RushError(f"the modules do not compile to WebAssembly:\n{found.stdout[-3000:]}", code=1)
    return module


def _message_header(tree: Tree, folder: Path) -> None:
    """The one header that is not taken as it is: with two more constructors, for sizes of 32 bits."""
    text = (tree.root / "modules" / MESSAGE).read_text(encoding="utf-8")
    if "Argument(unsigned long value)" not in text:
        if text.count(BEFORE) != 1:
            raise RushError(f"modules/{MESSAGE}: expected one constructor {BEFORE.strip()}.", "mend BEFORE in site/wasm.py.")
        text = text.replace(BEFORE, SIZES + BEFORE)
    path = folder / "include" / MESSAGE
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        write_atomic(path, text)


def _cached(compiler: str) -> str:
    return f"ccache {compiler}" if shutil.which("ccache") else compiler
