"""Stores and their stock over HTTP."""

from decimal import Decimal
from typing import Annotated

import msgspec
from chalice.app import Request, Response
from msgspec import Meta

from chalicelib.api.answers import json_response
from chalicelib.api.decoding import parse_path_id, parse_query
from chalicelib.api.fields import Id
from chalicelib.api.paging import PageQuery, page_response
from chalicelib.api.routes import Api
from chalicelib.inventory.model import Stock
from chalicelib.wiring import wired

# The longest sort key (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html).
MAX_KEY_BYTES = 1024

inventory = Api(__name__)


class InventoryQuery(PageQuery, frozen=True):
    """A page of a store's stock; by default as much as a store usually has."""

    limit: Annotated[int, Meta(ge=1, le=1000)] = 1000


class TitlePosition(msgspec.Struct, frozen=True, array_like=True):
    """Where a page of a store's stock ends: the key of a row in the index by title.

    It comes back from the client as a cursor, and DynamoDB refuses a query with a key that cannot be one.
    """

    title_key: str
    product_id: Id

    def __post_init__(self) -> None:
        if not 1 <= len(self.title_key.encode()) <= MAX_KEY_BYTES:
            raise ValueError(f"A title key has 1 to {MAX_KEY_BYTES} bytes.")


class StockView(msgspec.Struct):
    """One product of a store's stock; `id` is the product's."""

    id: int
    product_title: str
    price: Decimal
    category_name: str
    quantity: int


@inventory.route("/stores")
def stores(request: Request) -> Response:
    """List the stores, by id."""
    return page_response(
        request,
        parse_query(request, PageQuery),
        wired().inventory.stores.stores,
        position=Id,
        position_of=lambda store: store.id,
    )


@inventory.route("/stores/{store_id}")
def store(request: Request, store_id: str) -> Response:
    """Show one store."""
    return json_response(wired().inventory.stores.store(parse_path_id(store_id, "store")))


@inventory.route("/stores/{store_id}/inventory")
def store_inventory(request: Request, store_id: str) -> Response:
    """List a store's stock by title, as it is at this moment."""
    number = parse_path_id(store_id, "store")

    def fetch(after: TitlePosition | None, limit: int) -> list[tuple[str, Stock]]:
        last = after and (after.title_key, after.product_id)
        # Only an empty answer leaves open whether there is such a store.
        return wired().inventory.stock.listing(number, last, limit) or wired().inventory.stores.nothing_of(
            number
        )

    return page_response(
        request,
        parse_query(request, InventoryQuery),
        fetch,
        position=TitlePosition,
        position_of=lambda row: TitlePosition(row[0], row[1].product_id),
        render=lambda row: _view(row[1]),
    )


def _view(stock: Stock) -> StockView:
    return StockView(
        id=stock.product_id,
        product_title=stock.copy.title,
        price=stock.copy.price,
        category_name=stock.category_name,
        quantity=stock.quantity,
    )
