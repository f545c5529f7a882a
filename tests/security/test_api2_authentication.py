"""API2:2023 Broken Authentication: only our own valid tokens are taken, and no answer reveals who has an account.

Every way to break a token by itself is in tests/unit/users/test_tokens.py.
"""

import base64
import json
import random
import time

import bcrypt
import jwt
import pytest

from chalicelib.identity import Role
from chalicelib.platform.signing_keys import SigningKeys
from chalicelib.users.model import User
from chalicelib.users.passwords import Passwords
from chalicelib.users.tokens import Tokens
from tests.security.routes import Open, example, routes_open
from tests.support.api import Api
from tests.support.settings import KEY
from tests.support.shop import START, FixedClock, Shop

# A hash in some 15 ms: long beside everything else that a login does here.
HASH_COST = 8
ANN = {"name": "Ann", "email": "ann@example.com", "password": "correct horse"}
USER = User(7, "Ann", "ann@example.com", "hash", START)
NOW = int(START.timestamp())
GOOD = {"sub": "7", "type": "access", "jti": "j", "iat": NOW, "exp": NOW + 60, "role": "customer"}
PUBLIC_KEY = """-----BEGIN PUBLIC KEY-----
MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAK8i7qAtfJgzv0VWQnYEr3i8AzEx7QYX
-----END PUBLIC KEY-----"""


def signed(claims: dict, key: str = KEY, **header: str) -> str:
    return jwt.encode(claims, key, "HS256", {"kid": "test", **header})


def segments(header: dict, claims: dict, signature: bytes = b"") -> str:
    parts = (json.dumps(header).encode(), json.dumps(claims).encode(), signature)
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def tokens_of(key: str, clock: FixedClock | None = None) -> Tokens:
    keys = SigningKeys.parse(key)
    return Tokens(lambda: keys, clock or FixedClock(), access_seconds=900, refresh_seconds=604_800)


BAD = {
    "nothing": "",
    "no token": "x",
    "too long": "x" * 10_240,
    "a good one with 10,000 characters more": signed(GOOD) + "x" * 10_000,
    "not ASCII": "tökén",
    "NUL": "a\x00b",
    "unsigned": jwt.encode(GOOD, None, "none", {"kid": "test"}),
    "unsigned in capitals": segments({"alg": "NONE", "kid": "test"}, GOOD),
    "a good one without its signature": signed(GOOD).rsplit(".", 1)[0] + ".",
    "another algorithm of the family": jwt.encode(GOOD, KEY * 2, "HS512", {"kid": "test"}),
    "an algorithm with a public key": segments({"alg": "RS256", "kid": "test"}, GOOD, PUBLIC_KEY.encode()),
    "signed with a public key as if it were a secret": segments(
        {"alg": "HS256", "kid": "test"}, GOOD, PUBLIC_KEY.encode()
    ),
    "another key": signed(GOOD, "x" * 32),
    "the key that everybody knows": signed(GOOD, "known-to-everybody-and-good-for-one-machine-only", kid="local"),
    "an unknown key": signed(GOOD, kid="other"),
    "a key that is a path": signed(GOOD, kid="../../dev/null"),
    "a key that is a query": signed(GOOD, kid="' OR 1=1 --"),
    "a key it brings along": signed(GOOD, jwk=json.dumps({"kty": "oct", "k": "eA"}), kid=""),
    "a key at an address": signed(GOOD, "x" * 32, jku="http://127.0.0.1:9/keys", x5u="http://127.0.0.1:9/"),
    "no claims": signed({}),
    "no expiry": signed({name: value for name, value in GOOD.items() if name != "exp"}),
    "an expiry as text": signed(GOOD | {"exp": str(NOW + 60)}),
    "a role of its own": signed(GOOD | {"role": "root"}),
    "a user of another kind": signed(GOOD | {"sub": "admin"}),
    "for somebody else": signed(GOOD | {"aud": "another"}),
    "claims that are a list": segments({"alg": "HS256", "kid": "test"}, [GOOD]),
    "a refresh token": tokens_of(f"test:{KEY}").refresh(USER),
    "of another stage": tokens_of("test:a-key-of-another-stage-of-32-chars").access(USER),
}  # fmt: skip


@pytest.fixture(scope="module")
def known() -> list[tuple[str, str]]:
    """Return the routes that read tokens."""
    return routes_open(Open.TO_ACCOUNTS, Open.TO_ADMINS, Open.TO_ANYONE_AND_KNOWN)


@pytest.mark.parametrize("case", BAD)
def test_a_bad_token_is_refused_by_every_route_that_reads_one(edge: Api, known, case: str):
    for method, path in known:
        headers = {"Authorization": f"Bearer {BAD[case]}", "Content-Type": "application/json"}
        answer = edge.call(method, example(path), b"{}", headers)
        assert answer.status == 401, (path, answer.body)
        assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("case", [case for case in BAD if case not in ("nothing", "a refresh token")])
def test_a_bad_token_renews_and_ends_nothing(edge: Api, case: str):
    for path in ("/users/token/refresh", "/users/logout"):
        answer = edge.post(path, {"refresh": BAD[case]})
        assert (answer.status, answer.json["code"]) == (401, "invalid_token")


def test_a_token_past_its_time_is_refused_by_every_route_that_reads_one(api: Api, shop: Shop, known):
    old = shop.wiring.users.tokens.access(USER)
    shop.clock.advance(shop.wiring.settings.access_token_seconds)
    for method, path in known:
        headers = {"Authorization": f"Bearer {old}", "Content-Type": "application/json"}
        answer = api.call(method, example(path), b"{}", headers)
        assert (answer.status, answer.json["code"]) == (401, "token_expired"), path


def test_a_customer_cannot_make_an_admins_token_of_ones_own(edge: Api):
    header, claims, signature = tokens_of(f"test:{KEY}").access(USER).split(".")
    content = json.loads(base64.urlsafe_b64decode(claims + "=="))
    raised = segments({}, content | {"role": Role.ADMIN.value}).split(".")[1]

    answer = edge.get("/users/me", {"Authorization": f"Bearer {header}.{raised}.{signature}"})
    assert (answer.status, answer.json["code"]) == (401, "invalid_token")


def test_a_token_is_read_from_its_header_alone(edge: Api):
    token = tokens_of(f"test:{KEY}").access(USER)
    for path in (f"/users/me?access_token={token}", f"/users/me?token={token}"):
        assert edge.get(path, {"Cookie": f"access={token}; token={token}"}).status == 401


def failed_login(api: Api, email: str) -> None:
    assert api.post("/users/login", {"email": email, "password": "wrong horse"}).status == 409


@pytest.fixture
def patient(api: Api, shop: Shop) -> Api:
    """Return the routes without a limit on logins, and with password hashes that take a few milliseconds."""
    shop.rewire(settings={"auth_rate_limit_max_request": 0, "bcrypt_cost": HASH_COST})
    assert api.post("/users/register", ANN).status == 201
    return api


def test_a_failed_login_checks_one_password_whether_or_not_there_is_an_account(patient: Api, monkeypatch):
    checked: list[bytes] = []

    def check(password: bytes, hashed: bytes) -> bool:
        checked.append(hashed[:7])
        return real(password, hashed)

    real = bcrypt.checkpw
    monkeypatch.setattr(bcrypt, "checkpw", check)
    for email in (ANN["email"], "nobody@example.com"):
        failed_login(patient, email)

    assert checked == [b"$2b$08$"] * 2


def times_of_failed_logins(api: Api, rounds: int) -> tuple[list[float], list[float]]:
    """Measure logins with a known and with unknown addresses in random turns, in seconds of this process.

    CPU time instead of the clock's, because other processes of the machine do not count in it.
    """
    known, unknown = [], []
    chance = random.Random(1)
    for number in range(rounds):
        turns = [(known, ANN["email"]), (unknown, f"nobody{number:04}@example.com")]
        chance.shuffle(turns)
        for times, email in turns:
            began = time.process_time()
            failed_login(api, email)
            times.append(time.process_time() - began)
    return known, unknown


def share_that_takes_longer(these: list[float], those: list[float], by: float) -> float:
    """Return in how many of all pairs one of `these` takes longer than one of `those` by so many seconds.

    The statistic of Mann and Whitney's rank test for a shift: it needs no shape of the times' distribution,
    and a few times that something else disturbed weigh no more than any others.
    """
    return sum(a > b + by for a in these for b in those) / (len(these) * len(those))


def test_the_time_of_a_failed_login_does_not_tell_whether_there_is_an_account(patient: Api, monkeypatch):
    """No address takes half a password hash longer than the other; were the hash skipped, nearly all would."""
    known, unknown = times_of_failed_logins(patient, rounds=40)
    began = time.process_time()
    for _ in range(10):
        Passwords(HASH_COST).matches("wrong horse", None)
    half_a_hash = (time.process_time() - began) / 20

    assert share_that_takes_longer(known, unknown, half_a_hash) < 0.2
    assert share_that_takes_longer(unknown, known, half_a_hash) < 0.2

    # The same measurement of a login that skips the hash shows it, so it would have been seen above.
    matches = Passwords.matches
    monkeypatch.setattr(
        Passwords, "matches", lambda self, password, hashed: bool(hashed) and matches(self, password, hashed)
    )
    assert share_that_takes_longer(*times_of_failed_logins(patient, rounds=40), half_a_hash) > 0.8
