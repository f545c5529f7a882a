"""Faults of DynamoDB, injected through botocore's own hooks: our code runs as it is."""

import io
import json
from collections.abc import Callable
from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError
from botocore.httpsession import URLLib3Session

from chalicelib.platform.dynamodb.database import Database

Fault = Callable[[AWSPreparedRequest], AWSResponse | None]


class Faults:
    """Meets the next requests of an operation with faults, in order; afterwards all is well again."""

    def __init__(self, database: Database) -> None:
        self._events = database.connection.client.meta.events
        self.requests: list[dict[str, Any]] = []

    def on(self, operation: str, *faults: Fault | None) -> None:
        """Meet the next requests of this operation; None lets one pass."""
        pending = list(faults)

        def meet(request: AWSPreparedRequest, **_: Any) -> AWSResponse | None:
            self.requests.append(json.loads(request.body))
            fault = pending.pop(0) if pending else None
            return fault(request) if fault else None

        self._events.register_first(f"before-send.dynamodb.{operation}", meet)


def answer(error: str, status: int = 400, **content: Any) -> Fault:
    """Answer with an error of DynamoDB, the request not carried out."""
    body = {"__type": f"com.amazonaws.dynamodb.v20120810#{error}", "message": error, **content}
    return lambda request: response(request, status, json.dumps(body).encode())


def response(request: AWSPreparedRequest, status: int, body: bytes, headers=None) -> AWSResponse:
    """Make a response as it would have come over the network."""
    return AWSResponse(request.url, status, headers or {}, _Raw(body))


def cancelled(*codes: str | tuple[str, dict[str, Any]]) -> Fault:
    """Cancel a transaction for these reasons, one an item; a reason may carry the item as it was."""
    reasons = [
        {"Code": code} if isinstance(code, str) else {"Code": code[0], "Item": code[1]} for code in codes
    ]
    return answer("TransactionCanceledException", CancellationReasons=reasons)


def refused(request: AWSPreparedRequest) -> None:
    """Let nobody be there to connect to."""
    raise EndpointConnectionError(endpoint_url=request.url)


def timed_out(request: AWSPreparedRequest) -> None:
    """Time out before the request is carried out."""
    raise ReadTimeoutError(endpoint_url=request.url)


def carried_out_then_timed_out(request: AWSPreparedRequest) -> None:
    """Carry the request out and lose its answer: the caller cannot tell this from `timed_out`."""
    URLLib3Session().send(request)
    raise ReadTimeoutError(endpoint_url=request.url)


class _Raw(io.BytesIO):
    def stream(self, **_: Any):
        while chunk := self.read():
            yield chunk
