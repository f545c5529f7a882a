"""API7:2023 Server Side Request Forgery: no route takes an address to fetch from; this shows that none does."""

import socket
from collections.abc import Iterator

import pytest

from infra.local.processes import free_port
from tests.security.routes import example, registered
from tests.security.test_api3_property_level_authorization import BODIES
from tests.support.api import Api
from tests.support.people import bearer
from tests.support.shop import Shop

ADDRESS_HEADERS = (
    "Host", "Origin", "Referer", "Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Original-URL", "From",
    "Callback", "Location", "Proxy", "True-Client-IP", "X-Wap-Profile", "Idempotency-Key",
)  # fmt: skip
PARAMETERS = ("q", "cursor", "category", "sort", "store_id", "url", "callback", "redirect", "next")


@pytest.fixture
def bait() -> Iterator[socket.socket]:
    """Yield a server that listens and that nothing has a reason to call."""
    with socket.create_server(("127.0.0.1", free_port())) as bait:
        bait.settimeout(0.2)
        yield bait


def test_an_address_in_whatever_place_is_not_called(api: Api, shop: Shop, bait: socket.socket):
    url = f"http://127.0.0.1:{bait.getsockname()[1]}/latest/meta-data/"
    headers = {
        **dict.fromkeys(ADDRESS_HEADERS, url),
        **bearer(shop.wiring),
        "Content-Type": "application/json",
    }
    for method, path in registered():
        query = "&".join(f"{name}={url}" for name in PARAMETERS)
        assert api.call(method, f"{example(path)}?{query}", b"{}", headers).status != 500
    for path, bodies in BODIES.items():
        for body in bodies:
            for field in body:
                assert api.post(path, body | {field: url}, headers=headers).status != 500
    with pytest.raises(TimeoutError):
        bait.accept()


def test_a_token_that_names_where_its_key_is_makes_nobody_fetch_it(edge: Api, bait: socket.socket):
    import jwt

    url = f"http://127.0.0.1:{bait.getsockname()[1]}/keys.json"
    token = jwt.encode({"sub": "7"}, "x" * 32, "HS256", {"kid": url, "jku": url, "x5u": url})

    assert edge.get("/users/me", {"Authorization": f"Bearer {token}"}).status == 401
    with pytest.raises(TimeoutError):
        bait.accept()
