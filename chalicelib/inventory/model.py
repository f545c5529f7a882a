"""Stores and the stock each of them holds."""

from dataclasses import dataclass

from chalicelib.catalog.model import ProductCopy


@dataclass(frozen=True, slots=True)
class Store:
    """A shop with stock of its own."""

    id: int
    name: str
    location: str


@dataclass(frozen=True, slots=True)
class Stock:
    """How much of one product one store has.

    `shards` has the units in each of the rows that the stock is split over; nothing when it is in one row.
    """

    product_id: int
    copy: ProductCopy
    quantity: int
    shards: tuple[int, ...] = ()

    def shards_with(self, units: int) -> list[int]:
        """Return the numbers of the shards that have so many units alone."""
        return [shard for shard, there in enumerate(self.shards) if there >= units]
