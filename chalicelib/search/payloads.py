"""What the search routes accept and show (contract, "Search")."""

from decimal import Decimal
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from chalicelib.api.fields import Id
from chalicelib.errors import InvalidInput
from chalicelib.money import parse_amount
from chalicelib.search.model import ProductQuery, Sort

MIN_SUGGEST_LENGTH = 3

Text = Annotated[str, Meta(max_length=1000)]
# A price is text here, because a decoder to Decimal would take " 1_0" and digits of any script.
Price = Annotated[str, Meta(max_length=40)]


class SearchParameters(msgspec.Struct, frozen=True):
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


class SuggestParameters(msgspec.Struct, frozen=True):
    """The query of `GET /api/search/suggest`."""

    q: Text


class FoundProductView(msgspec.Struct):
    """A product that was found; `quantity` is the asked store's live stock, or null without a store."""

    id: int
    title: str
    description: str
    price: Decimal
    category_name: str
    quantity: int | None


class FoundView(msgspec.Struct, omit_defaults=True):
    """A page of what was found; `corrected` is what was searched for in place of `q`."""

    count: int
    page: int
    page_size: int
    results: list[FoundProductView]
    corrected: str | None = None


class SuggestionsView(msgspec.Struct):
    """Titles that `q` may be the beginning of."""

    suggestions: list[str]


def product_query(parameters: SearchParameters) -> ProductQuery:
    """Turn the parameters into what the service understands.

    Raises:
        InvalidInput: a price is not an amount.
    """
    q = parameters.q.strip()
    return ProductQuery(
        q=q,
        category=parameters.category,
        price_min=_price(parameters, "price_min", "min_price"),
        price_max=_price(parameters, "price_max", "max_price"),
        store_id=parameters.store_id,
        in_stock=parameters.in_stock and parameters.in_stock == "true",
        sort=parameters.sort or (Sort.RELEVANCE if q else Sort.TITLE),
        offset=(parameters.page - 1) * parameters.page_size,
        limit=parameters.page_size,
    )


def _price(parameters: SearchParameters, *names: str) -> Decimal | None:
    for name in names:
        text = getattr(parameters, name)
        if text is not None:
            try:
                return parse_amount(text)
            except ValueError as error:
                raise InvalidInput("A query parameter is not valid.", {name: [str(error)]}) from error
    return None


def suggest_text(parameters: SuggestParameters) -> str:
    """Return the text to complete, without the white space around it.

    Raises:
        InvalidInput: it is too short to say anything.
    """
    q = parameters.q.strip()
    if len(q) < MIN_SUGGEST_LENGTH:
        detail = f"Suggestions begin with {MIN_SUGGEST_LENGTH} characters."
        raise InvalidInput("A query parameter is not valid.", {"q": [detail]})
    return q
