"""Calling the routes as API Gateway would, without a network."""

import json as json_module
from dataclasses import dataclass
from typing import Any

from chalice import Chalice
from chalice.test import Client

from app import app
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

    def __init__(self, wiring: Wiring, application: Chalice = app) -> None:
        rewire(wiring)
        self._client = Client(application)

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
        return Answer(response.status_code, headers, response.body)
