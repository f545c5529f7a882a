"""Decoding requests: body, query, path and headers, each into its type or an error that names the field."""

import re
from collections.abc import Callable, Mapping
from typing import Final, TypeVar

import msgspec
from chalice.app import Request

from chalicelib.api.bodies import FIELD_REQUIRED, NOT_VALID, Body
from chalicelib.errors import InvalidInput, MalformedBody, NotFound, TooLarge
from chalicelib.identity import Caller
from chalicelib.ids import parse_number, parse_order_id

B = TypeVar("B")
Q = TypeVar("Q")

QUERY_NOT_VALID: Final = "A query parameter is not valid."

# Every path parameter: how its text is read, and what is not found when the text is no id.
PATH_PARAMETERS: Final[Mapping[str, tuple[Callable[[str], int | None], str]]] = {
    "product_id": (parse_number, "product"),
    "store_id": (parse_number, "store"),
    "uid": (parse_order_id, "order"),
}

_PARAMETER = re.compile(r"\{(\w+)\}")
_AT = re.compile(r"^(?P<what>.*?)(?: - at `\$\.?(?P<path>.*)`)?$", re.DOTALL)
_FIELD_OF_OBJECT = re.compile(
    r"^Object (?P<what>missing required|contains unknown) field `(?P<name>.*)`$", re.DOTALL
)
_FIELD_MESSAGES = {
    "missing required": FIELD_REQUIRED,
    "contains unknown": "This field is not known here.",
}
_IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,255}")


def decode_body(request: Request, body: Body[B], caller: Caller | None, max_bytes: int) -> B:
    """Decode a JSON body.

    Args:
        request: the request.
        body: the declared body.
        caller: who sends it, if that is known.
        max_bytes: the largest body allowed.

    Raises:
        TooLarge: the body is larger.
        MalformedBody: it is not a JSON object.
        InvalidInput: a field is missing, unknown, of the wrong type, or out of its limits.
        Unauthorized: only a known caller may send this kind of body.
    """
    content = request.raw_body
    if len(content) > max_bytes:
        raise TooLarge(f"The body may have {max_bytes} bytes at the most.")
    try:
        return body.decode(content, caller)
    except msgspec.ValidationError as error:
        raise _invalid(NOT_VALID, str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedBody("The body is not valid JSON.") from error


def decode_query(request: Request, query: type[Q]) -> Q:
    """Decode the query parameters; of a repeated one the last counts, unknown ones are ignored.

    Raises:
        InvalidInput: a parameter has a value that it cannot have.
    """
    parameters = dict(request.query_params or {})
    try:
        return msgspec.convert(parameters, type=query, strict=False)
    except msgspec.ValidationError as error:
        raise _invalid(QUERY_NOT_VALID, str(error)) from error


def path_parameters(path: str) -> set[str]:
    """Return the names of a path's parameters.

    Raises:
        LookupError: there is a name that `PATH_PARAMETERS` does not have.
    """
    names = set(_PARAMETER.findall(path))
    if unknown := names - PATH_PARAMETERS.keys():
        raise LookupError(f"{path}: no such path parameters: {sorted(unknown)}")
    return names


def decode_path(parameters: Mapping[str, str]) -> dict[str, int]:
    """Decode the parameters of a path into ids.

    Raises:
        NotFound: one is not an id, so there is no such thing.
    """
    return {name: _path_id(name, text) for name, text in parameters.items()}


def _path_id(name: str, text: str) -> int:
    parse, what = PATH_PARAMETERS[name]
    number = parse(text)
    if number is None:
        raise NotFound(f"There is no such {what}.")
    return number


def decode_idempotency_key(request: Request) -> str | None:
    """Read the Idempotency-Key header; None when there is none.

    Raises:
        InvalidInput: it is not 1 to 255 visible ASCII characters.
    """
    key: str | None = request.headers.get("idempotency-key")
    if key is not None and not _IDEMPOTENCY_KEY.fullmatch(key):
        detail = "An Idempotency-Key has 1 to 255 visible ASCII characters."
        raise InvalidInput(detail, {"Idempotency-Key": [detail]})
    return key


def _invalid(detail: str, message: str) -> InvalidInput:
    """Turn msgspec's message, such as "Expected `int`, got `str` - at `$.items[0].id`", into our error."""
    parts = _AT.match(message)
    what, path = (parts["what"], parts["path"] or "") if parts else (message, "")
    if of_object := _FIELD_OF_OBJECT.match(what):
        name = of_object["name"]
        return InvalidInput(
            detail, {f"{path}.{name}" if path else name: [_FIELD_MESSAGES[of_object["what"]]]}
        )
    return InvalidInput(detail, {path: [what]}) if path else MalformedBody(f"{detail} {what}.")
