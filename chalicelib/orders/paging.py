"""The pages of an account's own orders, which can be turned in both directions."""

from typing import Annotated, Any, Literal

import msgspec
from chalice.app import Request
from msgspec import Meta

from chalicelib.api.fields import Id
from chalicelib.api.paging import link_to, make_cursor, parse_cursor, path_of
from chalicelib.orders.storage.repository import OrderRepository
from chalicelib.orders.views import ListedOwnOrderView, listed_own_order

# A cursor names the order that a page lies before (is older than) or after (is newer than).
Position = tuple[Literal["before", "after"], Id]


class OwnOrdersQuery(msgspec.Struct, frozen=True):
    """Which page of one's own orders."""

    page_size: Annotated[int, Meta(ge=1, le=100)] = 10
    cursor: str | None = None


class OwnOrdersPage(msgspec.Struct):
    """A page with links to its neighbours."""

    next: str | None
    previous: str | None
    results: list[ListedOwnOrderView]


def own_orders_page(
    request: Request, query: OwnOrdersQuery, orders: OrderRepository, user_id: int
) -> OwnOrdersPage:
    """Read a page of a user's orders, newest first.

    Raises:
        InvalidInput: the cursor is not one of this list.
    """
    side, position = "before", None
    if query.cursor is not None:
        side, position = parse_cursor(query.cursor, path_of(request), Position)
    # One more than asked for tells whether there is another page on that side.
    found = orders.user_orders(user_id, query.page_size + 1, **{side: position})
    more = len(found) > query.page_size
    if side == "before":
        page = found[: query.page_size]
        has_next, has_previous = more, position is not None
    else:
        page = found[-query.page_size :]
        has_next, has_previous = True, more
    return OwnOrdersPage(
        next=_url(request, query, "before", page[-1].id) if page and has_next else None,
        previous=_url(request, query, "after", page[0].id) if page and has_previous else None,
        results=[listed_own_order(order) for order in page],
    )


def _url(request: Request, query: OwnOrdersQuery, side: str, order_id: int) -> str:
    cursor = make_cursor(path_of(request), (side, order_id))
    return _origin(request) + link_to(request, page_size=query.page_size, cursor=cursor)


def _origin(request: Request) -> str:
    """Return scheme and host as the client knows them: API Gateway tells, and without it the Host header."""
    context: dict[str, Any] = request.context
    if domain := context.get("domainName"):
        return f"https://{domain}"
    return f"http://{request.headers.get('host', 'localhost')}"
