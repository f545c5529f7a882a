"""An account's own orders, of both kinds (contract, "Personal orders")."""

import re
from urllib.parse import urlsplit

import pytest

from chalicelib.ids import parse_order_id
from tests.support.api import Api
from tests.support.people import bearer
from tests.support.shop import Shop

BODY = {"product_name": "Kettle", "quantity": 2, "amount": "49.90"}


@pytest.fixture
def me(shop: Shop) -> dict[str, str]:
    return bearer(shop.wiring, 7)


@pytest.fixture
def other(shop: Shop) -> dict[str, str]:
    return bearer(shop.wiring, 8)


def place(api: Api, headers, **fields):
    return api.post("/orders", {**BODY, **fields}, headers=headers)


def test_a_personal_order_answers_201_with_its_uid_and_is_pending(api: Api, me, shop: Shop):
    answer = place(api, me)

    assert answer.status == 201
    assert set(answer.json) == {"order_id", "message"}
    assert re.fullmatch("[0-9A-Z]{11}", answer.json["order_id"])
    assert shop.status(parse_order_id(answer.json["order_id"])) == "pending"


def test_an_order_is_shown_by_either_form_of_its_id(api: Api, me):
    uid = place(api, me).json["order_id"]
    expected = {
        "id": parse_order_id(uid),
        "uid": uid,
        "kind": "personal",
        "product_name": "Kettle",
        "quantity": 2,
        "amount": "49.90",
        "status": "pending",
        "created_at": "2026-03-01T12:00:00Z",
    }
    for name in (uid, uid.lower(), str(parse_order_id(uid))):
        assert api.get(f"/orders/{name}", me).json == expected


def test_store_orders_placed_with_a_token_are_listed_among_ones_own(api: Api, me, shop: Shop):
    items = [{"product_id": 10, "quantity_requested": 3}, {"product_id": 11, "quantity_requested": 2}]
    store_order = api.post("/orders", {"store_id": 1, "items": items}, headers=me).json
    shop.clock.advance(1)
    uid = place(api, me).json["order_id"]
    api.post("/orders", {"store_id": 1, "items": items})

    page = api.get("/orders", me).json
    assert (page["next"], page["previous"]) == (None, None)
    assert page["results"] == [
        {
            "uid": uid,
            "kind": "personal",
            "product_name": "Kettle",
            "quantity": 2,
            "amount": "49.90",
            "status": "pending",
            "created_at": "2026-03-01T12:00:01Z",
        },
        {
            "uid": store_order["uid"],
            "kind": "store",
            "product_name": "iPhone 15 and 1 more",
            "quantity": 5,
            "amount": "6000.00",
            "status": "CONFIRMED",
            "created_at": "2026-03-01T12:00:00Z",
        },
    ]
    assert api.get(f"/orders/{store_order['uid']}", me).json == store_order


def test_pages_of_ten_can_be_turned_forth_and_back(api: Api, me, shop: Shop):
    uids = []
    for _ in range(23):
        shop.clock.advance(1)
        uids.append(place(api, me).json["order_id"])
    uids.reverse()
    tens = [uids[:10], uids[10:20], uids[20:]]

    forth, back, url = [], [], "/orders"
    while url:
        page = api.get(relative(url), {**me, "Host": "shop.example:8000"}).json
        assert all(
            link is None or link.startswith("http://shop.example:8000/orders?") for link in links(page)
        )
        forth.append([order["uid"] for order in page["results"]])
        last, url = page, page["next"]
    url = last["previous"]
    while url:
        page = api.get(relative(url), me).json
        back.append([order["uid"] for order in page["results"]])
        url = page["previous"]

    assert forth == tens
    assert back == [tens[1], tens[0]]


def test_a_page_has_up_to_a_hundred_orders(api: Api, me):
    for _ in range(12):
        place(api, me)
    assert len(api.get("/orders?page_size=100", me).json["results"]) == 12
    page = api.get("/orders?page_size=5", me).json
    assert len(page["results"]) == 5
    assert "page_size=5" in page["next"]


@pytest.mark.parametrize(
    "query", ["page_size=0", "page_size=101", "page_size=x", "cursor=x", "cursor=", "cursor=%FF"]
)
def test_a_wrong_page_is_named(api: Api, me, query: str):
    answer = api.get(f"/orders?{query}", me)
    assert answer.status == 400
    assert list(answer.json["errors"]) == [query.split("=")[0]]


def test_a_pending_order_is_cancelled_once(api: Api, me, shop: Shop):
    uid = place(api, me).json["order_id"]
    answer = api.patch(f"/orders/{uid}/cancel", me)

    assert answer.status == 200
    assert answer.json["order_id"] == uid
    assert api.get(f"/orders/{uid}", me).json["status"] == "cancelled"
    again = api.patch(f"/orders/{uid}/cancel", me)
    assert (again.status, again.json["code"]) == (409, "not_cancellable")


def test_a_confirmed_store_order_is_cancelled_and_its_stock_is_back(api: Api, me, shop: Shop):
    items = [{"product_id": 10, "quantity_requested": 3}]
    uid = api.post("/orders", {"store_id": 1, "items": items}, headers=me).json["uid"]

    assert api.patch(f"/orders/{uid}/cancel/", me).status == 200
    assert api.get(f"/orders/{uid}", me).json["status"] == "CANCELLED"
    assert shop.quantity(1, 10) == 7


def test_an_order_in_processing_cannot_be_cancelled(api: Api, me, shop: Shop):
    uid = place(api, me).json["order_id"]
    shop.tick()
    answer = api.patch(f"/orders/{uid}/cancel", me)

    assert answer.status == 409
    assert "processing" in answer.json["detail"]


@pytest.mark.parametrize("uid", ["x", "0", "-1", "U0000000000", "9" * 30, "1.5", "%00", "é"])
def test_what_is_no_id_is_not_found(api: Api, me, uid: str):
    assert api.get(f"/orders/{uid}", me).status == 404
    assert api.patch(f"/orders/{uid}/cancel", me).status == 404


def test_a_repeated_request_is_answered_with_the_first_order(api: Api, me, other, shop: Shop):
    headers = {"Idempotency-Key": "k"}
    first, again = place(api, {**me, **headers}), place(api, {**me, **headers})
    assert (again.status, again.json) == (201, first.json)
    assert again.headers["idempotent-replayed"] == "true"
    assert place(api, {**other, **headers}).json != first.json
    assert place(api, {**me, **headers}, quantity=3).status == 422
    assert len(shop.all_orders()) == 2


def test_a_repeated_store_order_is_answered_as_at_first_even_after_its_cancellation(api: Api, me):
    headers = {**me, "Idempotency-Key": "k"}
    body = {"store_id": 1, "items": [{"product_id": 10, "quantity_requested": 3}]}
    first = api.post("/orders", body, headers=headers)
    api.patch(f"/orders/{first.json['uid']}/cancel", me)
    again = api.post("/orders", body, headers=headers)

    assert (again.status, again.json) == (first.status, first.json)


def test_a_personal_order_needs_an_account(api: Api, shop: Shop):
    answer = place(api, None)
    assert (answer.status, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert shop.all_orders() == []


def test_a_bad_token_is_no_anonymous_order(api: Api, shop: Shop):
    body = {"store_id": 1, "items": [{"product_id": 10, "quantity_requested": 3}]}
    assert api.post("/orders", body, headers={"Authorization": "Bearer x"}).status == 401
    assert shop.all_orders() == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"foo": 1},
        {**BODY, "store_id": 1, "items": []},
        {"amount": 1, "store_id": 1},
        {"status": "completed"},
    ],
)
def test_a_body_of_neither_kind_or_of_both_is_told_the_two_shapes(api: Api, me, body):
    answer = api.post("/orders", body, headers=me)
    assert answer.status == 400
    assert "product_name" in answer.json["detail"]
    assert "store_id" in answer.json["detail"]


GOOD_AMOUNTS = {
    "0": "0.00",
    '"0.1"': "0.10",
    "12.5": "12.50",
    '"99999999.99"': "99999999.99",
    "-0": "0.00",
    "1e2": "100.00",
}


@pytest.mark.parametrize("amount", GOOD_AMOUNTS)
def test_an_amount_is_exact_whether_sent_as_text_or_number(api: Api, me, amount: str):
    body = f'{{"product_name":"Kettle","quantity":1,"amount":{amount}}}'.encode()
    uid = api.post("/orders", body=body, headers=me).json["order_id"]
    assert api.get(f"/orders/{uid}", me).json["amount"] == GOOD_AMOUNTS[amount]


WRONG = {
    "amount": ["-1", "-0.01", "1e400", '"1e400"', '"NaN"', '"-NaN"', '"sNaN"', '"Infinity"', "1.005", '"1.005"',
               "123456789.01", "12345678901", "1e-400", '"x"', '""', "true", "null", "[]", "{}", "9" * 5000, '"\u0661"', '"1_0"', '" 1"', '"+1"', '".5"'],
    "quantity": ["0", "-1", "1.5", "true", '"1"', "1000001", "1e3", "null", "1" + "0" * 30],
    "product_name": ['""', '" "', '"a\\u0000b"', '"a\\nb"', f'"{"a" * 256}"', "7", "null", "true"],
    "status": ['"completed"'],
    "user_id": ["1"],
}  # fmt: skip


@pytest.mark.parametrize(("field", "value"), [(field, value) for field in WRONG for value in WRONG[field]])
def test_a_wrong_field_is_named(api: Api, me, shop: Shop, field: str, value: str):
    fields = {"product_name": '"Kettle"', "quantity": "1", "amount": "1", field: value}
    body = "{" + ",".join(f'"{name}":{content}' for name, content in fields.items()) + "}"
    answer = api.post("/orders", body=body.encode(), headers=me)

    assert answer.status == 400
    assert list(answer.json["errors"]) == [field]
    assert shop.all_orders() == []


def test_a_name_of_255_characters_in_any_script_is_kept(api: Api, me):
    name = "湯" * 255
    uid = place(api, me, product_name=name).json["order_id"]
    assert api.get(f"/orders/{uid}", me).json["product_name"] == name


def links(page) -> list[str | None]:
    return [page["next"], page["previous"]]


def relative(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"
