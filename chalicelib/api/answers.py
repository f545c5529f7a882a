"""What views answer, and how it becomes a response."""

from collections.abc import Mapping
from typing import Generic, TypeVar

import msgspec
from chalice.app import Response

# On every answer. Stock and a caller's own data are true for this moment and this caller only, so no cache
# keeps them (RFC 9111, 5.2.2.5), and no browser takes JSON for a program.
COMMON_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}

P_co = TypeVar("P_co", covariant=True)

_encoder = msgspec.json.Encoder()


class Answer(msgspec.Struct, Generic[P_co], frozen=True):
    """What a view answers.

    Args:
        payload: what msgspec encodes as JSON, decimals as strings; None for an answer without a body.
        status: one of the statuses that the route declares.
        headers: further headers.
    """

    payload: P_co
    status: int = 200
    headers: Mapping[str, str] = msgspec.field(default_factory=dict)


def render(answer: Answer[object]) -> Response:
    """Build the response."""
    if answer.payload is None:
        return Response("", dict(answer.headers), answer.status)
    body = _encoder.encode(answer.payload).decode()
    return Response(body, {"Content-Type": "application/json", **answer.headers}, answer.status)
