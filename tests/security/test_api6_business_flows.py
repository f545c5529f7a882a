"""API6:2023 Unrestricted Access to Sensitive Business Flows: no spelling of a request gets around its limit.

That there are limits, and how many requests they let through, is in tests/api/test_access.py.
"""

import pytest

from chalicelib.ids import to_uid
from tests.support.api import Api
from tests.support.people import bearer
from tests.support.shop import Shop

ORDER = {"store_id": 1, "items": [{"product_id": 10, "quantity_requested": 1}]}
LOGIN = {"email": "ann@example.com", "password": "wrong horse"}
CLAIMS = {
    "another address": {"X-Forwarded-For": "203.0.113.{n}"},
    "another address, spelt anew": {"Forwarded": "for=203.0.113.{n}"},
    "another address of a proxy": {"X-Real-IP": "203.0.113.{n}", "True-Client-IP": "203.0.113.{n}"},
    "another host": {"Host": "host{n}.example", "X-Forwarded-Host": "host{n}.example"},
    "another client": {"User-Agent": "client {n}", "X-Request-Id": "{n}"},
}


@pytest.fixture
def limited(shop: Shop) -> Shop:
    """Return the shop with limits of two requests."""
    names = ("rate_limit", "auth_rate_limit", "order_rate_limit", "suggest_rate_limit")
    limits = {f"{name}_max_request": 2 for name in names}
    shop.rewire(settings=limits)
    return shop


@pytest.mark.parametrize("claim", CLAIMS)
def test_who_claims_to_be_somebody_else_is_counted_all_the_same(api: Api, limited: Shop, claim: str):
    statuses = [
        api.post(
            path, body, headers={name: value.format(n=n) for name, value in CLAIMS[claim].items()}
        ).status
        for path, body in (("/users/login", LOGIN), ("/orders", ORDER))
        for n in range(3)
    ]
    assert statuses == [409, 409, 429, 201, 201, 429]


def test_another_spelling_of_the_path_is_counted_all_the_same(api: Api, limited: Shop):
    paths = ("/users/login", "/users/login/", "/users/login?again=1")

    assert [api.post(path, LOGIN).status for path in paths] == [409, 409, 429]


def test_guessing_ids_counts_as_asking_for_one_thing(api: Api, limited: Shop):
    me = bearer(limited.wiring)

    assert [api.get(f"/orders/{uid}", me).status for uid in ("1", to_uid(2), "no-id")] == [404, 404, 429]
    assert [api.patch(f"/orders/{uid}/cancel", me).status for uid in ("1", "2", "3")] == [404, 404, 429]


def test_a_refused_body_is_counted_as_well(api: Api, limited: Shop):
    assert [api.post("/users/login", body=b"{").status for _ in range(3)] == [400, 400, 429]


def test_another_token_of_the_same_user_is_counted_all_the_same(api: Api, limited: Shop):
    tokens = []
    for _ in range(3):
        limited.clock.advance(1)
        tokens.append(bearer(limited.wiring, 7))

    assert len({token["Authorization"] for token in tokens}) == 3
    assert [api.get("/orders", token).status for token in tokens] == [200, 200, 429]


def test_a_bad_token_does_not_use_up_what_its_owner_may_do(api: Api, limited: Shop):
    for _ in range(5):
        assert api.get("/orders", {"Authorization": "Bearer x"}).status == 401
    assert api.get("/orders", bearer(limited.wiring, 7)).status == 200
