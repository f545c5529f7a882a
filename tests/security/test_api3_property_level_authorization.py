"""API3:2023 Broken Object Property Level Authorization: callers cannot set or see internal fields.

What a field may hold is in tests/api/test_bad_input.py and test_accounts.py.
"""

import re
from typing import Any

from chalicelib.catalog.storage.tables import ProductRow
from chalicelib.inventory.storage.tables import StockRow, StoreRow
from chalicelib.orders.storage.tables import IdempotencyRow, LineMap, OrderRow
from chalicelib.users.storage.tables import UserRow
from tests.security.routes import Open, example, registered, routes_open
from tests.support.api import Api
from tests.support.people import bearer
from tests.support.shop import Shop

LINE = {"product_id": 10, "quantity_requested": 1}
FROM_STORE = {"store_id": 1, "items": [LINE], "customer_email": "ann@example.com"}
PERSONAL = {"product_name": "Kettle", "quantity": 1, "amount": "49.90"}
ACCOUNT = {"name": "Ann", "email": "ann@example.com", "password": "correct horse"}

# A good body for every route that takes one; a new such route fails until it is here.
BODIES: dict[str, list[dict[str, Any]]] = {
    "/orders": [FROM_STORE, PERSONAL],
    "/users/register": [ACCOUNT],
    "/users/login": [{"email": "ann@example.com", "password": "correct horse"}],
    "/users/token/refresh": [{"refresh": "x"}],
    "/users/logout": [{"refresh": "x"}],
}
BODILESS = {("PATCH", "/orders/{uid}/cancel")}

# Whatever a row has, and what frameworks are known to take from a body.
ATTRIBUTES = {
    name
    for model in (OrderRow, LineMap, IdempotencyRow, UserRow, StockRow, StoreRow, ProductRow)
    for name in model.get_attributes()
} | {"is_admin", "is_staff", "permissions", "__proto__", "constructor", "$set", "stock", "version"}

# What only the house needs; a route for admins may show some of it one day.
KEPT_INSIDE = {
    "password", "password_hash", "write_token", "due_shard", "due_at", "fingerprint", "expires_at", "key",
    "confirmation_leased_until", "confirmation_sent_at", "customer_email", "user_id", "deleted_at",
    "title_key", "product_version", "jti", "kid",
}  # fmt: skip


def test_every_route_that_takes_a_body_has_one_here():
    taking = {(method, path) for method, path in registered() if method in ("POST", "PUT", "PATCH")}

    assert {path for _, path in taking - BODILESS} == set(BODIES)


def test_no_body_sets_a_property_that_is_not_its_own(api: Api, shop: Shop):
    me = bearer(shop.wiring, 7)
    unlimited = {"auth_rate_limit_max_request": 0, "rate_limit_max_request": 0}
    shop.rewire(settings=unlimited)
    for path, bodies in BODIES.items():
        others = {field for body in bodies for field in body}
        for body in bodies:
            for name in sorted(ATTRIBUTES - others):
                answer = api.post(path, body | {name: 1}, headers=me if path == "/orders" else None)
                assert (answer.status, list(answer.json["errors"])) == (400, [name]), (path, name)
    assert shop.all_orders() == []


def test_no_line_of_an_order_sets_a_property_that_is_not_its_own(api: Api, shop: Shop):
    for name in sorted(ATTRIBUTES - LINE.keys()):
        answer = api.post("/orders", {"store_id": 1, "items": [LINE | {name: 1}]})
        assert (answer.status, list(answer.json["errors"])) == (400, [f"items[0].{name}"])
    assert shop.all_orders() == []


def test_cancelling_takes_nothing_from_a_body(api: Api, shop: Shop):
    me = bearer(shop.wiring, 7)
    uid = api.post("/orders", PERSONAL, headers=me).json["order_id"]
    headers = {**me, "Content-Type": "application/json"}
    api.call("PATCH", f"/orders/{uid}/cancel", b'{"status": "completed", "user_id": 8}', headers)

    assert api.get(f"/orders/{uid}", me).json["status"] == "cancelled"


def test_nothing_of_the_query_or_the_headers_is_taken_for_a_field(api: Api, shop: Shop):
    answer = api.post("/orders?status=completed&user_id=8&amount=0", PERSONAL, headers=bearer(shop.wiring, 7))
    (row,) = shop.all_orders()

    assert answer.status == 201
    assert (row.status, int(row.user_id), str(row.amount)) == ("pending", 7, "49.90")


def test_no_answer_shows_what_is_kept_inside(api: Api, shop: Shop):
    assert api.post("/users/register", ACCOUNT).status == 201
    login = api.post("/users/login", BODIES["/users/login"][0]).json
    me = {"Authorization": f"Bearer {login['access']}"}
    answers = [api.post("/orders", body, headers=me).body for body in (FROM_STORE, PERSONAL)]
    uids = [order["uid"] for order in api.get("/orders", me).json["results"]]
    for method, path in routes_open(*Open):
        if method == "GET":
            paths = [path.format(uid=uid) for uid in uids] if "{uid}" in path else [example(path)]
            answers += [api.get(name, me).body for name in paths]
    names = set(re.findall(r'"([a-z_]+)":', b"".join(answers).decode()))

    assert {"uid", "amount", "product_title", "email", "quantity"} <= names
    assert not names & KEPT_INSIDE
