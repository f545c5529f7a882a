"""The pages of an account's own orders, which link to both neighbours."""

from typing import Literal

from chalice.app import Request

from chalicelib.api.fields import Id
from chalicelib.api.paging import Cursors, link_to, path_of
from chalicelib.api.routes import Call
from chalicelib.orders.payloads import ListedOwnOrderPayload, OwnOrdersPayload, OwnOrdersQuery
from chalicelib.orders.storage.repository import OrderRepository

Side = Literal["before", "after"]

# A position is an order, and the side of it that the page is on: before (older) or after (newer).
_CURSORS = Cursors(tuple[str, tuple[Side, Id]])


def own_orders_page(call: Call[None, OwnOrdersQuery], orders: OrderRepository) -> OwnOrdersPayload:
    """Read a page of the caller's orders, newest first.

    Raises:
        InvalidInput: the cursor is not one of this list.
    """
    size, cursor, user_id = call.query.page_size, call.query.cursor, call.caller.user_id
    side, position = _CURSORS.read(cursor, path_of(call.request)) if cursor is not None else ("before", None)
    # One order more than asked for shows whether there is another page on that side.
    if side == "before":
        found = orders.user_orders(user_id, size + 1, before=position)
        page, has_next, has_previous = found[:size], len(found) > size, position is not None
    else:
        found = orders.user_orders(user_id, size + 1, after=position)
        page, has_next, has_previous = found[-size:], True, len(found) > size
    return OwnOrdersPayload(
        next=_url(call.request, size, "before", page[-1].id) if page and has_next else None,
        previous=_url(call.request, size, "after", page[0].id) if page and has_previous else None,
        results=[ListedOwnOrderPayload.of(order) for order in page],
    )


def _url(request: Request, page_size: int, side: Side, order_id: int) -> str:
    cursor = _CURSORS.write(path_of(request), (side, order_id))
    return _origin(request) + link_to(request, page_size=page_size, cursor=cursor)


def _origin(request: Request) -> str:
    """Return scheme and host as the client knows them: from API Gateway, else from the Host header."""
    if domain := request.context.get("domainName"):
        return f"https://{domain}"
    return f"http://{request.headers.get('host', 'localhost')}"
