"""What the text of a student's file may not hold, because no object shows it: foreign headers, assembler, tricks."""

import os
import re

from .step import ROOT, Refused, complaint

COURSE = re.compile(r"\d\d_[a-z0-9_]+/[a-z0-9_]+\.hpp")
LIBRARIES = ("xtensor/", "xtensor-blas/", "xsimd/", "xtl/", "fmt/")
VECTORS = {"immintrin.h", "arm_neon.h"}
STANDARD = set(
    """
    algorithm any array atomic barrier bit bitset charconv chrono compare complex concepts condition_variable coroutine
    deque exception execution expected filesystem format forward_list fstream functional future initializer_list iomanip
    ios iosfwd iostream istream iterator latch limits list locale map memory memory_resource mutex new numbers numeric
    optional ostream queue random ranges ratio regex scoped_allocator semaphore set shared_mutex source_location span
    sstream stack stdexcept stop_token streambuf string string_view strstream syncstream system_error thread tuple
    type_traits typeindex typeinfo unordered_map unordered_set utility valarray variant vector version
    cassert cctype cerrno cfenv cfloat cinttypes climits clocale cmath csetjmp csignal cstdarg cstddef cstdint cstdio
    cstdlib cstring ctime cuchar cwchar cwctype
    assert.h ctype.h errno.h fenv.h float.h inttypes.h limits.h locale.h math.h setjmp.h signal.h stdarg.h stddef.h
    stdint.h stdio.h stdlib.h string.h time.h uchar.h wchar.h wctype.h
    """.split()
)
DIRECTIVE = re.compile(r"\s*(?:#|%:)\s*(\w*)\s*(.*)", re.DOTALL)
WORDS = {
    "asm": "assembler is not part of the course: write it in C++",
    "__asm": "assembler is not part of the course: write it in C++",
    "__asm__": "assembler is not part of the course: write it in C++",
    "syscall": "no task calls the operating system: use the standard library",
}
WORD = re.compile(r"[A-Za-z_]\w*")
PIECE = re.compile(
    r"""(?P<raw>\b(?:u8|u|U|L)?R"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)")"""
    r"""|(?P<comment>//[^\n]*|/\*.*?(?:\*/|\Z))"""
    r"""|(?P<string>"(?:[^"\\\n]|\\.)*"?)"""
    r"""|(?P<number>\b\d[\w.']*)"""
    r"""|(?P<char>'(?:[^'\\\n]|\\.)*'?)""",
    re.DOTALL,
)


def check_source(path: str) -> None:
    with open(path, encoding="utf-8", errors="replace") as stream:
        text = stream.read()
    for line, what in findings(text):
        raise Refused(complaint(path, line, what))


def findings(text: str) -> list[tuple[int, str]]:
    """Line and what is wrong with it, in the order of the file."""
    found = []
    for number, line in logical_lines(text, strings=True):
        if match := DIRECTIVE.match(line):
            found += [(number, what) for what in _directive(match[1], match[2].strip())]
    for number, line in logical_lines(text, strings=False):
        if "##" in line or "%:%:" in line:
            found.append((number, "names are not glued together here (##): write them out"))
        found += [(number, WORDS[word]) for word in WORD.findall(line) if word in WORDS]
    return sorted(found)


def logical_lines(text: str, strings: bool) -> list[tuple[int, str]]:
    """Without comments, with or without what stands in strings; lines that a backslash joins are one."""
    text = text.replace("\r\n", "\n")
    joined = re.sub(r"\\[ \t]*\n", "\0", text)  # one line for the compiler; \0 still counts it

    def blank(match: re.Match) -> str:
        kept = match[0]
        if match["comment"] is not None:
            kept = " "
        elif match["number"] is None and not strings:
            kept = '""'
        return kept + "".join(c for c in match[0] if c in "\n\0") if kept != match[0] else kept

    lines, number = [], 1
    for line in PIECE.sub(blank, joined).split("\n"):
        lines.append((number, line.replace("\0", "")))
        number += 1 + line.count("\0")
    return lines


def _directive(name: str, rest: str) -> list[str]:
    if name in ("include", "include_next", "import"):
        return _include(rest) if name == "include" else [f"#{name} is not for this course: use #include"]
    if name == "line" or name.isdigit():
        return ["the compiler counts the lines itself: #line has no place here"]
    if name == "pragma" and re.match(r"GCC\s+pch_preprocess|redefine_extname|weak\b", rest):
        return [f"#pragma {rest.split()[0]} has no place here: write what you mean in C++"]
    return []


def _include(rest: str) -> list[str]:
    match = re.fullmatch(r'"([^"]*)"|<([^>]*)>', rest)
    if match is None:
        return [f'#include {rest}: name the header itself, such as "01_tensor/tensor.hpp" or <vector>']
    name = match[1] or match[2] or ""
    if name in STANDARD or name in VECTORS or (name.startswith(LIBRARIES) and ".." not in name):
        return []
    if COURSE.fullmatch(name) and os.path.isfile(os.path.join(ROOT, "modules", name)):
        return []
    kind = "its path must begin with a module's folder" if ".." in name or name.startswith("/") else "no task needs it"
    return [f"#include {rest}: {kind}: include the course's headers and the standard library's"]
