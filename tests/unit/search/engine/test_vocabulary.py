"""Which words a typed word may mean."""

import pytest

from chalicelib.search.engine.vocabulary import Vocabulary

WORDS = Vocabulary(["phone", "phones", "iphone", "headphones", "pho", "telephony"])


def test_words_are_found_by_their_start_and_by_their_inside():
    assert WORDS.starting_with("phon") == ["phone", "phones"]
    assert list(WORDS.with_inside("phon")) == ["headphones", "iphone", "telephony"]
    assert WORDS.starting_with("x") == []
    assert list(WORDS.with_inside("x")) == []


def test_words_with_the_same_beginning_are_found_wherever_they_stand():
    words = sorted(
        {f"{first}{second}{third}" for first in "aàz" for second in "bç" for third in ("", "d", "đ")}
    )
    vocabulary = Vocabulary(words)

    for beginning in ["", "a", "ab", "abd", "abđ", "à", "àç", "z", "zç", "zçđ", "zz", "0"]:
        assert vocabulary.starting_with(beginning) == [word for word in words if word.startswith(beginning)]


@pytest.mark.parametrize("typed", ["iphon", "iphonee", "iphome", "ipohne", "pihone", "iphnoe", "xiphone"])
def test_a_letter_missing_added_replaced_or_swapped_is_one_typo(typed: str):
    assert "iphone" in WORDS.one_typo_from(typed)


@pytest.mark.parametrize("typed", ["iphone", "ihpnoe", "ipho", "ph", "pones1"])
def test_the_word_itself_two_typos_and_two_letters_are_no_typo(typed: str):
    assert "iphone" not in WORDS.one_typo_from(typed)


def test_an_empty_vocabulary_knows_no_word():
    empty = Vocabulary.parse(Vocabulary([]).dump())

    assert (empty.starting_with("a"), list(empty.with_inside("a")), empty.one_typo_from("abc")) == (
        [],
        [],
        [],
    )
