"""Accounts over HTTP: the contract's table, and every bad input as a problem that names the field."""

import json

import pytest

from chalicelib.users.model import User
from chalicelib.users.storage.tables import USERS_TABLE, UserRow, user_key
from tests.support.api import Answer, Api
from tests.support.settings import KEY
from tests.support.shop import START, Shop

ANN = {"name": "Ann", "email": "Ann@example.com", "password": "correct horse"}
CREDENTIALS = {"email": "ann@example.com", "password": "correct horse"}
ROUTES_WITH_BODY = ("/users/register", "/users/login", "/users/token/refresh", "/users/logout")


def register(api: Api, **other) -> Answer:
    return api.post("/users/register", ANN | other)


def login(api: Api, **other) -> Answer:
    return api.post("/users/login", CREDENTIALS | other)


def logged_in(api: Api, **other) -> dict[str, str]:
    """Register and log in; return the answer to the login."""
    assert register(api, **other).status == 201
    return login(api, **{name: value for name, value in other.items() if name in CREDENTIALS}).json


def me(api: Api, token: str) -> Answer:
    return api.get("/users/me", {"Authorization": f"Bearer {token}"})


def retire(shop: Shop, user_id: int) -> None:
    rows = shop.wiring.platform.database.bind(UserRow, USERS_TABLE)
    rows(user_key(user_id)).update([UserRow.deleted_at.set(START)])


def assert_problem(answer: Answer, status: int, code: str, *fields: str) -> None:
    assert (answer.status, answer.json["status"], answer.json["code"]) == (status, status, code), answer.body
    assert answer.headers["content-type"] == "application/problem+json"
    assert sorted(answer.json.get("errors", {})) == sorted(fields)
    if status == 401:
        assert answer.headers["www-authenticate"] == "Bearer"


def test_registering_answers_with_the_id_of_a_new_customer(api):
    answer = register(api)

    assert answer.status == 201
    assert answer.json.keys() == {"id", "message"}
    shown = me(api, login(api).json["access"])
    assert shown.status == 200
    assert shown.json == {
        "id": answer.json["id"],
        "name": "Ann",
        "email": "Ann@example.com",
        "role": "customer",
        "created_at": "2026-03-01T12:00:00Z",
    }


@pytest.mark.parametrize("email", ["Ann@example.com", "ann@EXAMPLE.com"])
def test_an_address_is_registered_once_in_whatever_letter_case(api, email: str):
    register(api)

    assert_problem(register(api, email=email, password="another password"), 409, "email_taken")
    assert login(api, password="another password").status == 409


@pytest.mark.parametrize("email", ["Ann@example.com", "ann@example.com", "ANN@EXAMPLE.COM"])
def test_logging_in_gives_both_tokens_whatever_the_addresss_letter_case(api, email: str):
    register(api)
    answer = login(api, email=email)

    assert answer.status == 200
    assert answer.json.keys() == {"message", "access", "refresh"}
    assert answer.headers["cache-control"] == "no-store"


def test_a_wrong_password_and_an_unknown_address_are_told_apart_by_nothing(api):
    register(api)
    wrong = login(api, password="wrong horse")
    unknown = login(api, email="nobody@example.com")

    assert_problem(wrong, 409, "bad_credentials")
    assert unknown.status == 409
    assert unknown.json | {"request_id": ""} == wrong.json | {"request_id": ""}


def test_a_refresh_token_gives_a_new_access_token(api):
    tokens = logged_in(api)
    answer = api.post("/users/token/refresh", {"refresh": tokens["refresh"]})

    assert answer.status == 200
    assert answer.json.keys() == {"access", "message"}
    assert answer.headers["cache-control"] == "no-store"
    assert me(api, answer.json["access"]).status == 200


def test_access_lasts_fifteen_minutes_and_refresh_seven_days(api, moto_shop):
    tokens = logged_in(api)
    moto_shop.clock.advance(15 * 60)
    assert_problem(me(api, tokens["access"]), 401, "token_expired")

    moto_shop.clock.advance(7 * 24 * 3600 - 15 * 60 - 1)
    renewed = api.post("/users/token/refresh", {"refresh": tokens["refresh"]})
    assert me(api, renewed.json["access"]).status == 200

    moto_shop.clock.advance(1)
    for path in ("/users/token/refresh", "/users/logout"):
        assert_problem(api.post(path, {"refresh": tokens["refresh"]}), 401, "token_expired")


def test_logging_out_ends_that_session_and_no_other(api):
    first = logged_in(api)
    second = login(api).json
    answer = api.post("/users/logout", {"refresh": first["refresh"]})

    assert (answer.status, answer.body) == (204, b"")
    for path in ("/users/token/refresh", "/users/logout"):
        assert_problem(api.post(path, {"refresh": first["refresh"]}), 401, "invalid_token")
    assert api.post("/users/token/refresh", {"refresh": second["refresh"]}).status == 200


def test_each_token_is_good_for_its_own_use_only(api):
    tokens = logged_in(api)

    assert_problem(me(api, tokens["refresh"]), 401, "invalid_token")
    for path in ("/users/token/refresh", "/users/logout"):
        assert_problem(api.post(path, {"refresh": tokens["access"]}), 401, "invalid_token")


def test_a_retired_account_can_do_nothing_and_is_not_told_apart(api, moto_shop):
    user_id = register(api).json["id"]
    tokens = login(api).json
    retire(moto_shop, user_id)

    assert_problem(login(api), 409, "bad_credentials")
    assert_problem(api.post("/users/token/refresh", {"refresh": tokens["refresh"]}), 401, "invalid_token")
    assert_problem(me(api, tokens["access"]), 401, "invalid_token")
    assert_problem(register(api), 409, "email_taken")


def test_a_token_that_was_tampered_with_is_refused(api):
    access = logged_in(api)["access"]
    for place in (5, access.index(".") + 5, len(access) - 5):
        changed = access[:place] + ("A" if access[place] != "A" else "B") + access[place + 1 :]
        assert_problem(me(api, changed), 401, "invalid_token")


@pytest.mark.parametrize("header", ["", "Bearer", "Basic YTpi", "Bearer ", "{access}", "Token {access}"])
def test_an_authorization_without_a_bearer_token_is_a_401(api, header: str):
    access = logged_in(api)["access"]
    answer = api.get("/users/me", {"Authorization": header.format(access=access)})

    assert answer.status == 401
    assert answer.headers["www-authenticate"] == "Bearer"


def test_no_authorization_at_all_is_a_401(edge):
    assert_problem(edge.get("/users/me"), 401, "unauthorized")


@pytest.mark.parametrize(
    "password",
    [
        "12345678",
        "        ",
        "x" * 71,
        "x" * 72,
        "x" * 73,
        "x" * 1_000,
        "x" * 100_000,
        "é" * 36,
        "é" * 36 + "x",
        "x" + "é" * 36,
        "😀" * 8,
        "😀" * 19,
        "with\ttab and\nlines",
    ],
    ids=lambda password: f"{len(password)} of {password[:1]!a}",
)
def test_a_password_of_any_length_and_script_logs_in_and_one_that_only_begins_alike_does_not(api, password):
    logged_in(api, password=password)

    assert login(api, password=password).status == 200
    assert_problem(login(api, password=password + "x"), 409, "bad_credentials")
    assert_problem(login(api, password=password[:-1]), 409, "bad_credentials")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "   "),
        ("name", "x" * 256),
        ("name", "two\nlines"),
        ("name", "NUL\x00"),
        ("name", "del\x7f"),
        ("name", 5),
        ("name", None),
        ("email", ""),
        ("email", "ann"),
        ("email", "ann@"),
        ("email", "@example.com"),
        ("email", "ann@example"),
        ("email", "an n@example.com"),
        ("email", " ann@example.com"),
        ("email", "ann@example.com\n"),
        ("email", "ann@@example.com"),
        ("email", "änn@example.com"),
        ("email", "ann@exämple.com"),
        ("email", "ann\x00@example.com"),
        ("email", "a" * 64 + "@" + "b" * 323 + ".example.com"),
        ("email", ["ann@example.com"]),
        ("email", None),
        ("password", ""),
        ("password", "seven c"),
        ("password", "correct\x00horse"),
        ("password", 12345678),
        ("password", None),
        ("password", {"$ne": ""}),
        ("role", "admin"),
        ("id", 1),
        ("is_staff", True),
    ],
)
def test_a_registration_that_is_not_valid_names_the_field(edge, field: str, value):
    assert_problem(register(edge, **{field: value}), 400, "invalid_input", field)


@pytest.mark.parametrize("name", ["A", "x" * 255, "Zoë Müller-李", "O'Brien <script>", "😀"])
def test_a_name_of_up_to_255_characters_in_any_script_is_kept_as_it_is(api, name: str):
    assert me(api, logged_in(api, name=name)["access"]).json["name"] == name


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "ann"),
        ("email", 5),
        ("email", "a" * 400 + "@example.com"),
        ("password", ""),
        ("password", None),
        ("password", "correct\x00horse"),
        ("role", "admin"),
    ],
)
def test_a_login_that_is_not_valid_names_the_field(edge, field: str, value):
    assert_problem(login(edge, **{field: value}), 400, "invalid_input", field)


@pytest.mark.parametrize("path", ["/users/token/refresh", "/users/logout"])
@pytest.mark.parametrize("value", ["", 5, None, ["x"]])
def test_a_refresh_token_that_is_no_text_names_the_field(edge, path: str, value):
    assert_problem(edge.post(path, {"refresh": value}), 400, "invalid_input", "refresh")


@pytest.mark.parametrize("missing", ["name", "email", "password"])
def test_a_missing_field_is_named(edge, missing: str):
    body = {field: value for field, value in ANN.items() if field != missing}

    assert_problem(edge.post("/users/register", body), 400, "invalid_input", missing)


@pytest.mark.parametrize("path", ["/users/token/refresh", "/users/logout"])
def test_a_missing_refresh_token_is_named(edge, path: str):
    assert_problem(edge.post(path, {}), 400, "invalid_input", "refresh")


@pytest.mark.parametrize("path", ROUTES_WITH_BODY)
@pytest.mark.parametrize(
    "body",
    [b"", b" ", b"{", b"[]", b"null", b'"text"', b"5", b"NaN", b"\xff\xfe", b'{"a": 1e309}', b"[" * 5_000],
    ids=ascii,
)
def test_a_body_that_is_no_json_object_is_a_400(edge, path: str, body: bytes):
    answer = edge.post(path, body=body)

    assert answer.status == 400
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("text", [rb"\ud800", rb"\udfff behind", rb"before \ud83d behind", b"\xed\xa0\x80"])
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/users/register", {"name": "Ann", "email": "ann@example.com", "password": "TEXT"}),
        ("/users/register", {"name": "TEXT", "email": "ann@example.com", "password": "correct horse"}),
        ("/users/login", {"email": "ann@example.com", "password": "TEXT"}),
        ("/users/token/refresh", {"refresh": "TEXT"}),
        ("/users/logout", {"refresh": "TEXT"}),
    ],
)
def test_half_a_surrogate_pair_is_a_400(edge, path: str, body: dict, text: bytes):
    content = json.dumps(body).encode().replace(b"TEXT", text)

    assert_problem(edge.post(path, body=content), 400, "malformed_body")


def test_a_body_above_the_limit_is_a_413(edge):
    assert_problem(register(edge, password="x" * 262_144), 413, "too_large")


def test_a_token_of_an_account_that_is_not_there_is_a_401(api, moto_shop):
    user = User(4711, "Ann", "ann@example.com", "hash", START)
    tokens = moto_shop.wiring.users.tokens

    assert_problem(me(api, tokens.access(user)), 401, "invalid_token")
    refresh = {"refresh": tokens.refresh(user)}
    assert_problem(api.post("/users/token/refresh", refresh), 401, "invalid_token")


def test_neither_answers_nor_logs_show_a_password_or_a_token(api, caplog):
    caplog.set_level("DEBUG", logger="chalicelib")
    tokens = logged_in(api)
    answers = [
        register(api),
        login(api, password="wrong horse"),
        me(api, tokens["access"]),
        me(api, tokens["access"] + "x"),
        api.post("/users/logout", {"refresh": tokens["refresh"]}),
        api.post("/users/logout", {"refresh": tokens["refresh"]}),
    ]
    seen = caplog.text + b"".join(answer.body for answer in answers).decode()

    assert "logged out" in seen
    for secret in ("horse", "$2b$", KEY, tokens["access"], tokens["refresh"]):
        assert secret not in seen
