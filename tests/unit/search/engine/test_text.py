"""Folding and words: what the search takes for the same."""

import pytest

from chalicelib.search.engine.text import MAX_WORD_LENGTH, fold, words


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("iPhone 15 Pro", "iphone 15 pro"),
        ("Café  CRÈME\t", "cafe creme"),
        ("Cafe\u0301", "cafe"),
        ("Straße", "strasse"),
        ("ﬁne № ²", "fine no 2"),
        ("İstanbul", "istanbul"),
        ("كِتَاب", "كتاب"),
        ("", ""),
    ],
)
def test_case_accents_and_white_space_do_not_matter(text: str, folded: str):
    assert fold(text) == folded
    assert fold(folded) == folded


def test_words_are_runs_of_letters_and_digits_each_once():
    assert words('The "best" USB-C_cable: the USB, 5.5m!') == ["the", "best", "usb", "c", "cable", "5", "5m"]
    assert words("🙂 -- \x00 *") == []


def test_a_long_word_is_cut():
    assert words("x" * 1000) == ["x" * MAX_WORD_LENGTH]
