"""API1:2023 Broken Object Level Authorization: no caller reaches another's orders, in any form of the id."""

import pytest

from chalicelib.ids import parse_order_id
from tests.security.routes import Open, forms_of, routes_open, with_order_id
from tests.support.api import Api
from tests.support.people import bearer
from tests.support.shop import Shop

PERSONAL = {"product_name": "Kettle", "quantity": 1, "amount": "49.90"}
FROM_STORE = {"store_id": 1, "items": [{"product_id": 10, "quantity_requested": 1}]}
NOBODYS_ID = "00000000001"


@pytest.fixture
def mine(api: Api, shop: Shop) -> dict[str, int]:
    """Place an order of each kind for user 7, and an anonymous one; return their ids."""
    me = bearer(shop.wiring, 7)
    uids = {
        "personal": api.post("/orders", PERSONAL, headers=me).json["order_id"],
        "from a store": api.post("/orders", FROM_STORE, headers=me).json["uid"],
        "anonymous": api.post("/orders", FROM_STORE).json["uid"],
    }
    return {kind: parse_order_id(uid) for kind, uid in uids.items()}


def test_every_route_that_names_an_order_is_for_its_owner():
    assert len(with_order_id()) >= 2
    assert set(with_order_id()) <= set(routes_open(Open.TO_ACCOUNTS, Open.TO_ADMINS))


@pytest.mark.parametrize("kind", ["personal", "from a store", "anonymous"])
def test_somebody_elses_order_is_not_there_in_whatever_form_its_id_is_written(
    api: Api, shop: Shop, mine: dict[str, int], kind: str
):
    other, before = bearer(shop.wiring, 8), shop.status(mine[kind])
    for method, path in with_order_id():
        unknown = api.call(method, path.format(uid=NOBODYS_ID), headers=other)
        for form in forms_of(mine[kind]):
            assert parse_order_id(form) == mine[kind]
            answer = api.call(method, path.format(uid=form), headers=other)
            assert (answer.status, unknown.status) == (404, 404), path
            assert answer.json | {"request_id": ""} == unknown.json | {"request_id": ""}
            assert api.call(method, path.format(uid=form)).status == 401
    assert shop.status(mine[kind]) == before


def test_its_owner_reaches_an_order_in_every_form_of_its_id(api: Api, shop: Shop, mine: dict[str, int]):
    me = bearer(shop.wiring, 7)

    for kind in ("personal", "from a store"):
        for form in forms_of(mine[kind]):
            assert api.get(f"/orders/{form}", me).status == 200


def test_ones_list_holds_only_ones_own(api: Api, shop: Shop, mine: dict[str, int]):
    assert len(api.get("/orders", bearer(shop.wiring, 7)).json["results"]) == 2
    assert api.get("/orders", bearer(shop.wiring, 8)).json["results"] == []


def test_the_links_of_somebody_elses_list_lead_into_ones_own(api: Api, shop: Shop, mine: dict[str, int]):
    shop.clock.advance(1)
    other = bearer(shop.wiring, 8)
    own = api.post("/orders", PERSONAL, headers=other).json["order_id"]
    theirs = api.get("/orders?page_size=1", bearer(shop.wiring, 7)).json["next"]
    cursor = theirs[theirs.index("?") :]

    listed = api.get(f"/orders{cursor}", other).json["results"]
    assert {order["uid"] for order in listed} <= {own}


def test_an_idempotency_key_of_somebody_else_gives_no_answer_of_theirs(api: Api, shop: Shop):
    key = {"Idempotency-Key": "basket"}
    answers = [
        api.post("/orders", FROM_STORE, headers=headers)
        for headers in (key, key | bearer(shop.wiring, 7), key | bearer(shop.wiring, 8))
    ]

    assert len({answer.json["id"] for answer in answers}) == 3
    assert not any("idempotent-replayed" in answer.headers for answer in answers)
