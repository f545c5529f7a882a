"""Pages of lists: opaque cursors, and the Link header that names the next page."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Annotated, Generic, TypeVar
from urllib.parse import urlencode

import msgspec
from chalice.app import Request
from msgspec import Meta

from chalicelib.api.answers import Answer
from chalicelib.api.fields import Id
from chalicelib.api.routes import Call
from chalicelib.errors import InvalidInput

Item = TypeVar("Item")
Payload = TypeVar("Payload")
Position = TypeVar("Position")


class PageQuery(msgspec.Struct, frozen=True):
    """How much of a list, and from where."""

    limit: Annotated[int, Meta(ge=1, le=200)] = 50
    cursor: str | None = None


class Cursors(Generic[Position]):
    """Writes positions in lists as opaque text, and reads them.

    Args:
        content: the type of a cursor's content: the path of its list, and a position.
    """

    def __init__(self, content: type[tuple[str, Position]]) -> None:
        self._decoder = msgspec.json.Decoder(content)

    def read(self, cursor: str, path: str) -> Position:
        """Return the position that a cursor stands for.

        Raises:
            InvalidInput: it is not a cursor of the list at this path.
        """
        try:
            text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
            of, position = self._decoder.decode(text)
            if of == path:
                return position
        except (binascii.Error, ValueError, msgspec.MsgspecError):
            pass
        detail = "This is not a cursor of this list; take it from a page that links to the next."
        raise InvalidInput(detail, {"cursor": [detail]})

    def write(self, path: str, position: Position) -> str:
        """Return the cursor of a position in the list at this path."""
        return base64.urlsafe_b64encode(msgspec.json.encode((path, position))).rstrip(b"=").decode()


# For lists in the order of an id.
ID_CURSORS = Cursors(tuple[str, Id])


def page(
    call: Call[None, PageQuery],
    cursors: Cursors[Position],
    fetch: Callable[[Position | None, int], Sequence[Item]],
    position_of: Callable[[Item], Position],
    render: Callable[[Item], Payload],
) -> Answer[list[Payload]]:
    """Answer with one page of a list, and with a Link (RFC 8288) to the next page if there is one.

    Args:
        call: says which page; a cursor is valid for the call's path only.
        cursors: those of the list.
        fetch: is called with the last position already seen (None at the beginning) and the largest number
            of items to return.
        position_of: returns an item's position.
        render: returns an item's payload.

    Raises:
        InvalidInput: the cursor is not one of this list.
    """
    limit, path = call.query.limit, path_of(call.request)
    after = None if call.query.cursor is None else cursors.read(call.query.cursor, path)
    # One item more than asked for shows whether there is a next page.
    items = fetch(after, limit + 1)
    shown = items[:limit]
    headers = {}
    if len(items) > len(shown):
        cursor = cursors.write(path, position_of(shown[-1]))
        headers["Link"] = f'<{link_to(call.request, limit=limit, cursor=cursor)}>; rel="next"'
    return Answer([render(item) for item in shown], headers=headers)


def path_of(request: Request) -> str:
    """Return the path that the client asked for, without its trailing slash."""
    path: str = request.context["path"]
    return path.rstrip("/")


def link_to(request: Request, **changed: object) -> str:
    """Return the request's path and query with some parameters changed."""
    return f"{path_of(request)}?{urlencode({**(request.query_params or {}), **changed})}"
