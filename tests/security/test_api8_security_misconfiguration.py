"""API8:2023 Security Misconfiguration: what surrounds the routes gives nothing away and cannot be confused."""

import contextlib
import json
from pathlib import Path

import pytest

from app import app
from chalicelib.errors import Unavailable
from tests.security.routes import example, registered
from tests.support.api import Api
from tests.support.served import RawAnswer, Served, parsed, received
from tests.support.shop import Shop

PROJECT = Path(__file__).parents[2]
JSON = {"Content-Type": "application/json"}
LOGIN = "POST /users/login HTTP/1.1\nHost: x\nContent-Type: application/json\n"


def assert_problem(answer: RawAnswer, status: int, code: str) -> None:
    assert answer.status == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = json.loads(answer.body)
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["request_id"] == answer.headers["x-request-id"]


def test_no_answer_is_kept_on_the_way_or_taken_for_something_else(api: Api, shop: Shop):
    for method, path in registered():
        headers = api.call(method, example(path), b"{}", JSON).headers
        assert headers["cache-control"] == "no-store", path
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["content-type"].startswith("application/"), path


def test_no_other_origin_reads_an_answer_in_a_browser(api: Api, shop: Shop):
    for method, path in registered():
        headers = {**JSON, "Origin": "https://elsewhere.example", "Cookie": "session=1"}
        answered = api.call(method, example(path), b"{}", headers).headers
        assert not [name for name in answered if name.startswith("access-control-") or name == "set-cookie"]


def test_a_browser_that_asks_beforehand_is_allowed_nothing(served: Served):
    answer = served.send(
        "OPTIONS /orders HTTP/1.1\nHost: x\nOrigin: https://elsewhere.example\n"
        "Access-Control-Request-Method: POST\nConnection: close\n"
    )
    assert_problem(answer, 404, "not_found")
    assert not [name for name in answer.headers if name.startswith("access-control-")]


def test_a_form_of_another_site_cannot_post(api: Api, shop: Shop):
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        for method, path in registered():
            if method == "POST":
                assert api.call(method, example(path), b"{}", {"Content-Type": kind}).status == 415


def test_nothing_runs_in_debug_mode():
    stages = json.loads((PROJECT / ".chalice/config.json").read_text())["stages"]
    variables = [name.lower() for stage in stages.values() for name in stage.get("environment_variables", ())]

    assert app.debug is False
    assert not [name for name in variables if "debug" in name]


def test_an_outage_names_no_part_of_the_house(api: Api, shop: Shop):
    def fail(*_) -> None:
        raise Unavailable("DynamoDB: EndpointConnectionError")

    shop.wiring.orders.placement.place_store_order = fail
    answer = api.post("/orders", {"store_id": 1, "items": [{"product_id": 10, "quantity_requested": 1}]})

    assert (answer.status, answer.json["code"], answer.headers["retry-after"]) == (503, "unavailable", "1")
    assert b"Dynamo" not in answer.body
    assert b"Endpoint" not in answer.body


def test_the_gateway_does_not_name_its_make_or_version(served: Served):
    answer = served.send("GET / HTTP/1.1\nHost: x\nConnection: close\n")

    assert answer.status == 200
    assert not any(word in answer.headers["server"].lower() for word in ("python", "http", "chalice", "/"))


BROKEN = {
    "no HTTP at all": ("garbage\n", 400, "bad_request"),
    "a version of its own": ("GET / HTTP/9.9\nHost: x\n", 505, "http_version_not_supported"),
    "a method of its own": ("BREW / HTTP/1.1\nHost: x\n", 501, "not_implemented"),
    "a method that mirrors": ("TRACE / HTTP/1.1\nHost: x\n", 501, "not_implemented"),
    "two lengths": (LOGIN + "Content-Length: 2\nContent-Length: 20\n", 411, "length_required"),
    "a length and pieces": (LOGIN + "Content-Length: 2\nTransfer-Encoding: chunked\n", 411, "length_required"),
    "a length of 5,000 digits": (LOGIN + f"Content-Length: {'9' * 5000}\n", 411, "length_required"),
    "a negative length": (LOGIN + "Content-Length: -1\n", 411, "length_required"),
    "a length with a sign": (LOGIN + "Content-Length: +2\n", 411, "length_required"),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_broken_http_is_answered_as_every_error_is(served: Served, case: str):
    head, status, code = BROKEN[case]
    answer = served.send(head)

    assert_problem(answer, status, code)
    assert (answer.rest, answer.headers["connection"]) == (b"", "close")


def test_an_answer_to_head_has_no_body_that_the_next_one_could_be_taken_for(served: Served):
    with served.connect() as connection:
        connection.sendall(b"HEAD /stores HTTP/1.1\r\nHost: x\r\n\r\n")
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        first, _, second = received(connection).partition(b"\r\n\r\n")

    assert first.startswith(b"HTTP/1.1 405 ")
    assert parsed(second).status == 200


def test_what_follows_a_refused_body_is_not_taken_for_a_request(served: Served):
    hidden = b"GET /stores HTTP/1.1\r\nHost: x\r\n\r\n"
    for lengths in ("Transfer-Encoding: chunked\n", "Content-Length: 0\nContent-Length: 40\n"):
        with served.connect() as connection:
            connection.sendall((LOGIN + lengths).encode().replace(b"\n", b"\r\n") + b"\r\n0\r\n\r\n" + hidden)
            assert received(connection).count(b"HTTP/1.1 ") == 1


def test_a_client_that_falls_silent_is_let_go(served: Served):
    beginnings = (
        b"",
        b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ",
        b"POST /users/login HTTP/1.1\r\nHost: x\r\nContent-Length: 20\r\n\r\n{",
    )
    with contextlib.ExitStack() as stack:
        connections = [stack.enter_context(served.connect()) for _ in beginnings]
        for connection, beginning in zip(connections, beginnings, strict=True):
            connection.sendall(beginning)
        # Waiting for ever would end in a TimeoutError here.
        nothing, no_head, no_body = (received(connection) for connection in connections)

    assert (nothing, no_head) == (b"", b"")
    assert_problem(parsed(no_body), 408, "request_timeout")


def test_a_client_that_leaves_in_the_middle_of_its_body_harms_nobody(served: Served):
    for _ in range(20):
        with served.connect() as connection:
            connection.sendall((LOGIN + "Content-Length: 100\n\n{").encode().replace(b"\n", b"\r\n"))
    assert served.send("GET / HTTP/1.1\nHost: x\nConnection: close\n").status == 200
