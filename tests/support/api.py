"""Calling the routes as API Gateway would, without a network; every answer is held to its declaration."""

import json as json_module
from collections.abc import Iterable
from dataclasses import dataclass
from types import UnionType
from typing import Any, get_args

import msgspec
from chalice import Chalice
from chalice.local import RouteMatcher
from chalice.test import Client

from app import APIS, app
from chalicelib.api import routes
from chalicelib.api.routes import Route, Shape
from chalicelib.wiring import Wiring, rewire


@dataclass(frozen=True, slots=True)
class Answer:
    """A response; header names are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json_module.loads(self.body) if self.body else None


class Api:
    """The routes of the application, or of another, over one wiring."""

    def __init__(
        self, wiring: Wiring, application: Chalice = app, declared: Iterable[routes.Api] = APIS
    ) -> None:
        rewire(wiring)
        self._client = Client(application)
        self._matcher = RouteMatcher(list(application.routes))
        self._declared = {(route.method, route.path): route for api in declared for route in api.routes}

    def get(self, path: str, headers: dict[str, str] | None = None) -> Answer:
        return self.call("GET", path, headers=headers)

    def post(self, path: str, json: Any = None, body: bytes | None = None, headers=None) -> Answer:
        content = json_module.dumps(json).encode() if body is None else body
        return self.call("POST", path, content, {"Content-Type": "application/json", **(headers or {})})

    def patch(self, path: str, headers: dict[str, str] | None = None) -> Answer:
        return self.call("PATCH", path, headers=headers)

    def call(self, method: str, path: str, body: bytes = b"", headers=None) -> Answer:
        response = self._client.http.request(method, path, headers=headers or {}, body=body)
        headers = {name.lower(): value for name, value in response.headers.items()}
        answer = Answer(response.status_code, headers, response.body)
        if answer.status < 400:
            _check(answer, self._declared[method, self._matcher.match_route(path).route])
        return answer


def _check(answer: Answer, route: Route) -> None:
    """Fail on an answer that is not what its route declares."""
    assert answer.status in route.answers, route
    assert any(_fits(answer.body, shape) for shape in members(route.answers[answer.status])), (route, answer)


def members(shape: Shape) -> tuple[Shape, ...]:
    """Return the types of a union, each of which an answer may have, or the one type."""
    return get_args(shape) if isinstance(shape, UnionType) else (shape,)


def _fits(body: bytes, shape: Shape) -> bool:
    """Whether a body has this type, with no field more and none less."""
    if shape is None:
        return body == b""
    try:
        decoded = msgspec.json.decode(body, type=shape)
    except msgspec.ValidationError:
        return False
    return msgspec.json.decode(msgspec.json.encode(decoded)) == msgspec.json.decode(body)
