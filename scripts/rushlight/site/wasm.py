"""The course's own sources as WebAssembly, for the live widgets: clang and the WASI library of the distribution."""

import shutil
import subprocess
from pathlib import Path

from ..basics.errors import RushError
from ..basics.files import read_json, write_atomic
from ..basics.process import plain_environment, tool
from ..basics.terminal import working
from ..course.borrowing import FOLDER
from ..course.tree import Tree

COMPILER = "clang++-19"
LINKER = "wasm-ld-19"
LENT = "wasm32"
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


def sources(tree: Tree, own: frozenset[str] = frozenset()) -> list[Path]:
    """Every file that is compiled: what students write (theirs for the modules `own`, else the reference's), what they are
    given, and the widgets' own. Of a module whose reference was compiled for a release, nothing."""
    found = []
    for number in used(tree):
        if tree.has_solutions or number in own:
            found += sources_of(tree, number, number in own)
    widgets = sorted((tree.root / "site" / "wasm").glob("*.cpp"))
    return found + [path for path in widgets if path.name not in NOT_THERE]


def sources_of(tree: Tree, number: str, own: bool) -> list[Path]:
    module = tree.module(number)
    written = "modules" if own else "solutions"
    return [tree.root / ("modules" if name in module.given else written) / module.name / name for name in used(tree)[number]]


def used(tree: Tree) -> dict[str, list[str]]:
    """The files of each module that the widgets need, by module number."""
    found = {}
    for number, names in read_json(tree.root / "site" / "wasm" / "modules.json").items():
        module = tree.module(number)
        found[number] = [*module.files, *module.given] if names == "all" else names
    return found


def missing(tree: Tree) -> str:
    """Why it cannot be built here; empty when it can."""
    if not tree.has_solutions:
        return "this copy of the course has no solutions/"
    if not (tree.root / "site" / "wasm").is_dir():
        return "this copy of the course has no site/wasm"
    return no_compiler()


def no_compiler() -> str:
    """Why nothing can be compiled to WebAssembly on this machine; empty when it can."""
    for program in (COMPILER, LINKER):
        if shutil.which(program) is None:
            return f"{program} is not installed"
    if not Path("/usr/include/wasm32-wasi").is_dir():
        return "wasi-libc is not installed"
    return ""


def lent(tree: Tree) -> dict[str, Path]:
    """By module number, what a release carries of the reference: one object, for every kind of machine."""
    return {path.stem: path for path in sorted((tree.root / FOLDER).glob(f"*/{LENT}/[0-9][0-9].o"))}


def lend(tree: Tree, numbers: list[str], folder: Path) -> None:
    """The reference of these modules, as far as pages use it, in `folder` for a release: LENT/NN.o."""
    build(tree)
    (folder / LENT).mkdir()
    for number in numbers:
        objects = [object_of(tree, path) for path in sources_of(tree, number, own=False)]
        command = [LINKER, "-r", "-o", str(folder / LENT / f"{number}.o"), *objects]
        done = subprocess.run(command, cwd=tree.root, capture_output=True, text=True)
        if done.returncode != 0:
            raise RushError(f"the reference of {number} cannot be lent to pages: {done.stderr.strip()[:300]}")


def object_of(tree: Tree, source: Path) -> str:
    return f"build/wasm/{source.relative_to(tree.root)}.o"


def build(tree: Tree, own: frozenset[str] = frozenset(), name: str = "rushlight") -> Path:
    """Compiles what changed; the path of the module, build/wasm/NAME.wasm."""
    folder = tree.root / "build" / "wasm"
    module = folder / f"{name}.wasm"
    _message_header(tree, folder)
    compiled = {object_of(tree, path): path.relative_to(tree.root) for path in sources(tree, own)}
    borrowed = {} if tree.has_solutions else {number: path for number, path in lent(tree).items() if number not in own}
    objects = [*compiled, *(str(path.relative_to(tree.root)) for path in borrowed.values())]
    text = NINJA.format(compiler=_cached(COMPILER), flags=FLAGS, link=LINK)
    text += "".join(f"build {target}: compile {source}\n" for target, source in compiled.items())
    text += f"build build/wasm/{name}.wasm: link {' '.join(objects)}\n"
    write_atomic(folder / f"{name}.ninja", text)
    command = [tool("ninja"), "-f", f"build/wasm/{name}.ninja", "-j", "2", "-k", "0", "--quiet"]
    with working("compiling the modules for the page"):
        found = subprocess.run(command, cwd=tree.root, capture_output=True, text=True, env=plain_environment())
    if found.returncode != 0:
        raise RushError(f"the modules do not compile to WebAssembly:\n{_errors(found.stdout)}", code=1)
    return module


def _errors(said: str) -> str:
    """What is worth reading of a failed build."""
    lines = [line for line in said.splitlines() if " error: " in line]
    return "\n".join(lines[:8]) or said[-2000:]


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
