"""API5:2023 Broken Function Level Authorization: every route admits those it is for, and no others.

How an admin's token is distinguished from a customer's is in tests/api/test_access.py.
"""

from collections.abc import Iterator

import pytest
from chalice import Chalice

from chalicelib.api.access import Access
from chalicelib.api.answers import Answer
from chalicelib.api.routes import Api as Routes
from chalicelib.api.routes import Call
from chalicelib.identity import Role
from chalicelib.wiring import rewire
from tests.security.routes import ROUTES, Open, example, registered, routes_open
from tests.support.api import Api
from tests.support.people import bearer
from tests.support.shop import Shop

JSON = {"Content-Type": "application/json"}
ALL_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE")


def test_every_route_is_listed_and_every_listed_route_is_there():
    assert registered() == set(ROUTES)


def test_what_is_under_admin_is_for_admins_and_nothing_else_is():
    under_admin = {route for route in registered() if route[1].startswith("/admin")}
    assert under_admin == {route for route, kind in ROUTES.items() if kind is Open.TO_ADMINS}


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


@pytest.fixture
def probe(shop: Shop) -> Iterator[Api]:
    """Yield an application of one route, which is for admins; whatever other routes there are, this one is."""
    routes = Routes(__name__)

    @routes.get("/admin/probe", answers={200: dict[str, str]}, access=Access.ADMIN)
    def probe(call: Call[None, None]) -> Answer[dict[str, str]]:
        return Answer({"role": call.caller.role.value})

    application = Chalice("probe")
    application.register_blueprint(routes.blueprint)
    yield Api(shop.wiring, application, (routes,))
    rewire(None)


def test_an_admins_route_is_forbidden_to_customers_and_open_to_admins(probe: Api, shop: Shop):
    answers = {role: probe.get("/admin/probe", bearer(shop.wiring, role=role)) for role in Role}

    assert (answers[Role.CUSTOMER].status, answers[Role.CUSTOMER].json["code"]) == (403, "forbidden")
    assert (answers[Role.ADMIN].status, answers[Role.ADMIN].json) == (200, {"role": "admin"})
    assert probe.get("/admin/probe").status == 401


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
