"""Signing keys: which are taken, and that nothing shows them."""

import pytest

from chalicelib.platform.signing_keys import SigningKeys

FIRST = "first-key-with-more-than-32-characters"
SECOND = "second:key+with/more=than-32-characters"


def test_the_first_key_signs_and_all_are_found_by_their_ids():
    keys = SigningKeys.parse(f"2026b:{FIRST}, 2026a:{SECOND}")

    assert keys.signing == ("2026b", FIRST.encode())
    assert keys.get("2026a") == SECOND.encode()
    assert keys.get("2025") is None
    assert keys.get(None) is None


def test_a_key_has_at_least_32_bytes():
    assert SigningKeys.parse("k:" + "x" * 32)
    with pytest.raises(ValueError, match="fewer than 32 bytes"):
        SigningKeys.parse("k:" + "x" * 31)


@pytest.mark.parametrize(
    "text",
    [
        "",
        FIRST,
        f":{FIRST}",
        f"bad id:{FIRST}",
        f"{'i' * 33}:{FIRST}",
        f"k:{FIRST},",
        f"k:{FIRST},k:{SECOND}",
        f"k:{FIRST} {SECOND}",
        f"k:{FIRST}é",
        f"k:{FIRST}\x00",
    ],
)
def test_what_is_not_a_list_of_keys_is_refused_without_being_quoted(text: str):
    with pytest.raises(ValueError, match=r"^Key [12] ") as refused:
        SigningKeys.parse(text)
    assert not any(key in str(refused.value) for key in (FIRST, SECOND))


def test_keys_are_never_shown():
    keys = SigningKeys.parse(f"a:{FIRST},b:{SECOND}")

    assert repr(keys) == str(keys) == "SigningKeys(a, b)"


def test_the_same_key_is_recognised_under_another_id():
    keys = SigningKeys.parse(f"a:{FIRST}")

    assert keys.shares_a_key_with(SigningKeys.parse(f"x:{SECOND},y:{FIRST}"))
    assert not keys.shares_a_key_with(SigningKeys.parse(f"a:{SECOND}"))


def test_a_json_object_holds_keys_by_their_ids_in_order():
    keys = SigningKeys.parse_object(f'{{"2026b": "{FIRST}", "2026a": "{SECOND}"}}')

    assert keys.signing == ("2026b", FIRST.encode())
    assert keys.get("2026a") == SECOND.encode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        f'["{FIRST}"]',
        f'"{FIRST}"',
        f'{{"": "{FIRST}"}}',
        f'{{"a": "{FIRST}", "a": "{SECOND}"}}',
        '{"a": null}',
        '{"a": "short"}',
        f'{{"a": "{FIRST},b"}}',
    ],
)
def test_any_other_json_is_refused_and_shows_no_key(text: str):
    with pytest.raises(ValueError, match=r"[Kk]ey") as refused:
        SigningKeys.parse_object(text)
    assert FIRST not in str(refused.value) + repr(refused.value.__cause__)
