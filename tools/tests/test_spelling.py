"""spelling.py: what counts as a word of prose, and that one which nobody knows is found."""

import shutil

import pytest
import spelling


def test_code_formulas_and_addresses_are_no_prose():
    text = "A `wrod` and $wrod$.\n```cpp\nwrod\n```\n<!-- wrod -->\n[here](wrod.md) is rush_wrod, wrod.cpp and wrod(), isn't it? The gpt's."
    assert set(spelling.words(text)) == {"A", "and", "here", "is", "isn", "it", "The", "gpt"}
    assert spelling.words("one\n\ntwo one")["two"] == 3


@pytest.mark.skipif(shutil.which("hunspell") is None, reason="hunspell is not installed")
def test_what_nobody_knows_is_found():
    assert spelling.unknown({"house", "huose", "gelu", "Gelu"}, {"gelu"}) == {"huose"}


def test_the_list_is_sorted_and_says_everything_once():
    known = spelling.KNOWN.read_text(encoding="utf-8").split()
    assert known == sorted(set(known))
