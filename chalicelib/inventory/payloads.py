"""Requests and answers of the routes about stores and stock (contract, "Inventory")."""

from decimal import Decimal
from typing import Annotated

import msgspec
from msgspec import Meta

from chalicelib.api.fields import Id
from chalicelib.api.paging import PageQuery
from chalicelib.inventory.model import Stock, Store

# The longest sort key (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html).
MAX_KEY_BYTES = 1024


class InventoryQuery(PageQuery, frozen=True):
    """A page of a store's stock; by default as many products as a store usually has."""

    limit: Annotated[int, Meta(ge=1, le=1000)] = 1000


class TitlePosition(msgspec.Struct, frozen=True, array_like=True):
    """Where a page of a store's stock ends: the key of a row in the index by title.

    Clients send it back in a cursor, and DynamoDB refuses a query with an impossible key.
    """

    title_key: str
    product_id: Id

    def __post_init__(self) -> None:
        if not 1 <= len(self.title_key.encode()) <= MAX_KEY_BYTES:
            raise ValueError(f"A title key has 1 to {MAX_KEY_BYTES} bytes.")


class StorePayload(msgspec.Struct, frozen=True):
    """A store; `location` is free text."""

    id: int
    name: str
    location: str

    @classmethod
    def of(cls, store: Store) -> "StorePayload":
        """Show a store."""
        return cls(store.id, store.name, store.location)


class StockPayload(msgspec.Struct, frozen=True):
    """One product of a store's stock; `id` is the product's."""

    id: int
    product_title: str
    price: Decimal
    category_name: str
    quantity: int

    @classmethod
    def of(cls, stock: Stock) -> "StockPayload":
        """Show stock as one quantity, in however many rows it is kept."""
        return cls(
            id=stock.product_id,
            product_title=stock.copy.title,
            price=stock.copy.price,
            category_name=stock.copy.category_name,
            quantity=stock.quantity,
        )
