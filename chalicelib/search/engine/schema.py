"""The fields of the index, and what is kept to show of a product."""

import json
from decimal import Decimal
from enum import StrEnum, auto
from itertools import product

from tantivy import Schema, SchemaBuilder

from chalicelib.search.model import FoundProduct, IndexedProduct, Sort


class Way(StrEnum):
    """How a typed word may match a word of a product, the best way first."""

    WHOLE = auto()
    START = auto()
    INSIDE = auto()


# Where a word may match, the best place first.
TEXT_FIELDS = ("title", "description", "category")
# What a match there is worth: the place decides before the way, from 9 to 1.
SCORES = {
    (field, way): score
    for score, (field, way) in zip(range(9, 0, -1), product(TEXT_FIELDS, Way), strict=True)
}
# The letters of all fields, by themselves and with the best score that the product has for them.
LETTERS = "letters"
# A product's place among all in each order, so that an order costs one number a product and has no ties.
RANKS = {
    Sort.TITLE: "title_rank",
    Sort.PRICE: "price_rank",
    Sort.PRICE_DESC: "price_desc_rank",
    Sort.NEWEST: "newest_rank",
}


def schema() -> Schema:
    """Return the schema of every index."""
    builder = SchemaBuilder()
    for field in TEXT_FIELDS:
        # The words come folded and with blanks between them; only whether a product has one is of interest.
        builder.add_text_field(field, tokenizer_name="whitespace", index_option="basic")
    builder.add_text_field(LETTERS, tokenizer_name="whitespace", index_option="basic")
    for rank in RANKS.values():
        builder.add_unsigned_field(rank, fast=True)
    builder.add_text_field("category_key", tokenizer_name="raw", index_option="basic")
    builder.add_unsigned_field("cents", fast=True)
    builder.add_unsigned_field("in_stock_at", indexed=True)
    builder.add_boolean_field("in_stock", indexed=True)
    builder.add_boolean_field("first_of_title", indexed=True)
    builder.add_bytes_field("shown", stored=True)
    return builder.build()


def letter_term(letter: str, score: int) -> str:
    """Return the term of products whose best match of this letter has this score."""
    return f"{letter}{score}"


def cents(price: Decimal) -> int:
    """Return a price of whole cents as their number."""
    return int(price.scaleb(2))


def pack(indexed: IndexedProduct) -> bytes:
    """Return what a hit shows of the product."""
    shown = (
        indexed.id,
        cents(indexed.price),
        indexed.title,
        indexed.description,
        indexed.category_name,
    )
    return json.dumps(shown, separators=(",", ":")).encode()


def unpack(shown: bytes) -> FoundProduct:
    """Return the hit that `pack` wrote."""
    product_id, price, title, description, category_name = json.loads(shown)
    return FoundProduct(product_id, title, description, Decimal(price).scaleb(-2), category_name)
