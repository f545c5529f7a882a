"""Storing accounts and ended sessions, on moto and on DynamoDB Local alike."""

import uuid
from dataclasses import replace

import pytest

from chalicelib.errors import EmailTaken
from chalicelib.identity import Role
from chalicelib.users.model import Session, User
from chalicelib.users.storage.sessions import SessionRepository
from chalicelib.users.storage.users import UserRepository
from tests.support.shop import START, Shop

SESSION = Session("jti", 4711, int(START.timestamp()) + 60)


@pytest.fixture
def users(shop: Shop) -> UserRepository:
    return shop.wiring.users.repository


@pytest.fixture
def ann() -> User:
    return User(4711, "Ann", "Ann@Example.com", salted_hash(), START)


@pytest.fixture
def bob() -> User:
    return User(4712, "Bob", "bob@example.com", salted_hash(), START, Role.ADMIN)


def salted_hash() -> str:
    """Return what stands in for a hash: as with a real one, no two are the same."""
    return uuid.uuid4().hex


@pytest.fixture
def sessions(shop: Shop) -> SessionRepository:
    return shop.wiring.users.sessions


def test_an_account_is_found_by_its_id(users, ann, bob):
    assert users.add(ann)
    assert users.add(bob)

    assert users.find(4711) == ann
    assert users.find(4712) == bob


def test_an_account_is_found_by_its_address_in_any_letter_case(users, ann):
    users.add(ann)

    assert users.find_by_email("Ann@Example.com") == ann
    assert users.find_by_email("ANN@EXAMPLE.COM") == ann
    assert users.find_by_email("ann@example.com") == ann


def test_nobody_is_found_where_nobody_is(users, ann):
    users.add(ann)

    assert users.find(4712) is None
    assert users.find(0) is None
    assert users.find_by_email("bob@example.com") is None


def test_a_retired_account_is_still_found_and_keeps_its_address(users, ann, bob):
    retired = replace(ann, deleted_at=START)
    users.add(retired)

    assert users.find(4711) == retired
    with pytest.raises(EmailTaken):
        users.add(replace(bob, email=ann.email))


def test_an_address_is_taken_once_whatever_its_letter_case(users, ann, bob):
    users.add(ann)
    with pytest.raises(EmailTaken):
        users.add(replace(bob, email="aNN@eXAMPLE.cOM"))

    assert users.find(4712) is None
    assert users.find_by_email(ann.email) == ann


def test_an_id_is_taken_once_and_its_second_user_keeps_no_address(users, ann, bob):
    users.add(ann)

    assert not users.add(replace(bob, id=4711))
    assert users.find(4711) == ann
    assert users.find_by_email(bob.email) is None


def test_both_id_and_address_taken_by_another_is_an_address_taken(users, ann):
    users.add(ann)
    with pytest.raises(EmailTaken):
        users.add(replace(ann, password_hash=salted_hash()))


def test_adding_the_same_account_again_after_a_lost_answer_is_no_conflict(users, ann):
    assert users.add(ann)
    assert users.add(ann)
    assert users.find(4711) == ann


def test_a_session_is_good_until_it_is_revoked(sessions):
    assert not sessions.is_revoked(SESSION)
    assert sessions.revoke(SESSION, START)
    assert sessions.is_revoked(SESSION)
    assert not sessions.is_revoked(replace(SESSION, jti="another"))


def test_a_session_is_revoked_once(sessions):
    assert sessions.revoke(SESSION, START)
    assert not sessions.revoke(SESSION, START)
    assert sessions.is_revoked(SESSION)
