#!/usr/bin/env python3
"""modules/10_tokenization/unicode_classes.cpp: which code points are letters and numbers, from Python's own tables.

    python3 tools/unicode_classes.py > modules/10_tokenization/unicode_classes.cpp
    clang-format -i modules/10_tokenization/unicode_classes.cpp
"""

import sys
import unicodedata

LAST = 0x10FFFF


def ranges(category: str) -> list[tuple[int, int]]:
    """First and last code point of every run whose general category begins with this letter."""
    found: list[tuple[int, int]] = []
    for point in range(LAST + 1):
        if not unicodedata.category(chr(point)).startswith(category):
            continue
        if found and found[-1][1] == point - 1:
            found[-1] = (found[-1][0], point)
        else:
            found.append((point, point))
    return found


def table(name: str, category: str) -> str:
    numbers = ", ".join(f"0x{first:X}, 0x{last:X}" for first, last in ranges(category))
    return f"constexpr std::uint32_t {name}[] = {{{numbers}}};\n"


def main() -> None:
    sys.stdout.write(
        "// unicode_classes.cpp: given, and written by tools/unicode_classes.py from Unicode"
        f" {unicodedata.unidata_version}. First and last code point of\n// every run of letters and of numbers.\n"
        '#include "10_tokenization/unicode_classes.hpp"\n\n#include <algorithm>\n#include <iterator>\n\n'
        "namespace rushlight {\nnamespace {\n\n"
        + table("letters", "L")
        + "\n"
        + table("numbers", "N")
        + """
// Whether `point` lies in one of the runs: an odd number of bounds lies before it, or it is the last of its run.
template <std::size_t size>
bool is_within(const std::uint32_t (&bounds)[size], std::uint32_t point) {
  const auto next = std::lower_bound(std::begin(bounds), std::end(bounds), point);
  const auto before = next - std::begin(bounds);
  return before % 2 == 1 || (next != std::end(bounds) && *next == point);
}

}  // namespace

bool is_letter(std::uint32_t point) { return is_within(letters, point); }
bool is_number(std::uint32_t point) { return is_within(numbers, point); }

bool is_white_space(std::uint32_t point) {
  return (point >= 9 && point <= 13) || point == 32 || point == 0x85 || point == 0xA0 || point == 0x1680 ||
         (point >= 0x2000 && point <= 0x200A) || point == 0x2028 || point == 0x2029 || point == 0x202F ||
         point == 0x205F || point == 0x3000;
}

}  // namespace rushlight
"""
    )


if __name__ == "__main__":
    main()
