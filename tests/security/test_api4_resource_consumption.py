"""API4:2023 Unrestricted Resource Consumption: nothing that a request may hold costs much.

Limits by caller are in tests/api/test_access.py, slow searches in tests/unit/search/test_index.py, clients that
fall silent in test_api8_security_misconfiguration.py.
"""

import base64
import gzip
import json
import time
import zlib

import pytest

from chalicelib.users.passwords import Passwords
from tests.security.routes import example, registered
from tests.support.api import Api
from tests.support.people import bearer
from tests.support.served import Served
from tests.support.shop import Shop

# Far more than any of these takes, and far less than any of them could be made to take.
SECONDS = 2.0
LINE = {"product_id": 10, "quantity_requested": 1}
ORDER = {"store_id": 1, "items": [LINE]}
DEEP = 60_000
LIST_PATHS = sorted(
    path for method, path in registered() if method == "GET" and path.endswith(("s", "inventory"))
)


def within(seconds: float, began: float) -> bool:
    return time.monotonic() - began < seconds


BODIES = {
    "an array in an array, and so on": b"[" * DEEP + b"]" * DEEP,
    "an object in an object, and so on": b'{"a":' * 40_000 + b"1" + b"}" * 40_000,
    "depth in a known field": b'{"store_id":1,"items":' + b"[" * DEEP + b"]" * DEEP + b"}",
    "depth in an unknown field": b'{"store_id":1,"x":' + b"[" * DEEP + b"]" * DEEP + b"}",
    "depth in an amount": b'{"product_name":"x","quantity":1,"amount":' + b"[" * DEEP + b"]" * DEEP + b"}",
    "an array of a hundred thousand": b'{"store_id":1,"items":[' + b"1," * 100_000 + b"1]}",
    "thousands of lines": json.dumps({"store_id": 1, "items": [LINE] * 4_000}).encode(),
    "thousands of fields": json.dumps({f"field{number}": 1 for number in range(12_000)}).encode(),
    "the same field again and again": b"{" + b'"store_id":1,' * 15_000 + b'"items":[]}',
    "a number of 200,000 digits": b'{"store_id":' + b"9" * 200_000 + b',"items":[]}',
    "an amount of 200,000 digits": b'{"product_name":"x","quantity":1,"amount":"' + b"9" * 200_000 + b'"}',
    "an amount with a huge exponent": b'{"product_name":"x","quantity":1,"amount":1e999999999}',
    "an amount with a tiny exponent": b'{"product_name":"x","quantity":1,"amount":1e-999999999}',
    "a name of 250,000 characters": b'{"' + b"x" * 250_000 + b'":1,"store_id":1,"items":[]}',
    "a name like the end of a message": b'{"' + b" - at `$." * 25_000 + b'":1,"store_id":1,"items":[]}',
    "an address that is nearly one": json.dumps(ORDER | {"customer_email": "a@" + "b." * 60_000}).encode(),
    "white space": b" " * 250_000 + b"{}",
}


@pytest.mark.parametrize("case", BODIES)
def test_a_body_made_to_be_costly_is_refused_at_once(edge: Api, case: str):
    for path in ("/orders", "/users/register", "/users/login", "/users/logout"):
        began = time.monotonic()
        answer = edge.post(path, body=BODIES[case])
        # A personal order needs an account, whatever is in it.
        assert answer.status in ((400, 401) if path == "/orders" else (400,)), answer.body[:300]
        assert within(SECONDS, began)


def test_a_password_of_the_largest_size_is_hashed_as_quickly_as_any_other():
    passwords = Passwords(4)
    began = time.monotonic()
    passwords.matches("x" * 262_144, None)

    assert within(SECONDS, began)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "gzip, gzip"])
def test_nothing_is_decompressed(api: Api, shop: Shop, encoding: str):
    bomb = b" " * 50_000_000
    body = zlib.compress(bomb) if encoding == "deflate" else gzip.compress(bomb)
    began = time.monotonic()
    answer = api.post("/orders", body=body, headers={"Content-Encoding": encoding})

    assert (answer.status, answer.json["code"]) == (400, "malformed_body")
    assert within(SECONDS, began)


@pytest.mark.parametrize("path", LIST_PATHS)
def test_no_page_is_larger_than_the_largest(api: Api, shop: Shop, path: str):
    me = bearer(shop.wiring)
    for number in ("1001", "100000", "9007199254740991", "9" * 5_000, "1e9", "0x10", "10 ", "+10"):
        name = "page_size" if path in ("/orders", "/api/search/products") else "limit"
        answer = api.get(f"{example(path)}?{name}={number}", me)
        assert (answer.status, list(answer.json["errors"])) == (400, [name]), number


def test_a_long_query_and_many_parameters_are_read_in_no_time(api: Api, shop: Shop):
    for query in (
        "x" * 60_000,
        "&".join(f"a{n}=1" for n in range(10_000)),
        "limit=1&" * 8_000,
        "%41" * 20_000,
    ):
        began = time.monotonic()
        assert api.get(f"/products?{query}").status in (200, 400)
        assert within(SECONDS, began)


def test_a_cursor_is_read_in_no_time_whatever_is_in_it(edge: Api):
    for content in (b"[" * 40_000, b'["/products",' + b"9" * 40_000 + b"]", b'["' + b"x" * 40_000 + b'",1]'):
        began = time.monotonic()
        cursor = base64.urlsafe_b64encode(content).decode().rstrip("=")
        answer = edge.get(f"/products?cursor={cursor}")
        assert (answer.status, list(answer.json["errors"])) == (400, ["cursor"])
        assert within(SECONDS, began)


FLOODS = {
    "hundreds of headers": ("".join(f"X-{number}: y\n" for number in range(500)), 431),
    "a header without end": (f"X: {'y' * 100_000}\n", 431),
    "a cookie without end": (f"Cookie: {'a=b; ' * 20_000}\n", 431),
}


@pytest.mark.parametrize("case", FLOODS)
def test_a_flood_of_headers_is_refused(served: Served, case: str):
    headers, status = FLOODS[case]
    answer = served.send(f"GET / HTTP/1.1\nHost: x\n{headers}")

    assert (answer.status, answer.headers["content-type"]) == (status, "application/problem+json")


def test_an_address_without_end_is_refused(served: Served):
    answer = served.send(f"GET /?{'x' * 100_000} HTTP/1.1\nHost: x\n")

    assert (answer.status, answer.headers["content-type"]) == (414, "application/problem+json")


def test_a_body_in_pieces_or_larger_than_the_gateway_takes_is_not_even_read(served: Served):
    began = time.monotonic()
    for head, status in (("Transfer-Encoding: chunked", 411), ("Content-Length: 10485761", 413)):
        answer = served.send(f"POST /users/login HTTP/1.1\nHost: x\n{head}\n")
        assert answer.status == status
    assert within(SECONDS, began)


def test_others_are_served_while_many_clients_wait(served: Served):
    """A client that sends nothing holds a connection and a thread, for as long as it may be silent."""
    silent = [served.connect() for _ in range(100)]
    try:
        began = time.monotonic()
        assert served.send("GET / HTTP/1.1\nHost: x\nConnection: close\n").status == 200
        assert within(SECONDS, began)
    finally:
        for connection in silent:
            connection.close()
