"""Every route of the application, and who may call it: a route that is not listed here fails the tests."""

import re
from collections.abc import Iterator
from enum import Enum, auto

from app import app
from chalicelib.ids import to_uid


class Open(Enum):
    """Whom a route is for."""

    TO_ANYONE = auto()
    """No token is asked for, and none is read."""
    TO_ANYONE_AND_KNOWN = auto()
    """No token is asked for, but one that is shown is read."""
    TO_ACCOUNTS = auto()
    """Bearers of an access token see and change what is theirs."""
    TO_ADMINS = auto()
    """Bearers of an admin's access token."""


Route = tuple[str, str]

ROUTES: dict[Route, Open] = {
    ("GET", "/"): Open.TO_ANYONE,
    ("GET", "/health"): Open.TO_ANYONE,
    ("GET", "/categories"): Open.TO_ANYONE,
    ("GET", "/products"): Open.TO_ANYONE,
    ("GET", "/products/{product_id}"): Open.TO_ANYONE,
    ("GET", "/stores"): Open.TO_ANYONE,
    ("GET", "/stores/{store_id}"): Open.TO_ANYONE,
    ("GET", "/stores/{store_id}/inventory"): Open.TO_ANYONE,
    ("GET", "/stores/{store_id}/orders"): Open.TO_ANYONE,
    ("GET", "/orders/store/{store_id}"): Open.TO_ANYONE,
    ("GET", "/api/search/products"): Open.TO_ANYONE,
    ("GET", "/api/search/suggest"): Open.TO_ANYONE,
    ("POST", "/users/register"): Open.TO_ANYONE,
    ("POST", "/users/login"): Open.TO_ANYONE,
    ("POST", "/users/token/refresh"): Open.TO_ANYONE,
    ("POST", "/users/logout"): Open.TO_ANYONE,
    ("POST", "/orders"): Open.TO_ANYONE_AND_KNOWN,
    ("GET", "/orders"): Open.TO_ACCOUNTS,
    ("GET", "/orders/{uid}"): Open.TO_ACCOUNTS,
    ("PATCH", "/orders/{uid}/cancel"): Open.TO_ACCOUNTS,
    ("GET", "/users/me"): Open.TO_ACCOUNTS,
}

# A value for every path parameter; a new parameter fails until it has one, and is thought about.
EXAMPLES = {"product_id": "10", "store_id": "1", "uid": "1"}


def registered() -> set[Route]:
    """Return every method and path that the application answers."""
    found = {(method, path) for path, methods in app.routes.items() for method in methods}
    assert len(found) > 20
    return found


def routes_open(*kinds: Open) -> list[Route]:
    """Return the routes for these people, in order; tests of no route at all would prove nothing."""
    found = sorted(route for route, kind in ROUTES.items() if kind in kinds)
    assert found, f"no route is {kinds}"
    return found


def example(path: str) -> str:
    """Fill the parameters of a path."""
    return path.format(**EXAMPLES)


def with_order_id() -> list[Route]:
    """Return the routes that name one order."""
    found = sorted((method, path) for method, path in registered() if "{uid}" in path)
    assert len(found) >= 2
    return found


def forms_of(order_id: int) -> Iterator[str]:
    """Yield every way to write an order's id: as a number, and as text that people read and type."""
    uid = to_uid(order_id)
    yield str(order_id)
    yield uid
    yield uid.lower()
    yield re.sub("1", "I", re.sub("0", "O", uid))
    yield re.sub("1", "l", re.sub("0", "o", uid))
