"""Who may call a route, and how often; every route by itself is in tests/security."""

from types import SimpleNamespace

import pytest
from chalice.app import CaseInsensitiveMapping

from chalicelib.api.access import Access, identify
from chalicelib.errors import Forbidden
from chalicelib.identity import Role
from tests.support.api import Api
from tests.support.people import bearer
from tests.support.shop import Shop

LOGIN = {"email": "ada@example.com", "password": "wrong password"}
STORE_ORDER = {"store_id": 1, "items": [{"product_id": 10, "quantity_requested": 1}]}


def limited(shop: Shop, **limits: int) -> None:
    shop.rewire(settings=limits)


def test_a_401_says_how_to_show_who_one_is(api: Api):
    answer = api.get("/orders")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert "Authorization: Bearer" in answer.json["detail"]


def test_an_admins_route_is_forbidden_to_customers(api: Api, shop: Shop):
    def request_of(role: Role) -> SimpleNamespace:
        return SimpleNamespace(headers=CaseInsensitiveMapping(bearer(shop.wiring, role=role)))

    with pytest.raises(Forbidden):
        identify(Access.ADMIN, request_of(Role.CUSTOMER))
    assert identify(Access.ADMIN, request_of(Role.ADMIN)).role is Role.ADMIN


def test_a_user_has_so_many_requests_to_each_endpoint(api: Api, shop: Shop):
    limited(shop, rate_limit_max_request=3)
    me, other = bearer(shop.wiring, 7), bearer(shop.wiring, 8)

    answers = [api.get("/orders", me) for _ in range(4)]
    assert [answer.status for answer in answers] == [200, 200, 200, 429]
    assert answers[0].headers["ratelimit-policy"] == '"GET /orders";q=3;w=600'
    assert [answer.headers["ratelimit"] for answer in answers] == [
        '"GET /orders";r=2;t=600',
        '"GET /orders";r=1;t=600',
        '"GET /orders";r=0;t=600',
        '"GET /orders";r=0;t=600',
    ]
    assert "retry-after" not in answers[0].headers
    assert 0 < int(answers[3].headers["retry-after"]) <= 600
    assert answers[3].json["code"] == "rate_limited"
    assert api.get("/orders", other).status == 200
    assert api.get("/orders/1", me).status == 404


def test_an_answer_that_is_an_error_tells_the_limit_as_well(api: Api, shop: Shop):
    assert "ratelimit" in api.get("/orders/1", bearer(shop.wiring)).headers


def test_a_request_over_the_limit_changes_nothing(api: Api, shop: Shop):
    limited(shop, rate_limit_max_request=1)
    me = bearer(shop.wiring)
    assert api.post("/orders", STORE_ORDER, headers=me).status == 201
    assert api.post("/orders", STORE_ORDER, headers=me).status == 429
    assert len(shop.all_orders()) == 1


@pytest.mark.parametrize(
    ("path", "body", "otherwise"),
    [
        ("/users/login", LOGIN, 409),
        ("/users/register", {}, 400),
        ("/users/token/refresh", {"refresh": "x"}, 401),
    ],
)
def test_an_address_signs_in_a_few_times_a_minute(api: Api, shop: Shop, path: str, body, otherwise: int):
    limited(shop, auth_rate_limit_max_request=2)
    answers = [api.post(path, body) for _ in range(3)]

    assert [answer.status for answer in answers] == [otherwise, otherwise, 429]
    assert answers[0].headers["ratelimit-policy"] == f'"POST {path}";q=2;w=60'


def test_anonymous_orders_are_limited_by_address_and_those_of_users_are_not_among_them(api: Api, shop: Shop):
    limited(shop, order_rate_limit_max_request=2)
    answers = [api.post("/orders", STORE_ORDER) for _ in range(3)]

    assert [answer.status for answer in answers] == [201, 201, 429]
    assert answers[0].headers["ratelimit-policy"] == '"POST /orders";q=2;w=60'
    assert api.post("/orders", STORE_ORDER, headers=bearer(shop.wiring)).status == 201


def test_a_limit_of_zero_is_off(api: Api, shop: Shop):
    limited(shop, rate_limit_max_request=0)
    answer = api.get("/orders", bearer(shop.wiring))

    assert answer.status == 200
    assert "ratelimit" not in answer.headers


def test_reading_the_catalogue_is_not_limited(api: Api):
    assert "ratelimit" not in api.get("/products").headers
