"""Requests to the application as API Gateway would pass them on, without a server."""

import json as json_module
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chalice.test import Client

from app import app
from chalicelib.wiring import Wiring, rewire


@dataclass(frozen=True)
class Answer:
    """A response; header names are in lower case, `json` is None where the body is empty."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json_module.loads(self.body) if self.body else None


class Api:
    """The application wired for a test; `rewire(None)` afterwards takes the wiring out again.

    Args:
        wiring: what the routes use.
    """

    def __init__(self, wiring: Wiring) -> None:
        rewire(wiring)
        self._http = Client(app).http

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        return self._send("GET", path, headers)

    def post(
        self,
        path: str,
        json: Any = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send `json` encoded, or `body` as it is."""
        content = json_module.dumps(json).encode() if body is None else body
        return self._send("POST", path, {"Content-Type": "application/json", **(headers or {})}, content)

    def patch(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        return self._send("PATCH", path, {"Content-Type": "application/json", **(headers or {})})

    def _send(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> Answer:
        response = self._http.request(method, path, headers=dict(headers or {}), body=body)
        return Answer(
            status=response.status_code,
            headers={name.lower(): value for name, value in response.headers.items()},
            body=response.body,
        )
