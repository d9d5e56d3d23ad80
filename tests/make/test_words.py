"""Words and patterns: pure functions on strings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ninjagen.make.words import (
    Pattern,
    end_of_reference,
    find_unquoted,
    patsubst_words,
    split_words,
    strip_dot_slash,
    unquote,
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        ("  ", []),
        (" a  b\tc\nd\ve\ff\rg ", ["a", "b", "c", "d", "e", "f", "g"]),
        ("a\xa0b", ["a\xa0b"]),  # no-break space: a blank for str.split, none for make
        ("a\u2003b c", ["a\u2003b", "c"]),
        ("a\x1cb\x1db\x1eb\x1fb", ["a\x1cb\x1db\x1eb\x1fb"]),
        ("a\x85b", ["a\x85b"]),
        ("ß ü", ["ß", "ü"]),
        ("a\udc80b c", ["a\udc80b", "c"]),  # a byte that is not UTF-8
    ],
)
def test_split_words(text: str, words: list[str]) -> None:
    assert split_words(text) == words


@given(st.text(alphabet="ab \t\n\v\f\r\x1c\xa0é"))
def test_words_hold_no_blank_and_lose_nothing(text: str) -> None:
    words = split_words(text)
    assert all(word and not set(word) & set(" \t\n\v\f\r") for word in words)
    blanks = str.maketrans("", "", " \t\n\v\f\r")
    assert "".join(words) == text.translate(blanks)


@pytest.mark.parametrize(
    ("pattern", "word", "stem"),
    [
        ("%.c", "a.c", "a"),
        ("%.c", ".c", ""),
        ("%.c", "a.h", None),
        ("a%a", "a", None),  # prefix and suffix may not overlap
        ("a%a", "aa", ""),
        ("a%a", "aba", "b"),
        ("%", "x/y", "x/y"),
        ("a", "a", ""),
        ("a", "b", None),
        ("%%", "a%", "a"),  # only the first one is special
        (r"\%c", "%c", ""),
        (r"\%c", "ac", None),
        (r"\\%c", r"\ac", "a"),
        (r"a\%b%c", "a%bxc", "x"),
        (r"\a%", r"\ab", "b"),  # a backslash is special before `%` only
    ],
)
def test_stem(pattern: str, word: str, stem: str | None) -> None:
    assert Pattern.parse(pattern).stem(word) == stem


@given(st.text("ab./", max_size=4), st.text("ab./", max_size=4), st.text("ab./", max_size=4))
def test_fill_and_stem_are_inverse(prefix: str, stem: str, suffix: str) -> None:
    pattern = Pattern.parse(f"{prefix}%{suffix}")
    assert pattern.fill(stem) == prefix + stem + suffix
    assert pattern.stem(pattern.fill(stem)) == stem


@pytest.mark.parametrize(
    ("pattern", "replacement", "text", "result"),
    [
        ("%.c", "%.o", "a.c  b.h c.c", "a.o b.h c.o"),
        ("%.c", "x", "a.c b", "x b"),
        ("a", "b", "a aa", "b aa"),
        ("a", "%b", "a", "%b"),
        ("%", "%%", "a", "a%"),
        ("%", r"\%%", "a", "%a"),
        ("", "x", "a b", "a b"),
        ("%", "", "a b", ""),
        ("a", "b", "a  aa\ta", "b  aa\tb"),  # without `%` the blanks stay
    ],
)
def test_patsubst_words(pattern: str, replacement: str, text: str, result: str) -> None:
    assert patsubst_words(pattern, replacement, text) == result


@pytest.mark.parametrize(
    ("text", "stops", "references", "at"),
    [
        ("a:b", ":", False, 1),
        (r"a\:b:c", ":", False, 4),
        (r"a\\:b", ":", False, 3),
        ("ab", ":", False, -1),
        ("$(a:b):c", ":", True, 6),
        ("$(a:b):c", ":", False, 3),
        ("${a(:}:", ":", True, 6),
        ("$:x:", ":", True, 3),  # `$:` is a reference of one character
    ],
)
def test_find_unquoted(text: str, stops: str, references: bool, at: int) -> None:
    assert find_unquoted(text, stops, references=references) == at


@pytest.mark.parametrize(
    ("text", "end"),
    [("$(a)b", 4), ("$(a$(b))c", 8), ("$ab", 2), ("${a(}b", 5), ("$", 1), ("$(a", 3), ("$$a", 2)],
)
def test_end_of_reference(text: str, end: int) -> None:
    assert end_of_reference(text, 0) == end


@pytest.mark.parametrize(
    ("text", "result"),
    [("a#b", "a#b"), (r"a\#b", "a#b"), (r"a\\#b", "a\\#b"), (r"a\\\#", r"a\#"), (r"a\b", r"a\b")],
)
def test_unquote(text: str, result: str) -> None:
    assert unquote(text, "#") == result


@pytest.mark.parametrize(
    ("name", "result"),
    [
        ("./a", "a"), (".//a", "a"), ("././a", "a"), ("./", "./"), (".", "."), ("a/./b", "a/./b"),
        ("../a", "../a"), (".//", "./"), ("./.", "."), ("./.a", ".a"),
    ],
)  # fmt: skip
def test_strip_dot_slash(name: str, result: str) -> None:
    assert strip_dot_slash(name) == result
