"""Errors as RFC 9457 problem details, and the table that gives each error its status."""

import http
from collections.abc import Mapping
from typing import Any

import msgspec
from chalice.app import Response

from chalicelib.errors import (
    Conflict,
    Forbidden,
    IdempotencyKeyReused,
    InvalidInput,
    NotFound,
    RateLimited,
    StockroomError,
    TooLarge,
    Unauthorized,
    Unavailable,
)
from chalicelib.platform import log

CONTENT_TYPE = "application/problem+json"

_UNAVAILABLE = "This cannot be done at the moment; please try again."

# The first class that matches decides, so a subclass stands before its base.
STATUSES: tuple[tuple[type[StockroomError], int], ...] = (
    (TooLarge, 413),
    (InvalidInput, 400),
    (Unauthorized, 401),
    (Forbidden, 403),
    (NotFound, 404),
    (IdempotencyKeyReused, 422),
    (Conflict, 409),
    (RateLimited, 429),
    (Unavailable, 503),
)


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    fields: Mapping[str, Any] | None = None,
    headers: Mapping[str, str | list[str]] | None = None,
) -> Response:
    """Build the response that describes an error.

    Args:
        status: the HTTP status.
        code: the stable snake_case code that programs act on.
        detail: one sentence for a person.
        fields: what is wrong with which field.
        headers: further headers, such as Retry-After.
    """
    body = {
        "type": f"urn:stockroom:problem:{code}",
        "title": http.HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        "request_id": log.request_id.get(),
    }
    if fields:
        body["errors"] = fields
    return Response(
        msgspec.json.encode(body).decode(), {"Content-Type": CONTENT_TYPE, **(headers or {})}, status
    )


def problem_of(error: StockroomError) -> Response:
    """Build the response for an error of the domain; an error that is not in the table is a 500."""
    status = next((status for kind, status in STATUSES if isinstance(error, kind)), 500)
    fields = error.fields if isinstance(error, InvalidInput) else None
    # The text of Unavailable says which dependency failed and how. That belongs in the log.
    detail = _UNAVAILABLE if type(error) is Unavailable else str(error)
    return problem(status, error.code, detail, fields=fields, headers=_headers_of(error))


def _headers_of(error: StockroomError) -> dict[str, str]:
    match error:
        case Unavailable():
            return {"Retry-After": str(error.retry_after_seconds)}
        case Unauthorized():
            # A 401 names the way to authenticate (RFC 9110, 15.5.2).
            return {"WWW-Authenticate": "Bearer"}
    return {}


def unexpected_error() -> Response:
    """Build the response for an unexpected error. It says nothing about the cause, which is in the log."""
    return problem(500, "internal_error", "Something went wrong on our side; it has been logged.")


# Chalice's own errors by status, and the code and sentence that replace its body.
FRAMEWORK_ERRORS = {
    403: ("forbidden", "You may not do this."),
    404: ("not_found", "There is nothing at this address."),
    405: ("method_not_allowed", "This address does not know this method."),
    415: ("unsupported_media_type", "Send JSON with the header Content-Type: application/json."),
}


def problem_of_framework(response: Response) -> Response:
    """Rewrite an error that Chalice answered by itself as a problem with the same headers."""
    kept = {name: value for name, value in response.headers.items() if name.lower() != "content-type"}
    if response.status_code in FRAMEWORK_ERRORS:
        code, detail = FRAMEWORK_ERRORS[response.status_code]
        return problem(response.status_code, code, detail, headers=kept)
    if response.status_code < 500:
        return problem(400, "bad_request", "The request could not be read.", headers=kept)
    return unexpected_error()
