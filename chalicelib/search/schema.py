"""The fields of the index, and what is kept to show of a product."""

import json
from decimal import Decimal

from tantivy import Schema, SchemaBuilder

from chalicelib.search.model import FoundProduct, IndexedProduct, Sort

# Where a word may match, the best place first.
TEXT_FIELDS = ("title", "description", "category")
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
    for rank in RANKS.values():
        builder.add_unsigned_field(rank, fast=True)
    builder.add_text_field("category_key", tokenizer_name="raw", index_option="basic")
    builder.add_unsigned_field("cents", fast=True)
    builder.add_unsigned_field("in_stock_at", indexed=True)
    builder.add_boolean_field("in_stock", indexed=True)
    builder.add_boolean_field("first_of_title", indexed=True)
    builder.add_bytes_field("shown", stored=True)
    return builder.build()


def cents(price: Decimal) -> int:
    """Return a price of whole cents as their number."""
    return int(price.scaleb(2))


def pack(product: IndexedProduct) -> bytes:
    """Return what a hit shows of the product."""
    shown = (
        product.id,
        cents(product.price),
        product.title,
        product.description,
        product.category_name,
    )
    return json.dumps(shown, separators=(",", ":")).encode()


def unpack(shown: bytes) -> FoundProduct:
    """Return the hit that `pack` wrote."""
    product_id, price, title, description, category_name = json.loads(shown)
    return FoundProduct(product_id, title, description, Decimal(price).scaleb(-2), category_name)
