"""What can be asked of the product search, and what it answers."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

# To be raised with every change of what an index consists of: another format is never opened, but built anew.
FORMAT = 2


@dataclass(frozen=True, slots=True)
class IndexedProduct:
    """A product as the index takes it in.

    Args:
        price: in whole cents.
        created_at: with its time zone.
        carried_by: the ids of the stores that have a stock row for it.
        in_stock_at: those of them that have at least one.
    """

    id: int
    title: str
    description: str
    price: Decimal
    category_id: int
    category_name: str
    created_at: datetime
    carried_by: tuple[int, ...]
    in_stock_at: tuple[int, ...]


class Sort(StrEnum):
    """An order of the hits; products that are equal in it stand by id."""

    RELEVANCE = "relevance"
    PRICE = "price"
    PRICE_DESC = "price_desc"
    NEWEST = "newest"
    TITLE = "title"


@dataclass(frozen=True, slots=True)
class ProductQuery:
    """One page of the products that meet every condition given.

    Args:
        q: plain text, each word of which must match; blank for all products.
        category: an id or a name, whose case and accents do not matter.
        price_min: inclusive.
        price_max: inclusive.
        store_id: whose stock `in_stock` asks about; alone it is no condition.
        in_stock: whether the store has the product, or without a store any store has it; None for either.
        sort: without words to match, RELEVANCE is the same as TITLE.
        offset: how many hits to skip, from 0.
        limit: how many hits to return at the most, from 1.
    """

    q: str = ""
    category: str | None = None
    price_min: Decimal | None = None
    price_max: Decimal | None = None
    store_id: int | None = None
    in_stock: bool | None = None
    sort: Sort = Sort.RELEVANCE
    offset: int = 0
    limit: int = 20


@dataclass(frozen=True, slots=True)
class FoundProduct:
    """A hit, as it was when the index was built."""

    id: int
    title: str
    description: str
    price: Decimal
    category_name: str


@dataclass(frozen=True, slots=True)
class Found:
    """A page of hits.

    Args:
        count: how many products meet the query, on all pages.
        products: the page.
        corrected: what was searched instead of `q`, if only that has hits; else None.
    """

    count: int
    products: tuple[FoundProduct, ...]
    corrected: str | None


@dataclass(frozen=True, slots=True)
class Hit:
    """A product that was found, with the asked store's stock of it; None when no store was asked for."""

    product: FoundProduct
    quantity: int | None


@dataclass(frozen=True, slots=True)
class Hits:
    """A page of hits, and how many there are in all."""

    count: int
    hits: list[Hit]
    corrected: str | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A published search index.

    Args:
        version: the catalogue's version that it holds at least.
        read_at: when reading catalogue and stock for it began.
        key: its place in the bucket; keys sort by version and time.
        size: in bytes.
        sha256: the digest of its content, in hexadecimal.
        format: the `FORMAT` of those who built it.
    """

    version: int
    read_at: datetime
    key: str
    size: int
    sha256: str
    format: int = FORMAT

    def holds(self, version: int, built_since: int) -> bool:
        """Say whether it is of this version or later, built since then (epoch seconds), and of our format."""
        return self.version >= version and self.read_at.timestamp() >= built_since and self.format == FORMAT
