"""What may happen to a call of the product to AWS: the one place where all simulators and tests reach into it.

`meet` lets an object see every call before it is sent. Such an object is a `Fault`: it gets the call, and
answers it, raises what the caller is to meet, or returns None, which lets the call go on. What decides which
call meets which of the faults below is `Faults` (a list for an operation), `OneCall` (a count), `Storm` (chance)
and `Conflicts` (DynamoDB's rule).
"""

import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError
from botocore.httpsession import URLLib3Session

from chalicelib.platform.dynamodb.database import Database

POOL_SIZE = 100


class Crash(BaseException):
    """The process is gone; no handler of ordinary exceptions sees it."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call that is about to be made, e.g. `PutItem` of `dynamodb`.

    `send` does what it asks for: over the network, or in memory.
    """

    service: str
    operation: str
    request: AWSPreparedRequest
    send: Callable[["Call"], AWSResponse]

    @property
    def body(self) -> dict[str, Any]:
        return json.loads(self.request.body)

    def carry_out(self, body: dict[str, Any] | None = None) -> AWSResponse:
        """Do what is asked for, or something else of the same kind."""
        if body is not None:
            self.request.body = json.dumps(body).encode()
            self.request.headers["Content-Length"] = str(len(self.request.body))
        return self.send(self)

    def answer(self, body: dict[str, Any], status: int = 200) -> AWSResponse:
        """Make the answer that has this content."""
        return response(self.request, status, json.dumps(body).encode())


Fault = Callable[[Call], AWSResponse | None]


def meet(events: Any, fault: Fault, operations: str = "*.*") -> None:
    """Let a fault see the calls of a botocore client or session; `operations` is `service.operation`."""
    session = URLLib3Session(max_pool_connections=POOL_SIZE)

    def before_send(event_name: str, request: AWSPreparedRequest, **_: Any) -> AWSResponse | None:
        _, service, operation = event_name.split(".")
        return fault(Call(service, operation, request, lambda call: session.send(call.request)))

    events.register_first(f"before-send.{operations}", before_send)


def events_of(database: Database) -> Any:
    """Return where the calls of a database are seen."""
    return database.connection.client.events


class Faults:
    """Meets the next calls of an operation with faults, in order; afterwards all is well again."""

    def __init__(self, database: Database) -> None:
        self._events = events_of(database)
        self.requests: list[dict[str, Any]] = []

    def on(self, operation: str, *faults: Fault | None) -> None:
        """Meet the next calls of this operation; None lets one pass."""
        pending = list(faults)

        def next_fault(call: Call) -> AWSResponse | None:
            self.requests.append(call.body)
            fault = pending.pop(0) if pending else None
            return fault(call) if fault else None

        meet(self._events, next_fault, f"dynamodb.{operation}")


def answer(error: str, status: int = 400, **content: Any) -> Fault:
    """Answer with an error of DynamoDB, the request not carried out."""
    body = {"__type": f"com.amazonaws.dynamodb.v20120810#{error}", "message": error, **content}
    return lambda call: call.answer(body, status)


def cancelled(*codes: str | tuple[str, dict[str, Any]]) -> Fault:
    """Cancel a transaction for these reasons, one an item; a reason may carry the item as it was."""
    reasons = [
        {"Code": code} if isinstance(code, str) else {"Code": code[0], "Item": code[1]} for code in codes
    ]
    return answer("TransactionCanceledException", CancellationReasons=reasons)


def refused(call: Call) -> None:
    """Refuse the connection."""
    raise EndpointConnectionError(endpoint_url=call.request.url)


def timed_out(call: Call) -> None:
    """Time out before the request is carried out."""
    raise ReadTimeoutError(endpoint_url=call.request.url)


def carried_out_then_timed_out(call: Call) -> None:
    """Carry the request out and lose its answer: the caller cannot tell this from `timed_out`."""
    call.carry_out()
    timed_out(call)


def died_before(call: Call) -> None:
    """Let the process die before the call."""
    raise Crash


def died_after(call: Call) -> None:
    """Let the process die when the call was carried out and before it has the answer."""
    call.carry_out()
    raise Crash


class OneCall:
    """Meets one call with a fault: the one that comes after so many."""

    def __init__(self) -> None:
        self.aim(None)

    def aim(self, number: int | None, fault: Fault = died_before) -> None:
        """Count from now on, and meet the call of this number, the first being 0; None meets none."""
        self.calls, self._number, self._fault = 0, number, fault

    def __call__(self, call: Call) -> AWSResponse | None:
        self.calls += 1
        return self._fault(call) if self.calls - 1 == self._number else None


def response(request: AWSPreparedRequest, status: int, body: bytes) -> AWSResponse:
    """Make a response as it would have come over the network."""
    return AWSResponse(request.url, status, {}, _Raw(body))


class _Raw(io.BytesIO):
    def stream(self, **_: Any):
        while chunk := self.read():
            yield chunk
