"""Encoding answers as JSON."""

from collections.abc import Mapping
from typing import Any

import msgspec
from chalice.app import Response

# On every answer: stock and what is one's own are true for this moment and this caller only, so nobody on the
# way keeps them (RFC 9111, 5.2.2.5), and no browser takes JSON for something to run.
COMMON_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def json_response(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Answer with anything msgspec encodes: structs, dataclasses, lists; decimals become strings."""
    return Response(
        msgspec.json.encode(body).decode(),
        {"Content-Type": "application/json", **(headers or {})},
        status,
    )


def no_content() -> Response:
    """Answer that it is done and there is nothing to show."""
    return Response("", status_code=204)
