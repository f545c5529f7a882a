"""Secrets: nothing that the process logs or answers, in good days and bad, shows one."""

import json
from pathlib import Path

import pytest
from botocore.session import get_session

from infra.stack.template import create_tables
from tests.support.served import RawAnswer, Served

# Made up, of words that appear nowhere else: finding one means that a secret got out.
ACCESS_KEY = "AKIAUMBRELLAPELICAN1"  # pragma: allowlist secret
SECRET_KEY = "secret-of-the-purple-umbrella-and-the-pelican"  # pragma: allowlist secret
SIGNING_KEY = "signing-with-the-crimson-walrus-of-forty-two"  # pragma: allowlist secret
OLD_KEY = "formerly-with-the-azure-hippopotamus-of-forty"  # pragma: allowlist secret
REDIS_PASSWORD = "turquoise-ocelot"  # pragma: allowlist secret
PASSWORD = "marzipan-tortoise"  # pragma: allowlist secret
LONG_PASSWORD = "vermilion-nightingale" * 10  # pragma: allowlist secret
WRONG_PASSWORD = "ochre-salamander"  # pragma: allowlist secret
EMAIL = "dodo.of.mauritius@example.com"
ACCOUNT = {"name": "Dodo", "email": EMAIL, "password": PASSWORD}
ORDER = {"store_id": 1, "items": [{"product_id": 10, "quantity_requested": 1}], "customer_email": EMAIL}
PERSONAL = {"product_name": "Kettle", "quantity": 1, "amount": "1.00"}


def bearer(token: str) -> str:
    return f"Authorization: Bearer {token}"


def a_day(served: Served) -> tuple[list[RawAnswer], list[str]]:
    """Do everything that has to do with secrets, rightly and wrongly; return the answers and the tokens."""
    call = served.call
    register, login, refresh, logout = (
        f"/users/{name}" for name in ("register", "login", "token/refresh", "logout")
    )
    answers = [call("POST", register, ACCOUNT), call("POST", register, ACCOUNT)]
    answers.append(call("POST", register, ACCOUNT | {"email": "b@example.com", "password": LONG_PASSWORD}))
    answers.append(call("POST", register, ACCOUNT | {"surname": PASSWORD}))
    answers.append(call("POST", register, ACCOUNT | {"password": PASSWORD[:7]}))
    answers.append(call("POST", login, {"email": EMAIL, "password": WRONG_PASSWORD}))
    answers.append(call("POST", login, {"email": EMAIL, "password": [PASSWORD]}))
    session = json.loads(call("POST", login, {"email": EMAIL, "password": PASSWORD}).body)
    access, token = session["access"], session["refresh"]
    renewed = json.loads(call("POST", refresh, {"refresh": token}).body)["access"]
    answers += [
        call("GET", "/users/me", None, bearer(value)) for value in (access, renewed, token, access + "x")
    ]
    answers.append(call("GET", f"/users/me?access_token={PASSWORD}", None))
    answers.append(call("GET", "/orders", None, f"Authorization: Basic {PASSWORD}"))
    answers.append(call("POST", refresh, {"refresh": access}))
    answers.append(call("POST", "/orders", PERSONAL, bearer(access)))
    answers.append(call("POST", "/orders", ORDER, f"Idempotency-Key: {PASSWORD}"))
    answers += [call("POST", logout, {"refresh": token}), call("POST", logout, {"refresh": token})]
    answers += [call("GET", path) for path in ("/health", "/stores/1", "/api/search/products?q=x")]
    answers.append(served.send("GET /users/me HTTP/1.1\nHost: x\n" + "X: y\n" * 200))
    return answers, [access, token, renewed]


@pytest.fixture(scope="module")
def told(dynamodb_url: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str, list[str]]:
    """Return what was logged at DEBUG, what was answered, and the tokens of a day that ends without a database."""
    # DynamoDB Local keeps the tables of each access key apart, so no other test sees these.
    client = get_session().create_client(
        "dynamodb", region_name="us-east-1", endpoint_url=dynamodb_url,
        aws_access_key_id=ACCESS_KEY, aws_secret_access_key=SECRET_KEY,
    )  # fmt: skip
    create_tables(client, "local")
    log: Path = tmp_path_factory.mktemp("secrets") / "log"
    with log.open("wb") as output:
        served = Served(
            output,
            LOG_LEVEL="DEBUG",
            AWS_ENDPOINT_URL_DYNAMODB=dynamodb_url,
            AWS_ACCESS_KEY_ID=ACCESS_KEY,
            AWS_SECRET_ACCESS_KEY=SECRET_KEY,
            JWT_KEYS=f"new:{SIGNING_KEY},old:{OLD_KEY}",
            REDIS_URL=f"redis://:{REDIS_PASSWORD}@127.0.0.1:9/0",
            BCRYPT_COST="4",
        )
        try:
            answers, tokens = a_day(served)
            for name in client.list_tables()["TableNames"]:
                client.delete_table(TableName=name)
            answers += [
                served.call("POST", "/users/login", {"email": EMAIL, "password": PASSWORD}),
                served.call("POST", "/orders", ORDER, bearer(tokens[0])),
                served.call("GET", "/users/me", None, bearer(tokens[0])),
            ]
        finally:
            served.stop()
    assert {answer.status for answer in answers} >= {200, 201, 204, 400, 401, 409, 431, 500, 503}
    shown = "\n".join(f"{answer.headers}\n{answer.body!r}" for answer in answers)
    return log.read_text(), shown, tokens


def test_the_day_was_logged_with_its_faults(told):
    log, _, _ = told

    assert "Registered user" in log
    assert "Traceback" in log
    assert "Redis" in log


@pytest.mark.parametrize(
    "secret",
    [
        ACCESS_KEY,
        SECRET_KEY,
        SIGNING_KEY,
        OLD_KEY,
        REDIS_PASSWORD,
        LONG_PASSWORD[:21],
        WRONG_PASSWORD,
        "$2b$",
    ],
)
def test_no_key_and_no_password_is_logged_or_answered(told, secret: str):
    log, shown, _ = told

    assert secret not in log
    assert secret not in shown


def test_what_somebody_typed_as_a_password_is_logged_only_where_it_was_part_of_the_address(told):
    log, shown, _ = told
    lines = [line for line in log.splitlines() if PASSWORD in line]

    assert PASSWORD not in shown
    assert all("?access_token=" in line for line in lines)


def test_no_token_is_logged_and_none_is_answered_twice(told):
    log, shown, tokens = told
    for token in tokens:
        assert token not in log
        assert token.rsplit(".", 1)[1] not in log
        assert token not in shown


def test_no_address_of_a_customer_is_logged(told):
    log, _, _ = told

    assert EMAIL not in log


def test_no_answer_holds_a_trace_or_a_place_in_the_code(told):
    _, shown, _ = told
    for word in ("Traceback", ".py", "botocore", "pynamodb", "chalicelib", "ResourceNotFound", "127.0.0.1"):
        assert word not in shown
