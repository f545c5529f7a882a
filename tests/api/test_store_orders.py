"""POST /orders for store orders, and the lists of a store's orders (contract, "Store orders")."""

import re
from datetime import datetime

import pytest

from tests.support.api import Api
from tests.support.shop import Shop

pytestmark = pytest.mark.usefixtures("shop")

TWO_LINES = [
    {"product_id": 10, "quantity_requested": 3},
    {"product_id": 11, "quantity_requested": 2},
]


def order(api: Api, items=TWO_LINES, headers=None, **fields):
    return api.post("/orders", {"store_id": 1, "items": items, **fields}, headers=headers)


def test_a_confirmed_order_answers_201_with_its_lines_and_amount(api: Api):
    answer = order(api)

    assert answer.status == 201
    assert answer.json == {
        "id": answer.json["id"],
        "uid": answer.json["uid"],
        "kind": "store",
        "store": 1,
        "status": "CONFIRMED",
        "created_at": answer.json["created_at"],
        "items": [
            {
                "id": 1,
                "product": 10,
                "product_title": "iPhone 15",
                "quantity_requested": 3,
                "price": "1000.00",
            },
            {
                "id": 2,
                "product": 11,
                "product_title": "Samsung TV",
                "quantity_requested": 2,
                "price": "1500.00",
            },
        ],
        "amount": "6000.00",
    }
    assert re.fullmatch("[0-9A-Z]{11}", answer.json["uid"])
    assert answer.json["created_at"].endswith("Z")
    assert datetime.fromisoformat(answer.json["created_at"])


def test_a_rejected_order_answers_200_and_names_every_short_line(api: Api):
    answer = order(
        api, [{"product_id": 10, "quantity_requested": 8}, {"product_id": 11, "quantity_requested": 4}]
    )

    assert answer.status == 200
    assert answer.json["status"] == "REJECTED"
    assert answer.json["reason"] == "Insufficient stock for one or more items."
    assert answer.json["shortages"] == [
        {"product": 10, "requested": 8, "available": 7},
        {"product": 11, "requested": 4, "available": 3},
    ]


def test_lines_of_the_same_product_are_added_together_before_they_are_checked(api: Api):
    answer = order(api, [{"product_id": 11, "quantity_requested": 2}] * 2)

    assert answer.status == 200
    assert answer.json["shortages"] == [{"product": 11, "requested": 4, "available": 3}]
    assert [line["quantity_requested"] for line in answer.json["items"]] == [4]


def test_sixty_lines_of_two_products_are_one_order(api: Api, shop: Shop):
    shop.add_stock(1, 10, 60, "iPhone 15", "1000.00")
    shop.add_stock(1, 11, 60, "Samsung TV", "1500.00")
    items = [{"product_id": 10 + number % 2, "quantity_requested": 1} for number in range(60)]

    assert order(api, items).json["status"] == "CONFIRMED"


def test_an_order_shows_in_both_lists_of_its_store(api: Api):
    placed = order(api).json

    for path in ("/orders/store/1", "/stores/1/orders", "/orders/store/1/", "/stores/1/orders/"):
        answer = api.get(path)
        assert answer.status == 200
        assert answer.json == [
            {
                "id": placed["id"],
                "uid": placed["uid"],
                "store": 1,
                "status": "CONFIRMED",
                "total_items": 2,
                "created_at": placed["created_at"],
                "items": [
                    {"product_title": "iPhone 15", "quantity_requested": 3},
                    {"product_title": "Samsung TV", "quantity_requested": 2},
                ],
            }
        ]


def test_a_list_is_paged_newest_first_and_announces_the_next_page(api: Api, shop: Shop):
    ids = []
    for _ in range(5):
        shop.clock.advance(1)
        ids.append(order(api, TWO_LINES[:1]).json["id"])
    seen, path = [], "/orders/store/1?limit=2"
    while path:
        answer = api.get(path)
        seen.append([listed["id"] for listed in answer.json])
        link = answer.headers.get("link")
        path = link and re.fullmatch(r'<(.*)>; rel="next"', link)[1]

    assert seen == [ids[:2:-1], ids[2:0:-1], ids[:1]]


def test_the_list_of_a_store_without_orders_is_empty(api: Api):
    assert api.get("/orders/store/1").json == []


@pytest.mark.parametrize(
    "path", ["/orders/store/99", "/stores/99/orders", "/stores/99/inventory", "/stores/99"]
)
def test_an_unknown_store_is_not_found(api: Api, path: str):
    answer = api.get(path)
    assert (answer.status, answer.json["code"]) == (404, "not_found")


def test_ordering_from_an_unknown_store_is_not_found(api: Api):
    assert order(api, store_id=99).status == 404


def test_a_product_in_no_catalogue_is_refused_on_its_lines(api: Api):
    answer = order(
        api,
        [
            {"product_id": 404, "quantity_requested": 1},
            *TWO_LINES,
            {"product_id": 404, "quantity_requested": 1},
        ],
    )
    assert answer.status == 400
    assert set(answer.json["errors"]) == {"items[0].product_id", "items[3].product_id"}


def test_a_repeated_request_is_answered_with_the_first_order(api: Api, shop: Shop):
    headers = {"Idempotency-Key": "a-key"}
    first, again = order(api, headers=headers), order(api, headers=headers)

    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert (again.status, again.body) == (first.status, first.body)
    assert shop.quantity(1, 10) == 4


def test_white_space_and_the_order_of_fields_do_not_make_another_request(api: Api):
    headers = {"Idempotency-Key": "a-key"}
    bodies = (
        b'{"store_id":1,"items":[{"product_id":10,"quantity_requested":1}]}',
        b'{"items": [{"quantity_requested": 1, "product_id": 10}], "store_id": 1}',
    )
    first, again = (api.post("/orders", body=body, headers=headers) for body in bodies)
    assert first.json == again.json


def test_a_key_with_another_body_is_a_422(api: Api):
    headers = {"Idempotency-Key": "a-key"}
    order(api, headers=headers)
    answer = order(api, TWO_LINES[:1], headers=headers)

    assert (answer.status, answer.json["code"]) == (422, "idempotency_key_reused")


@pytest.mark.parametrize("key", ["", " ", "two words", "x" * 256, "é", "tab\there"])
def test_a_key_that_is_not_visible_ascii_is_refused(api: Api, key: str, shop: Shop):
    answer = order(api, headers={"Idempotency-Key": key})

    assert answer.status == 400
    assert list(answer.json["errors"]) == ["Idempotency-Key"]
    assert shop.all_orders() == []


def test_a_key_of_255_characters_is_taken(api: Api):
    assert order(api, headers={"Idempotency-Key": "~" * 255}).status == 201


def test_the_address_for_the_confirmation_is_kept(api: Api, shop: Shop):
    placed = order(api, customer_email="ada@example.com").json
    assert shop.wiring.orders.repository.get(placed["id"]).customer_email == "ada@example.com"
