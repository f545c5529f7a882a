"""The fixed questions of the search benchmark: 200 queries of every kind, hard texts, and 200 beginnings of titles."""

import random
from collections.abc import Callable
from decimal import Decimal

from chalicelib.search.model import ProductQuery, Sort
from infra.ops.seed.vocabulary import BRANDS, RANGES, SERIES

NOUNS = tuple(thing for each in RANGES for thing, _, _ in each.things)
# Ten of every kind; a kind makes a query of a brand, a series, a thing and a number from 1 to 20.
KINDS: tuple[Callable[[str, str, str, int], ProductQuery], ...] = (
    lambda brand, series, thing, number: ProductQuery(q=thing),
    lambda brand, series, thing, number: ProductQuery(q=f"{brand} {thing}"),
    lambda brand, series, thing, number: ProductQuery(q=f"{brand} {series} {thing}"),
    lambda brand, series, thing, number: ProductQuery(q=thing[:4]),
    lambda brand, series, thing, number: ProductQuery(q=brand[1:5]),
    lambda brand, series, thing, number: ProductQuery(q=thing[:2]),
    lambda brand, series, thing, number: ProductQuery(q=series, store_id=number, in_stock=True),
    lambda brand, series, thing, number: ProductQuery(q=series, in_stock=False),
    lambda brand, series, thing, number: ProductQuery(
        q=brand, price_min=Decimal(number), price_max=Decimal(99)
    ),
    lambda brand, series, thing, number: ProductQuery(q=series, category="Home & Kitchen"),
    lambda brand, series, thing, number: ProductQuery(q=brand, sort=Sort.PRICE),
    lambda brand, series, thing, number: ProductQuery(q=series, sort=Sort.NEWEST),
    lambda brand, series, thing, number: ProductQuery(q=thing, sort=Sort.TITLE, offset=20 * number),
    lambda brand, series, thing, number: ProductQuery(category=str(number % 12 + 1), sort=Sort.PRICE_DESC),
    lambda brand, series, thing, number: ProductQuery(store_id=number, in_stock=True, sort=Sort.TITLE),
    lambda brand, series, thing, number: ProductQuery(sort=Sort.NEWEST, offset=20 * number),
    lambda brand, series, thing, number: ProductQuery(q=brand[:2] + brand[3:]),
    lambda brand, series, thing, number: ProductQuery(q=f"{brand} nowhere"),
    lambda brand, series, thing, number: ProductQuery(q=f"{series} for the"),
    lambda brand, series, thing, number: ProductQuery(q=f"{thing[0]} {brand[0]}"),
)


def queries() -> list[ProductQuery]:
    """Return the 200 queries, ten of each kind."""
    chance = random.Random(2025)
    return [
        kind(chance.choice(BRANDS), chance.choice(SERIES), chance.choice(NOUNS), chance.randint(1, 20))
        for kind in KINDS
        for _ in range(200 // len(KINDS))
    ]


def hard_texts() -> list[ProductQuery]:
    """Return texts that a client might send to slow the search down."""
    letters = "a e i o u r s t n l d c m p b h"
    pairs = "st er in an ar en on ti ra te al or nd ch le se"
    parts = "for the and ing ers ion tin ble con ver est ter ent all ess out"
    texts = (
        letters,
        letters[:15],
        pairs,
        pairs[:23],
        parts,
        f"in st {letters}",
        f"the {letters}",
        "e " * 500,
        "x" * 1000,
        '"*\\' * 300,
    )
    return [ProductQuery(q=text, sort=sort) for text in texts for sort in (Sort.RELEVANCE, Sort.NEWEST)]


def beginnings() -> list[str]:
    """Return what 200 people have typed so far: beginnings of titles, of words in them, and parts of words."""
    chance = random.Random(2025)
    typed = []
    for number in range(200):
        text = (
            f"{chance.choice(BRANDS)} {chance.choice(SERIES)}",
            chance.choice(NOUNS),
            chance.choice((*BRANDS, *SERIES))[1:],
            f"{chance.choice(SERIES)} {chance.choice(NOUNS)}",
        )[number % 4]
        typed.append(text[: chance.randint(3, 12)])
    return typed
