"""API5:2023 Broken Function Level Authorization: every route is for whom it should be for, and for nobody else.

How an admin's token is told from a customer's is in tests/api/test_access.py.
"""

from chalicelib.identity import Role
from tests.security.routes import ROUTES, Open, example, registered, routes_open
from tests.support.api import Api
from tests.support.people import bearer
from tests.support.shop import Shop

JSON = {"Content-Type": "application/json"}
ALL_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE")


def test_every_route_is_listed_and_every_listed_route_is_there():
    assert registered() == set(ROUTES)


def test_what_is_under_admin_is_for_admins():
    assert {kind for (_, path), kind in ROUTES.items() if path.startswith("/admin")} <= {Open.TO_ADMINS}


def test_a_closed_route_asks_whoever_shows_no_token_for_one(api: Api, shop: Shop):
    for method, path in routes_open(Open.TO_ACCOUNTS, Open.TO_ADMINS):
        answer = api.call(method, example(path), b"{}", JSON)
        assert (answer.status, answer.json["code"]) == (401, "unauthorized"), path


def test_an_open_route_asks_nobody_for_a_token(api: Api, shop: Shop):
    for method, path in routes_open(Open.TO_ANYONE, Open.TO_ANYONE_AND_KNOWN):
        assert api.call(method, example(path), b"{}", JSON).status not in (401, 403, 404, 405), path


def test_where_no_token_is_read_a_bad_one_changes_nothing(api: Api, shop: Shop):
    for method, path in routes_open(Open.TO_ANYONE):
        without = api.call(method, example(path), b"{}", JSON)
        with_one = api.call(method, example(path), b"{}", JSON | {"Authorization": "Bearer x"})
        assert with_one.status == without.status, path


def test_an_admins_route_is_forbidden_to_customers_and_open_to_admins(api: Api, shop: Shop):
    for method, path in routes_open(Open.TO_ADMINS):
        for role in Role:
            answer = api.call(method, example(path), b"{}", JSON | bearer(shop.wiring, role=role))
            assert (answer.status == 403) == (role is Role.CUSTOMER), path


def test_a_method_that_a_path_does_not_have_is_refused_even_to_admins(api: Api, shop: Shop):
    headers = JSON | bearer(shop.wiring, role=Role.ADMIN)
    for path in {path for _, path in registered()}:
        for method in set(ALL_METHODS) - {method for method, of in registered() if of == path}:
            answer = api.call(method, example(path), b"{}", headers)
            assert (answer.status, answer.json["code"]) == (405, "method_not_allowed"), (method, path)


def test_no_header_makes_a_request_another_one(api: Api, shop: Shop):
    for header in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"):
        assert api.call("GET", "/users/login", headers={header: "POST"}).status == 405
        assert api.get("/stores/1", {header: "DELETE"}).status == 200
    for header in ("X-Original-URL", "X-Rewrite-URL", "X-Forwarded-Prefix"):
        assert api.get("/users/me", {header: "/stores"}).status == 401
