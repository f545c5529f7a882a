"""Tokens: what one of ours is, and everything that is not."""

import base64
import json
from datetime import timedelta

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.errors import InvalidToken, TokenExpired
from chalicelib.identity import Caller, Role
from chalicelib.platform.signing_keys import SigningKeys
from chalicelib.users.model import Session, User
from chalicelib.users.tokens import MAX_TOKEN_LENGTH, Tokens
from tests.support.shop import START, FixedClock

OLD = "old:the-old-key-has-at-least-32-characters"
NEW = "new:the-new-key-has-at-least-32-characters"
KEY = OLD.split(":")[1]
USER = User(4711, "Ann", "ann@example.com", "hash", START, Role.ADMIN)
NOW = int(START.timestamp())
CLAIMS = {
    "sub": "4711", "type": "access", "jti": "j", "iat": NOW, "exp": NOW + 60, "role": "customer",
}  # fmt: skip


def make(keys: str = OLD, clock=None) -> Tokens:
    parsed = SigningKeys.parse(keys)
    return Tokens(lambda: parsed, clock or FixedClock(), access_seconds=900, refresh_seconds=604_800)


def signed(claims: dict, key: str = KEY, algorithm: str = "HS256", kid: str | None = "old") -> str:
    return jwt.encode(claims, key, algorithm, {"kid": kid} if kid else None)


def test_an_access_token_says_who_its_bearer_is_and_what_they_may_do():
    tokens = make()

    assert tokens.caller(tokens.access(USER)) == Caller(4711, Role.ADMIN)


def test_a_refresh_token_names_a_session_that_lives_as_long_as_it():
    tokens = make()
    session = tokens.session(tokens.refresh(USER))

    assert session == Session(session.jti, 4711, NOW + 604_800)


def test_every_token_has_an_id_of_its_own():
    tokens = make()

    assert len({tokens.session(tokens.refresh(USER)).jti for _ in range(100)}) == 100


def test_a_token_is_an_ordinary_jwt_with_the_key_id_in_its_header():
    token = make().access(USER)
    claims = jwt.decode(token, KEY, ["HS256"], options={"verify_exp": False, "verify_iat": False})

    assert jwt.get_unverified_header(token) == {"alg": "HS256", "typ": "JWT", "kid": "old"}
    assert claims.keys() == CLAIMS.keys()
    assert (claims["sub"], claims["iat"], claims["exp"]) == ("4711", NOW, NOW + 900)


def test_each_kind_of_token_is_refused_where_the_other_is_due():
    tokens = make()

    with pytest.raises(InvalidToken, match="access token"):
        tokens.caller(tokens.refresh(USER))
    with pytest.raises(InvalidToken, match="refresh token"):
        tokens.session(tokens.access(USER))


def test_a_token_expires_at_the_second_it_says():
    clock = FixedClock()
    tokens = make(clock=clock)
    token = tokens.access(USER)

    clock.advance(899)
    tokens.caller(token)
    clock.advance(1)
    with pytest.raises(TokenExpired):
        tokens.caller(token)


def test_a_new_key_in_front_logs_nobody_out_until_the_old_one_is_dropped():
    token = make(OLD).access(USER)

    assert make(f"{NEW},{OLD}").caller(token).user_id == 4711
    with pytest.raises(InvalidToken, match="not in use"):
        make(NEW).caller(token)


def test_a_new_key_in_front_signs():
    token = make(f"{NEW},{OLD}").access(USER)

    assert make(NEW).caller(token).user_id == 4711


def test_the_claims_of_these_tests_are_good():
    assert make().caller(signed(CLAIMS)) == Caller(4711, Role.CUSTOMER)


@pytest.mark.parametrize("missing", CLAIMS)
def test_a_token_without_one_of_its_claims_is_refused(missing: str):
    with pytest.raises(InvalidToken):
        make().caller(signed({name: value for name, value in CLAIMS.items() if name != missing}))


@pytest.mark.parametrize(
    "claim",
    [
        {"sub": "x"},
        {"sub": "-1"},
        {"sub": ""},
        {"sub": str(2**53)},
        {"exp": str(NOW + 60)},
        {"exp": None},
        {"exp": 1e309},
        {"iat": "now"},
        {"type": "admin"},
        {"type": ["access"]},
        {"role": "root"},
        {"jti": 1},
        {"aud": "somebody else"},
    ],
    ids=str,
)
def test_a_token_with_a_strange_claim_is_refused(claim: dict):
    with pytest.raises(InvalidToken):
        make().caller(signed(CLAIMS | claim))


@pytest.mark.filterwarnings("ignore::jwt.InsecureKeyLengthWarning")
@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_another_algorithm_is_refused_even_with_our_key(algorithm: str):
    with pytest.raises(InvalidToken):
        make().caller(signed(CLAIMS, algorithm=algorithm))


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "", None, ["HS256"]])
def test_an_unsigned_token_is_refused(algorithm):
    header = segment({"alg": algorithm, "typ": "JWT", "kid": "old"})
    signature = signed(CLAIMS).rsplit(".", 1)[1]

    for ending in ("", signature):
        with pytest.raises(InvalidToken):
            make().caller(f"{header}.{segment(CLAIMS)}.{ending}")


def test_a_token_signed_with_another_key_is_refused():
    with pytest.raises(InvalidToken):
        make().caller(signed(CLAIMS, key="x" * 32))


@pytest.mark.parametrize("kid", ["unknown", "../../dev/null", "OLD", None])
def test_a_token_with_an_unknown_key_id_or_none_is_refused(kid):
    with pytest.raises(InvalidToken, match="not in use"):
        make().caller(signed(CLAIMS, kid=kid))


@pytest.mark.parametrize("kid", [1, ["old"], {"old": 1}, True, None])
def test_a_key_id_that_is_no_text_is_refused(kid):
    header = segment({"alg": "HS256", "kid": kid})
    with pytest.raises(InvalidToken):
        make().caller(f"{header}.{segment(CLAIMS)}.{signed(CLAIMS).rsplit('.', 1)[1]}")


def test_a_token_whose_claims_were_changed_is_refused():
    header, _, signature = signed(CLAIMS).split(".")
    with pytest.raises(InvalidToken):
        make().caller(f"{header}.{segment(CLAIMS | {'role': 'admin'})}.{signature}")


@pytest.mark.parametrize(
    "token",
    ["", ".", "..", "...", "a.b.c", "Bearer", " ", "\x00", "tökén", "\ud800", "e30.e30.e30", "W10.W10.W10"],
    ids=ascii,
)
def test_what_is_no_token_is_refused(token: str):
    with pytest.raises(InvalidToken):
        make().caller(token)


def test_a_token_that_is_too_long_is_refused_before_it_is_parsed(monkeypatch):
    monkeypatch.setattr(jwt, "get_unverified_header", lambda token: pytest.fail("parsed"))
    long = signed(CLAIMS | {"padding": "x" * 10_000})

    assert len(long) > MAX_TOKEN_LENGTH
    with pytest.raises(InvalidToken):
        make().caller(long)


@given(st.text())
def test_no_text_at_all_is_anything_but_refused(text: str):
    with pytest.raises(InvalidToken):
        make().caller(text)


@given(st.binary(max_size=60), st.binary(max_size=60), st.binary(max_size=60))
def test_no_three_segments_are_anything_but_refused(header: bytes, payload: bytes, signature: bytes):
    with pytest.raises(InvalidToken):
        make().session(".".join(map(encoded, (header, payload, signature))))


def test_a_token_of_an_instance_whose_clock_is_a_little_ahead_is_good():
    ahead = make(clock=FixedClock(START + timedelta(seconds=2)))

    assert make().caller(ahead.access(USER)).user_id == 4711


def segment(content: dict) -> str:
    return encoded(json.dumps(content).encode())


def encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
