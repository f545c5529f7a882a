"""Pages of lists: opaque cursors, and the Link header that announces the next page."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeVar
from urllib.parse import urlencode

import msgspec
from chalice.app import Request, Response
from msgspec import Meta

from chalicelib.api.answers import json_response
from chalicelib.errors import InvalidInput

Item = TypeVar("Item")
Position = TypeVar("Position")


class PageQuery(msgspec.Struct, frozen=True):
    """How much of a list, and from where."""

    limit: Annotated[int, Meta(ge=1, le=200)] = 50
    cursor: str | None = None


def page_response(
    request: Request,
    query: PageQuery,
    fetch: Callable[[Position | None, int], Sequence[Item]],
    position: type[Position],
    position_of: Callable[[Item], Position],
    render: Callable[[Item], Any] = lambda item: item,
) -> Response:
    """Answer with one page of a list as a bare array, and a Link (RFC 8288) to the next page if there is one.

    Args:
        request: the request; a cursor is good for its path only.
        query: which page.
        fetch: called with the last position already seen (None at the beginning) and how many items to
            return at the most.
        position: the type of a position.
        position_of: gives an item's position.
        render: turns an item into what the array shows.

    Raises:
        InvalidInput: the cursor is not one of this list.
    """
    path = path_of(request)
    after = None if query.cursor is None else parse_cursor(query.cursor, path, position)
    # One more than asked for tells whether there is a next page.
    items = fetch(after, query.limit + 1)
    page = items[: query.limit]
    headers = {}
    if len(items) > len(page):
        cursor = make_cursor(path, position_of(page[-1]))
        headers["Link"] = f'<{link_to(request, limit=query.limit, cursor=cursor)}>; rel="next"'
    return json_response([render(item) for item in page], headers=headers)


def path_of(request: Request) -> str:
    """Return the path that the client asked for, without its trailing slash."""
    return request.context["path"].rstrip("/")


def link_to(request: Request, **changed: Any) -> str:
    """Return the request's path and query with some parameters changed."""
    return f"{path_of(request)}?{urlencode({**(request.query_params or {}), **changed})}"


def parse_cursor(cursor: str, path: str, position: type[Position]) -> Position:
    """Read the position that a cursor stands for.

    Raises:
        InvalidInput: it is not a cursor of the list at this path.
    """
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        of, where = msgspec.json.decode(text, type=tuple[str, position])
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        of = None
    if of != path:
        detail = "This is not a cursor of this list; take it from a page that links to the next."
        raise InvalidInput(detail, {"cursor": [detail]})
    return where


def make_cursor(path: str, position: Any) -> str:
    """Write a position in the list at this path as a cursor."""
    return base64.urlsafe_b64encode(msgspec.json.encode((path, position))).rstrip(b"=").decode()
