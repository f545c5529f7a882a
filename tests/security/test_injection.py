"""Injection (API8:2019; no heading of its own since 2023): text stays text, in expressions, logs and mails."""

import base64
import json
import logging
from decimal import Decimal

import pytest

from chalicelib.orders.messages import OrderConfirmed
from chalicelib.platform import log
from tests.support.api import Api
from tests.support.people import bearer
from tests.support.shop import Shop

# What means something to an expression, a query, a template, a shell, a terminal or a mail.
TEXTS = (
    ":0", "#0", "#n = :v", "a OR attribute_exists(id)", "SET #s = :s REMOVE due_at", "${jndi:ldap://x}", "{{7*7}}",
    "' OR '1'='1", '"; drop table orders; --', "$(reboot)", "`reboot`", "%s%s%n", "%(message)s", "{0.__class__}",
    "user#1", "email#x@example.com", "../../etc/passwd", "<script>alert(1)</script>", "\u202eevil", "\u2028line",
)  # fmt: skip
CONTROL = ("\r\nBcc: x@example.com", "\n", "\r", "\x00", "\x1b[31mred", "\x85", "\x7f")


def cursor(path: str, position: object) -> str:
    return base64.urlsafe_b64encode(json.dumps([path, position]).encode()).decode().rstrip("=")


def test_text_is_stored_and_shown_as_it_was_written(api: Api, shop: Shop):
    me = bearer(shop.wiring, 7)
    for text in TEXTS:
        body = {"product_name": text, "quantity": 1, "amount": "1.00"}
        uid = api.post("/orders", body, headers=me).json["order_id"]
        shown = api.get(f"/orders/{uid}", me).json
        assert (shown["product_name"], shown["amount"]) == (text, "1.00")


def test_text_in_an_idempotency_key_is_a_key_of_its_own(api: Api, shop: Shop):
    body = {"store_id": 1, "items": [{"product_id": 10, "quantity_requested": 1}]}
    texts = [text for text in TEXTS if text.isascii() and " " not in text][:6]
    answers = [api.post("/orders", body, headers={"Idempotency-Key": text}) for text in texts]

    assert len({answer.json["id"] for answer in answers}) == len(texts)
    assert not [answer for answer in answers if "idempotent-replayed" in answer.headers]


@pytest.mark.parametrize("text", CONTROL)
def test_no_text_breaks_a_line_of_a_mail_or_a_terminal(api: Api, shop: Shop, text: str):
    order = {"store_id": 1, "items": [{"product_id": 10, "quantity_requested": 1}]}
    personal = {"product_name": f"Kettle{text}", "quantity": 1, "amount": "1.00"}
    account = {"name": f"Ann{text}", "email": "ann@example.com", "password": "correct horse"}

    assert api.post("/orders", order | {"customer_email": f"ann@example.com{text}"}).status == 400
    assert api.post("/orders", personal, headers=bearer(shop.wiring)).status == 400
    assert api.post("/users/register", account).status == 400
    assert (
        api.post("/users/register", account | {"name": "Ann", "email": f"ann@example.com{text}"}).status
        == 400
    )


def test_a_confirmation_has_one_recipient_and_a_subject_of_ours(api: Api, shop: Shop):
    shop.add_stock(1, 12, 5, "Kettle\r\nBcc: everybody@example.com")
    order = {"store_id": 1, "items": [{"product_id": 12, "quantity_requested": 1}]}
    placed = api.post("/orders", order | {"customer_email": "ann@example.com"}).json
    shop.confirm(OrderConfirmed(order_id=placed["id"]))

    ((recipient, subject, _),) = shop.mailbox.mails
    assert recipient == "ann@example.com"
    assert subject == f"Your order #{placed['id']} is confirmed"


@pytest.mark.parametrize(
    "email", ["a@x.example,b@x.example", "Ann <a@x.example>", '"a b"@x.example', "a@x.example;b"]
)
def test_an_address_is_one_address(api: Api, shop: Shop, email: str):
    order = {"store_id": 1, "items": [{"product_id": 10, "quantity_requested": 1}], "customer_email": email}

    assert api.post("/orders", order).status == 400


# DynamoDB Local checks keys as DynamoDB does; moto takes some that DynamoDB refuses.
@pytest.mark.parametrize(
    "position", [["", 10], ["x" * 1_025, 10], ["é" * 600, 10], ["iphone 15", 2**53], [None, 10], ["x"], {}, "x", 7]
)  # fmt: skip
def test_a_forged_position_in_a_list_of_stock_is_refused(dynamodb_shop: Shop, position: object):
    dynamodb_shop.add_store(1)
    dynamodb_shop.add_stock(1, 10, 7, "iPhone 15")
    api, path = Api(dynamodb_shop.wiring), "/stores/1/inventory"
    answer = api.get(f"{path}?cursor={cursor(path, position)}")

    assert (answer.status, list(answer.json["errors"])) == (400, ["cursor"])


@pytest.mark.parametrize("position", [["a", 1], ["\x00", 1], ["x" * 1_024, 2**53 - 1], [TEXTS[3], 10]])
def test_a_forged_position_that_could_be_one_shows_a_page_of_the_same_list(
    dynamodb_shop: Shop, position: object
):
    dynamodb_shop.add_store(1)
    dynamodb_shop.add_stock(1, 10, 7, "iPhone 15")
    dynamodb_shop.add_stock(2, 11, 7, "Samsung TV")
    api, path = Api(dynamodb_shop.wiring), "/stores/1/inventory"
    answer = api.get(f"{path}?cursor={cursor(path, position)}")

    assert answer.status == 200
    assert {row["id"] for row in answer.json} <= {10}


def test_no_caller_writes_a_log_line_of_their_own(edge: Api, capsys: pytest.CaptureFixture):
    forged = '\n{"level": "ERROR", "message": "forged"}\r\n\x1b[2J'
    handlers, level = logging.root.handlers, logging.root.level
    log.configure("DEBUG")
    try:
        edge.get("/stores/x%0a%1b%5b2J?limit=x%0d%0a", {"User-Agent": forged, "X-Request-Id": forged})
        edge.post("/users/login", {forged: forged, "email": forged, "password": forged})
        edge.post("/orders", body=json.dumps({forged: forged}).encode(), headers={"Idempotency-Key": forged})
        edge.get("/users/me", {"Authorization": f"Bearer {forged}"})
    finally:
        logging.root.handlers, logging.root.level = handlers, level
    lines = capsys.readouterr().out.splitlines()

    assert len(lines) >= 8
    assert all(json.loads(line)["request_id"] for line in lines)
    assert not any(json.loads(line)["message"] == "forged" for line in lines)
    assert not any(character < " " for line in lines for character in line)


def test_an_amount_is_no_expression(api: Api, shop: Shop):
    for amount in ("1+1", "0x10", "1_0", "1e1e1", "١", " 1", "NaN", "Infinity", "--1", "1/3"):  # noqa: RUF001
        body = {"product_name": "x", "quantity": 1, "amount": amount}
        assert api.post("/orders", body, headers=bearer(shop.wiring)).status == 400
    assert not [row for row in shop.all_orders() if row.amount != Decimal(0)]
