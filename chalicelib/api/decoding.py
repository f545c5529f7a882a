"""Decoding requests: body, query and path, each into its type or a refusal that names the field."""

import re
from typing import TypeVar

import msgspec
from chalice.app import Request

from chalicelib.errors import InvalidInput, MalformedBody, NotFound, TooLarge
from chalicelib.ids import parse_number

T = TypeVar("T")

_AT = re.compile(r"^(?P<what>.*?)(?: - at `\$\.?(?P<path>.*)`)?$", re.DOTALL)
_FIELD_OF_OBJECT = re.compile(
    r"^Object (?P<what>missing required|contains unknown) field `(?P<name>.*)`$", re.DOTALL
)
_FIELD_MESSAGES = {
    "missing required": "This field is required.",
    "contains unknown": "This field is not known here.",
}
_IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,255}")


def parse_body(request: Request, shape: type[T], max_bytes: int) -> T:
    """Decode a JSON body.

    Args:
        request: the request.
        shape: the msgspec type to decode into.
        max_bytes: the largest body allowed.

    Raises:
        TooLarge: the body is larger.
        MalformedBody: it is not a JSON object.
        InvalidInput: a field is missing, unknown, of the wrong type, or out of its limits.
    """
    body = request.raw_body
    if len(body) > max_bytes:
        raise TooLarge(f"The body may have {max_bytes} bytes at the most.")
    try:
        return msgspec.json.decode(body, type=shape)
    except msgspec.ValidationError as error:
        raise _invalid("The body is not valid.", str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedBody("The body is not valid JSON.") from error


def parse_query(request: Request, shape: type[T]) -> T:
    """Decode the query parameters; of a repeated one the last counts, unknown ones are ignored.

    Raises:
        InvalidInput: a parameter has a value it cannot have.
    """
    parameters = dict(request.query_params or {})
    try:
        return msgspec.convert(parameters, type=shape, strict=False)
    except msgspec.ValidationError as error:
        raise _invalid("A query parameter is not valid.", str(error)) from error


def parse_path_id(text: str, what: str) -> int:
    """Read the id of a thing from the path.

    Raises:
        NotFound: it is not an id, so there is no such thing.
    """
    number = parse_number(text)
    if number is None:
        raise NotFound(f"There is no such {what}.")
    return number


def parse_idempotency_key(request: Request) -> str | None:
    """Read the Idempotency-Key header; None when there is none.

    Raises:
        InvalidInput: it is not 1 to 255 visible ASCII characters.
    """
    key = request.headers.get("idempotency-key")
    if key is not None and not _IDEMPOTENCY_KEY.fullmatch(key):
        detail = "An Idempotency-Key has 1 to 255 visible ASCII characters."
        raise InvalidInput(detail, {"Idempotency-Key": [detail]})
    return key


def _invalid(detail: str, message: str) -> InvalidInput:
    """Turn msgspec's message, such as "Expected `int`, got `str` - at `$.items[0].id`", into our error."""
    parts = _AT.match(message)
    what, path = parts["what"], parts["path"] or ""
    if of_object := _FIELD_OF_OBJECT.match(what):
        name = of_object["name"]
        return InvalidInput(
            detail, {f"{path}.{name}" if path else name: [_FIELD_MESSAGES[of_object["what"]]]}
        )
    return InvalidInput(detail, {path: [what]}) if path else MalformedBody(f"{detail} {what}.")
