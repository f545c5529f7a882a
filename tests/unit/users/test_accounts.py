"""Accounts under contention, and the work that a login takes."""

import pytest

from chalicelib.errors import BadCredentials, Contended, EmailTaken, Unavailable
from chalicelib.platform.runtime import Runtime
from chalicelib.users.accounts import Accounts
from chalicelib.users.model import User
from chalicelib.users.passwords import Passwords
from tests.support.settings import BCRYPT_COST
from tests.support.shop import START, FixedClock


class ScriptedUsers:
    """Stands in for the repository: answers each `add` as it was told to, and remembers the user."""

    def __init__(self, *answers: bool | Exception) -> None:
        self.answers = list(answers)
        self.added: list[User] = []

    def add(self, user: User) -> bool:
        self.added.append(user)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


class OneUser:
    """Stands in for the repository: knows one account."""

    def __init__(self, user: User) -> None:
        self.user = user

    def find_by_email(self, email: str) -> User | None:
        return self.user if email == self.user.email else None


class CountingPasswords(Passwords):
    """Counts the checks."""

    checks = 0

    def matches(self, password: str, password_hash: str | None) -> bool:
        self.checks += 1
        return super().matches(password, password_hash)


def accounts_with(users, passwords=None) -> Accounts:
    clock = FixedClock()
    runtime = Runtime(clock=clock, monotonic=lambda: clock.now.timestamp(), sleep=clock.advance)
    return Accounts(users, None, passwords or Passwords(BCRYPT_COST), None, runtime)


def test_contention_and_lost_answers_are_tried_again_with_the_same_account():
    users = ScriptedUsers(Contended("busy"), Unavailable("no answer"), True)
    user = accounts_with(users).register("Ann", "ann@example.com", "correct horse")

    assert users.added == [user, user, user]


def test_a_taken_id_is_tried_again_with_another_one():
    users = ScriptedUsers(False, False, True)
    user = accounts_with(users).register("Ann", "ann@example.com", "correct horse")

    assert user == users.added[-1]
    assert len({added.password_hash for added in users.added}) == 1


def test_a_taken_address_is_not_tried_again():
    users = ScriptedUsers(EmailTaken("taken"))
    with pytest.raises(EmailTaken):
        accounts_with(users).register("Ann", "ann@example.com", "correct horse")
    assert len(users.added) == 1


def test_trying_again_ends_at_the_deadline():
    with pytest.raises(Contended):
        accounts_with(ScriptedUsers(Contended("busy"))).register("Ann", "ann@example.com", "correct horse")


@pytest.mark.parametrize("email", ["ann@example.com", "nobody@example.com", "retired"])
def test_a_failed_login_makes_one_password_check_whoever_it_is_for(email: str):
    passwords = CountingPasswords(BCRYPT_COST)
    retired = START if email == "retired" else None
    ann = User(1, "Ann", "ann@example.com", passwords.hash("correct horse"), START, deleted_at=retired)
    with pytest.raises(BadCredentials) as refused:
        accounts_with(OneUser(ann), passwords).login(email if not retired else ann.email, "wrong horse")

    assert passwords.checks == 1
    assert str(refused.value) == "The e-mail address or the password is wrong."
