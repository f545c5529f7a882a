"""A route is declared once: what it takes, what it answers, and who may call it."""

from typing import Any

import msgspec
import pytest
from chalice.app import CaseInsensitiveMapping, MultiDict, Response

from chalicelib.api.access import Access
from chalicelib.api.answers import Answer
from chalicelib.api.routes import Api, Call, Route
from chalicelib.wiring import Wiring, rewire
from tests.support.api import APIS, members
from tests.support.settings import settings_of


class Wish(msgspec.Struct, forbid_unknown_fields=True):
    title: str


class Limits(msgspec.Struct):
    limit: int = 5


class Granted(msgspec.Struct):
    title: str
    store: int = 0


@pytest.fixture(autouse=True)
def wiring():
    rewire(Wiring(settings_of("unit", max_body_bytes=1024)))
    yield
    rewire(None)


@pytest.fixture
def wishes() -> Api:
    return Api("wishes")


def answer(route: Route, body: bytes = b"", query: dict[str, str] | None = None, **path: str) -> Response:
    return route.answer(_Request(body, query or {}), path)


class _Request:
    """As much of a request as decoding looks at."""

    def __init__(self, body: bytes, query: dict[str, str]) -> None:
        self.raw_body = body
        self.query_params = MultiDict({name: [value] for name, value in query.items()})
        self.headers = CaseInsensitiveMapping({"Idempotency-Key": "key"})
        self.method, self.path = "POST", "/wishes"


def test_a_declaration_is_kept_as_it_was_made(wishes: Api):
    @wishes.post(
        "/wishes", body=Wish, answers={201: Granted}, access=Access.ADMIN, takes_idempotency_key=True
    )
    def wish(call: Call[Wish, None]) -> Answer[Granted]:
        """Grant a wish.

        And more.
        """
        return Answer(Granted(call.body.title), 201)

    (route,) = wishes.routes
    assert (route.method, route.path, route.view) == ("POST", "/wishes", wish)
    assert route.body is not None
    assert (route.body.kinds, route.query, route.answers) == ((Wish,), None, {201: Granted})
    assert (route.access, route.takes_idempotency_key) == (Access.ADMIN, True)
    assert route.summary == "Grant a wish."


def test_a_view_with_two_paths_is_two_routes(wishes: Api):
    @wishes.get("/wishes", "/dreams", answers={200: None})
    def both(_: Call[None, None]) -> Answer[None]:
        return Answer(None)

    assert [(route.path, route.view) for route in wishes.routes] == [("/wishes", both), ("/dreams", both)]


def test_a_view_gets_what_its_route_declares_decoded(wishes: Api):
    calls: list[Any] = []

    @wishes.get("/stores/{store_id}", query=Limits, answers={200: Granted})
    def read(call: Call[None, Limits], store_id: int) -> Answer[Granted]:
        calls.append((call.body, call.query, call.known_caller, call.idempotency_key))
        return Answer(Granted("Kettle", store_id), headers={"X-Wish": "1"})

    @wishes.put("/wishes", body=Wish, answers={200: Granted}, takes_idempotency_key=True)
    def write(call: Call[Wish, None]) -> Answer[Granted]:
        calls.append((call.body, call.query, call.known_caller, call.idempotency_key))
        return Answer(Granted(call.body.title))

    reading, writing = wishes.routes
    response = answer(reading, query={"limit": "7"}, store_id="3")
    assert (response.status_code, response.body) == (200, '{"title":"Kettle","store":3}')
    assert response.headers == {"Content-Type": "application/json", "X-Wish": "1"}
    assert answer(writing, b'{"title":"Lamp"}').body == '{"title":"Lamp","store":0}'
    assert calls == [(None, Limits(7), None, None), (Wish("Lamp"), None, None, "key")]


def test_an_answer_without_a_payload_has_no_body(wishes: Api):
    @wishes.delete("/wishes", answers={204: None})
    def drop(_: Call[None, None]) -> Answer[None]:
        return Answer(None, 204)

    response = answer(wishes.routes[0])
    assert (response.status_code, response.body, response.headers) == (204, "", {})


@pytest.mark.parametrize(
    ("body", "status"), [(b"{}", 400), (b"", 400), (b'{"title":"x","price":1}', 400), (b" " * 1025, 413)]
)
def test_a_body_that_does_not_fit_never_reaches_the_view(wishes: Api, body: bytes, status: int):
    @wishes.patch("/wishes", body=Wish, answers={204: None})
    def wish(call: Call[Wish, None]) -> Answer[None]:
        raise AssertionError(call)

    assert answer(wishes.routes[0], body).status_code == status


def test_a_status_that_a_route_does_not_declare_is_our_own_error(wishes: Api):
    @wishes.get("/wishes", answers={200: None})
    def wish(_: Call[None, None]) -> Answer[None]:
        return Answer(None, 202)

    assert answer(wishes.routes[0]).status_code == 500


def test_a_view_that_needs_a_caller_on_a_public_route_is_our_own_error(wishes: Api):
    @wishes.get("/wishes", answers={200: None})
    def wish(call: Call[None, None]) -> Answer[None]:
        raise AssertionError(call.caller)

    assert answer(wishes.routes[0]).status_code == 500


def test_a_path_parameter_that_nobody_can_decode_fails_at_import(wishes: Api):
    with pytest.raises(LookupError, match="shelf"):

        @wishes.get("/shelves/{shelf}", answers={200: None})
        def show(_: Call[None, None], shelf: int) -> Answer[None]:
            return Answer(None)


def test_a_view_that_does_not_take_the_parameters_of_its_path_fails_at_import(wishes: Api):
    with pytest.raises(TypeError, match="store_id"):

        @wishes.get("/stores/{store_id}", answers={200: None})
        def show(_: Call[None, None]) -> Answer[None]:
            return Answer(None)


@pytest.mark.parametrize(
    "route", [pytest.param(route, id=f"{route.method} {route.path}") for api in APIS for route in api.routes]
)
def test_every_declared_answer_is_a_type_that_json_can_be_checked_against(route: Route):
    assert route.summary
    for shape in route.answers.values():
        for member in members(shape):
            msgspec.json.Decoder(type(None) if member is None else member)
