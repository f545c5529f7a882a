"""The catalogues of the search benchmark: the seed's products, with few words or with as many as in a real one."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product

from chalicelib.search.model import IndexedProduct
from infra.ops.seed.catalogue import Catalogue, Volumes

SEED = 2025
STORES = 20
WORDS = 100_000
EXTRA_WORDS = 6
_SYLLABLES = ["".join(sounds) for sounds in product("bdfgklmnprstvz", "aeio")]
_LETTERS = "ABCDEFGHKLMNPRSTUVWXYZ"


def products(size: int, many_words: bool) -> Iterator[IndexedProduct]:
    """Yield products; each is carried by up to four of the stores, most of which have it in stock.

    Args:
        size: how many.
        many_words: whether titles end with a model's number of their own and descriptions with some words that
            are as unequally frequent as those of a language (Zipf's law). Without, there are some hundreds of words.
    """
    chance = random.Random(SEED)
    words, weights = _language() if many_words else ((), ())
    for seeded in Catalogue(Volumes(products=size, stores=STORES), SEED).products():
        carried_by = chance.sample(range(1, STORES + 1), chance.randint(0, 4))
        indexed = IndexedProduct(
            seeded.id,
            seeded.title,
            seeded.description,
            seeded.price,
            seeded.category.id,
            seeded.category.name,
            seeded.created_at,
            tuple(carried_by),
            tuple(store for store in carried_by if chance.random() < 0.85),
        )
        if many_words:
            model = f"{''.join(chance.choices(_LETTERS, k=2))}-{chance.randrange(100, 10_000)}"
            extra = " ".join(chance.choices(words, cum_weights=weights, k=EXTRA_WORDS))
            indexed = replace(
                indexed,
                title=f"{indexed.title} {model}{chance.choice(_LETTERS)}",
                description=f"{indexed.description} {extra}.",
            )
        yield indexed


def _language() -> tuple[Sequence[str], Sequence[float]]:
    """Return made-up words, the most frequent first, and the sums of their frequencies."""
    chance = random.Random(SEED)
    words: dict[str, None] = {}
    while len(words) < WORDS:
        words["".join(chance.choices(_SYLLABLES, k=chance.randint(2, 5)))] = None
    total = 0.0
    return tuple(words), [total := total + 1 / rank for rank in range(1, WORDS + 1)]
