"""Using the API over HTTP, wherever it runs."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any


class Client:
    """A client of the API.

    Args:
        url: where it is.
    """

    def __init__(self, url: str) -> None:
        self.url = url

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: dict[str, str] | None = None,
        seconds: float = 30,
    ):
        """Call the API; return status, headers and decoded body."""
        content = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Content-Type": "application/json", **(headers or {})}
        request = urllib.request.Request(self.url + path, content, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=seconds) as answer:
                return answer.status, answer.headers, json.loads(answer.read() or "null")
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers, json.loads(error.read() or "null")

    def sign_up(self, name: str) -> dict[str, str]:
        """Make an account and log in; return the header that says who one is."""
        account = {"email": f"{name}@example.com", "password": "correct horse"}
        assert self.call("POST", "/users/register", {"name": name, **account})[0] == 201
        _, _, tokens = self.call("POST", "/users/login", account)
        return {"Authorization": f"Bearer {tokens['access']}"}


def eventually(condition: Callable[[], bool], seconds: float = 60) -> bool:
    """Wait until something is so; say whether it came to be."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True
