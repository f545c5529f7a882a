"""Who sends a request, and what they need to be."""

from types import SimpleNamespace

import pytest
from chalice.app import CaseInsensitiveMapping

from chalicelib.api.auth import admin, caller, optional_caller
from chalicelib.errors import Forbidden, InvalidToken, Unauthorized
from chalicelib.identity import Caller, Role
from chalicelib.users.model import User
from chalicelib.wiring import Wiring, rewire
from tests.support.settings import settings_of
from tests.support.shop import START


@pytest.fixture(autouse=True)
def wiring():
    wiring = Wiring(settings_of("unit"))
    rewire(wiring)
    yield wiring
    rewire(None)


def with_header(value: str | None):
    headers = {} if value is None else {"Authorization": value}
    return SimpleNamespace(headers=CaseInsensitiveMapping(headers))


def token_of(wiring: Wiring, role: Role) -> str:
    return wiring.users.tokens.access(User(7, "Ann", "ann@example.com", "hash", START, role))


@pytest.mark.parametrize("scheme", ["Bearer ", "bearer ", "BEARER  "])
def test_the_bearer_of_an_access_token_is_the_caller(wiring, scheme: str):
    request = with_header(scheme + token_of(wiring, Role.CUSTOMER))

    assert caller(request) == optional_caller(request) == Caller(7, Role.CUSTOMER)


def test_without_a_header_a_caller_may_be_anonymous_only_where_that_is_optional():
    assert optional_caller(with_header(None)) is None
    with pytest.raises(Unauthorized, match="Authorization: Bearer"):
        caller(with_header(None))


@pytest.mark.parametrize("header", ["", "Bearer", "Basic YTpi", "{token}", "Token {token}", "Bearer{token}"])
def test_a_header_without_a_bearer_token_is_refused_and_not_anonymous(wiring, header: str):
    request = with_header(header.format(token=token_of(wiring, Role.CUSTOMER)))
    for who in (caller, optional_caller):
        with pytest.raises(Unauthorized):
            who(request)


@pytest.mark.parametrize("token", ["x", "a.b.c", "x" * 10_000, "tökén", "{token} {token}", "{token},"])
def test_a_bad_token_is_refused_and_not_anonymous(wiring, token: str):
    request = with_header("Bearer " + token.format(token=token_of(wiring, Role.CUSTOMER)))
    for who in (caller, optional_caller):
        with pytest.raises(InvalidToken):
            who(request)


def test_only_an_admin_is_an_admin(wiring):
    assert admin(with_header("Bearer " + token_of(wiring, Role.ADMIN))).role is Role.ADMIN
    with pytest.raises(Forbidden):
        admin(with_header("Bearer " + token_of(wiring, Role.CUSTOMER)))
    with pytest.raises(Unauthorized):
        admin(with_header(None))
