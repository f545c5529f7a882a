"""Passwords: hashed whole whatever their length, with the same work for every address."""

import bcrypt
import pytest

from chalicelib.users.passwords import Passwords
from tests.support.settings import BCRYPT_COST


@pytest.fixture
def passwords() -> Passwords:
    return Passwords(BCRYPT_COST)


@pytest.mark.parametrize(
    "password",
    [
        "eight ch",
        "x" * 71,
        "x" * 72,
        "x" * 73,
        "x" * 1_000,
        "x" * 200_000,
        "é" * 36,
        "é" * 36 + "x",
        "x" + "é" * 36,
        "😀" * 18,
        "😀" * 19,
        "before\x00after",
    ],
)
def test_a_password_matches_its_own_hash_and_not_one_character_more_or_less(passwords, password: str):
    hashed = passwords.hash(password)

    assert passwords.matches(password, hashed)
    assert not passwords.matches(password + "x", hashed)
    assert not passwords.matches(password[:-1], hashed)


def test_long_passwords_that_begin_alike_are_different(passwords):
    hashed = passwords.hash("x" * 72 + "a")

    assert not passwords.matches("x" * 72 + "b", hashed)
    assert not passwords.matches("x" * 72, hashed)


def test_up_to_72_bytes_bcrypt_gets_the_password_itself(passwords):
    assert bcrypt.checkpw(b"x" * 72, passwords.hash("x" * 72).encode())


def test_a_hash_is_salted_and_names_its_cost(passwords):
    first, second = passwords.hash("correct horse"), passwords.hash("correct horse")

    assert first != second
    assert first.startswith(f"$2b${BCRYPT_COST:02}$")


def test_a_hash_of_another_cost_still_matches(passwords):
    assert passwords.matches("correct horse", Passwords(5).hash("correct horse"))


def test_nobodys_password_never_matches(passwords):
    assert not passwords.matches("correct horse", None)


@pytest.mark.parametrize("password", ["correct horse", "x" * 1_000])
def test_an_unknown_account_costs_one_check_of_the_same_cost_as_a_known_one(monkeypatch, passwords, password):
    hashed = passwords.hash("another password")
    checked = []

    def check(given: bytes, hashed: bytes, checkpw=bcrypt.checkpw) -> bool:
        checked.append(hashed)
        return checkpw(given, hashed)

    monkeypatch.setattr(bcrypt, "checkpw", check)

    passwords.matches(password, hashed)
    passwords.matches(password, None)

    assert len(checked) == 2
    assert checked[0][:7] == checked[1][:7] == f"$2b${BCRYPT_COST:02}$".encode()
    assert len(checked[0]) == len(checked[1])
