"""As much of an ELF file (64 bits, little-endian) as the steps need: sections, symbols, relocations."""

import struct
from collections import namedtuple
from functools import cached_property

SYMTAB, RELA, NOBITS, DYNSYM, GROUP = 2, 4, 8, 11, 17
ALLOC, EXECUTE = 2, 4
LOCAL, GLOBAL, WEAK, UNIQUE = 0, 1, 2, 10
IFUNC = 10


Section = namedtuple("Section", "name type flags offset size link info")
Symbol = namedtuple("Symbol", "name binding type section value")  # section 0: defined elsewhere


class Elf:
    def __init__(self, stream) -> None:
        self.stream = stream
        head = stream.read(64)
        if len(head) < 64 or head[:6] != b"\x7fELF\x02\x01":
            raise ValueError("not an ELF file of 64 bits")
        (table,) = struct.unpack_from("<Q", head, 40)
        size, count, names = struct.unpack_from("<HHH", head, 58)
        first = self._at(table, size)
        if count == 0:  # so many that the number is elsewhere
            count = struct.unpack_from("<Q", first, 32)[0]
        if names == 0xFFFF:
            names = struct.unpack_from("<I", first, 40)[0]
        raw = [struct.unpack_from("<IIQQQQII", row) for row in _rows(self._at(table, size * count), size)]
        strings = self._at(raw[names][4], raw[names][5]) if raw else b""
        self.sections = [Section(_text(strings, r[0]), r[1], r[2], r[4], r[5], r[6], r[7]) for r in raw]

    def content(self, name: str) -> bytes | None:
        section = next((each for each in self.sections if each.name == name), None)
        return None if section is None else self._of(section)

    @cached_property
    def symbols(self) -> list[Symbol]:
        return self._symbols(SYMTAB)

    @property
    def exported(self) -> set[str]:
        """What a shared library defines for others."""
        return {symbol.name for symbol in self._symbols(DYNSYM) if symbol.section}

    def _symbols(self, kind: int) -> list[Symbol]:
        table = next((each for each in self.sections if each.type == kind), None)
        if table is None:
            return []
        strings = self._of(self.sections[table.link])
        found = []
        for name, info, _, section, value, _ in struct.iter_unpack("<IBBHQQ", self._of(table)):
            found.append(Symbol(_text(strings, name), info >> 4, info & 15, section, value))
        return found

    @cached_property
    def grouped(self) -> set[int]:
        """The sections of which the linker keeps one of several copies: templates and inline functions."""
        members: set[int] = set()
        for section in self.sections:
            if section.type == GROUP:
                members.update(word for (word,) in list(struct.iter_unpack("<I", self._of(section)))[1:])
        return members

    def targets(self, name: str) -> list[tuple[Symbol, int]]:
        """What the entries of a section of addresses point to: symbol and addend."""
        found = []
        for section in self.sections:
            if section.type == RELA and self.sections[section.info].name == name:
                rows = struct.iter_unpack("<QQq", self._of(section))
                found += [(self.symbols[info >> 32], addend) for _, info, addend in rows]
        return found

    def _of(self, section: Section) -> bytes:
        return b"" if section.type == NOBITS else self._at(section.offset, section.size)

    def _at(self, offset: int, size: int) -> bytes:
        self.stream.seek(offset)
        data = self.stream.read(size)
        if len(data) != size:
            raise ValueError("cut short")
        return data


def _rows(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


def _text(strings: bytes, at: int) -> str:
    return strings[at : strings.index(b"\0", at)].decode("utf-8", "replace")
