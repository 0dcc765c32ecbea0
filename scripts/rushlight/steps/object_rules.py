"""What a student's object may define and use: nothing outside the course's namespace, and no door out of the process.

The rules are about names. Code that attacks memory needs none; docs/verdicts.md says what is left to a sandbox.
"""

import os
import re

from .elf import ALLOC, IFUNC, LOCAL, UNIQUE, WEAK, Elf, Symbol
from .imports import GROUPS, allowed, groups_of, reason
from .source_rules import logical_lines
from .step import Refused, complaint

OUTSIDE = re.compile(r"_Z(?:T[VTISCWH]|GV|GR\w*?|Th[n\d]+_|Tv\d+_n\d+_)?Z*N?[rVKRO]*(.*)", re.DOTALL)
COURSE = "9rushlight"
# gtest's, the tests' own, and what milestones report with
RESERVED = re.compile(r"(?<!\d)7testing\d|9rushlight(?:4test|9milestone|9reporting)\d|take_todos")
INLINE = re.compile(r"14_Function_base|9to_string|19piecewise_construct")  # of the standard library, in many objects
TYPES = re.compile(r"_ZT[IS]")
LIBRARIES = ("St", "Sa", "Sb", "Ss", "Si", "So", "Sd", "9__gnu_cxx", "10__cxxabiv1", "2xt", "5xsimd", "3xtl", "3fmt")
SECTIONS = re.compile(
    r"\.(text|rodata|data|bss|tdata|tbss|ldata|lbss|lrodata|gcc_except_table|eh_frame|note|comment|group|init_array)\b"
)
GENERATED = re.compile(r"_GLOBAL__(sub_)?[ID]_")  # what the compiler makes of a global whose value must be computed
HELPER = "put it into namespace rushlight, or, if only this file needs it, into an anonymous namespace inside"


def check_object(path: str, source: str, module: str) -> None:
    for name, what in findings(path, module):
        raise Refused(complaint(source, line_of(name, path, source), what))


def findings(path: str, module: str) -> list[tuple[str, str]]:
    """The symbol or section, and what is wrong with it."""
    with open(path, "rb") as stream:
        elf = Elf(stream)
        groups = groups_of(module)
        found = _sections(elf)
        for symbol in elf.symbols:
            if symbol.section == 0:
                found += _use(symbol.name, groups)
            elif symbol.binding != LOCAL or symbol.type == IFUNC:
                found += _definition(symbol, elf)
    return found


def place(name: str) -> str:
    """A mangled name from where its namespace begins."""
    match = OUTSIDE.match(name)
    return match[1] if match else ""


def _use(name: str, groups: set[str]) -> list[tuple[str, str]]:
    if not name:
        return []
    if RESERVED.search(name):
        return [(name, f"{plain(name)} belongs to the tests or the milestones: no task needs it")]
    if place(name).startswith(COURSE) or allowed(name, groups):
        return []
    return [(name, f"{plain(name)} is not for this module: {reason(name)}")]


def _definition(symbol: Symbol, elf: Elf) -> list[tuple[str, str]]:
    name = symbol.name
    if symbol.type == IFUNC:
        return [(name, f"{plain(name)} is chosen while the program is loaded (ifunc): write an ordinary function")]
    if RESERVED.search(name):
        return [(name, f"{plain(name)} belongs to the tests or the milestones: no task needs it")]
    where = place(name)
    if where.startswith(COURSE) or name.startswith("DW.ref."):
        return []
    shared = symbol.binding in (WEAK, UNIQUE) and symbol.section in elf.grouped
    if shared and (where.startswith(LIBRARIES) or TYPES.match(name)):
        mine = "I" in name[4:] or TYPES.match(name) or INLINE.search(name) or not where.startswith("St")
        if mine or name not in standard_library():
            return []  # a template of the standard library for some type, or the description of a type
    return [(name, f"{plain(name)} is defined outside the course's namespace: {HELPER}")]


def _sections(elf: Elf) -> list[tuple[str, str]]:
    found = []
    for section in elf.sections:
        if section.flags & ALLOC and not (SECTIONS.match(section.name) and not section.name.startswith(".init_array.")):
            found.append((section.name, f"section {section.name}: nothing may run before or after the tests"))
    for symbol, addend in elf.targets(".init_array"):
        name = _function_at(elf, symbol, addend)
        if not GENERATED.match(name):
            found.append((name, f"{plain(name)} is a constructor function: nothing may run before the tests"))
    return found


def _function_at(elf: Elf, symbol: Symbol, addend: int) -> str:
    if symbol.name:
        return symbol.name
    here = [each for each in elf.symbols if each.section == symbol.section and each.name]
    return next((each.name for each in here if each.value == addend and not each.name.startswith(".")), "a function")


def standard_library() -> set[str]:
    """What its shared library defines: nobody else's definition may come first."""
    import subprocess

    asked = subprocess.run(["g++", "-print-file-name=libstdc++.so.6"], capture_output=True, text=True)
    with open(asked.stdout.strip(), "rb") as stream:
        return Elf(stream).exported


def plain(name: str) -> str:
    """As a person would write it."""
    import subprocess  # loaded for findings alone: every compilation would wait for it

    done = subprocess.run(["c++filt", "-p", name], capture_output=True, text=True)
    text = done.stdout.strip() or name
    return re.sub(r"std::(__cxx11|filesystem::__cxx11)::", "std::", text).replace("rushlight::", "")


def line_of(name: str, path: str, source: str) -> int:
    """The line whose code holds the symbol, by the object's debug information; or that has its name; or the first."""
    import subprocess

    done = subprocess.run(
        ["objdump", "-dlrw", "--no-show-raw-insn", path], capture_output=True, text=True, errors="replace"
    )
    here, file = 0, os.path.basename(source)
    for line in done.stdout.splitlines():
        if match := re.match(rf"(?:\S*/)?{re.escape(file)}:(\d+)", line):
            here = int(match[1])
        elif here and re.search(rf"\bR_\w+\s+{re.escape(name)}(?:[-+]0x|$)", line):
            return here
    words = set(re.findall(r"[A-Za-z_]\w{2,}", re.sub(r"<.*>|\(.*", "", plain(name)))) - {"std", "basic"}
    words |= {word.removeprefix("basic_") for word in words}
    with open(source, encoding="utf-8", errors="replace") as stream:
        lines = logical_lines(stream.read(), strings=False)
    for word in sorted(words, key=len, reverse=True):
        for number, text in lines:
            if re.search(rf"\b{word}\b", text) and not text.lstrip().startswith("#include"):
                return number
    return 1
