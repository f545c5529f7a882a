"""Requests and answers of the search routes (contract, "Search")."""

from decimal import Decimal
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from chalicelib.api.decoding import QUERY_NOT_VALID
from chalicelib.api.fields import Id
from chalicelib.errors import InvalidInput
from chalicelib.money import parse_amount
from chalicelib.search.model import Hit, Hits, ProductQuery, Sort

MIN_SUGGEST_LENGTH = 3

Text = Annotated[str, Meta(max_length=1000)]
# A price is text here, because a decoder to Decimal would take " 1_0" and digits of any script.
Price = Annotated[str, Meta(max_length=40)]


class SearchQuery(msgspec.Struct, frozen=True):
    """The query of `GET /api/search/products`; the prices have two names each."""

    q: Text = ""
    category: Annotated[str, Meta(min_length=1, max_length=255)] | None = None
    price_min: Price | None = None
    price_max: Price | None = None
    min_price: Price | None = None
    max_price: Price | None = None
    store_id: Id | None = None
    in_stock: Literal["true", "false"] | None = None
    sort: Sort | None = None
    page: Id = 1
    page_size: Annotated[int, Meta(ge=1, le=100)] = 20

    def product_query(self) -> ProductQuery:
        """Return what the product search is asked.

        Raises:
            InvalidInput: a price is not an amount.
        """
        q = self.q.strip()
        return ProductQuery(
            q=q,
            category=self.category,
            price_min=_price(price_min=self.price_min, min_price=self.min_price),
            price_max=_price(price_max=self.price_max, max_price=self.max_price),
            store_id=self.store_id,
            in_stock=None if self.in_stock is None else self.in_stock == "true",
            sort=self.sort or (Sort.RELEVANCE if q else Sort.TITLE),
            offset=(self.page - 1) * self.page_size,
            limit=self.page_size,
        )


class SuggestQuery(msgspec.Struct, frozen=True):
    """The query of `GET /api/search/suggest`."""

    q: Text

    def text(self) -> str:
        """Return the text to complete, without the white space around it.

        Raises:
            InvalidInput: it is shorter than `MIN_SUGGEST_LENGTH` characters.
        """
        text = self.q.strip()
        if len(text) < MIN_SUGGEST_LENGTH:
            detail = f"Suggestions begin with {MIN_SUGGEST_LENGTH} characters."
            raise InvalidInput(QUERY_NOT_VALID, {"q": [detail]})
        return text


class FoundProductPayload(msgspec.Struct, frozen=True):
    """A product that was found; `quantity` is the given store's live stock, or null without a store."""

    id: int
    title: str
    description: str
    price: Decimal
    category_name: str
    quantity: int | None

    @classmethod
    def of(cls, hit: Hit) -> "FoundProductPayload":
        """Show a hit: the product as it was indexed, with its stock of this moment."""
        return cls(
            id=hit.product.id,
            title=hit.product.title,
            description=hit.product.description,
            price=hit.product.price,
            category_name=hit.product.category_name,
            quantity=hit.quantity,
        )


class FoundPayload(msgspec.Struct, frozen=True, omit_defaults=True):
    """A page of what was found; `corrected` is what was searched for in place of `q`."""

    count: int
    page: int
    page_size: int
    results: list[FoundProductPayload]
    corrected: str | None = None

    @classmethod
    def of(cls, query: SearchQuery, hits: Hits) -> "FoundPayload":
        """Show the page that the query asked for."""
        return cls(
            count=hits.count,
            page=query.page,
            page_size=query.page_size,
            results=[FoundProductPayload.of(hit) for hit in hits.hits],
            corrected=hits.corrected,
        )


class SuggestionsPayload(msgspec.Struct, frozen=True):
    """Titles that `q` may be the beginning of."""

    suggestions: list[str]


def _price(**given: str | None) -> Decimal | None:
    """Return the first price that is given under one of its names.

    Raises:
        InvalidInput: it is not an amount.
    """
    for name, text in given.items():
        if text is not None:
            try:
                return parse_amount(text)
            except ValueError as error:
                raise InvalidInput(QUERY_NOT_VALID, {name: [str(error)]}) from error
    return None
