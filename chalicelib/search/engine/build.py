"""Writing an index: files that never change again."""

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from tantivy import Document, Index

from chalicelib.search.engine.schema import (
    LETTERS,
    RANKS,
    SCORES,
    TEXT_FIELDS,
    Way,
    cents,
    letter_term,
    pack,
    schema,
)
from chalicelib.search.engine.text import fold, words
from chalicelib.search.engine.vocabulary import Vocabulary
from chalicelib.search.model import IndexedProduct, Sort

TITLES_FILE = "titles.u32"
# More than a million products need, so that they become one segment; only what is needed is taken.
HEAP_BYTES = 4_000_000_000


class TooManyProducts(Exception):
    """There are more products than one segment takes."""


def build(products: Iterable[IndexedProduct], folder: Path) -> int:
    """Write the index of these products into an empty folder and return how many they are.

    Args:
        products: in any order, each once. All of them are in memory at a time.
        folder: exists.

    Raises:
        TooManyProducts: there would be several segments, between which ties are not in the order of ids.
    """
    # Hits with the same score come in the order in which they were added.
    by_id = sorted(products, key=lambda product: product.id)
    by_title = sorted(range(len(by_id)), key=lambda number: title_key(by_id[number].title))
    titles = _first_of_each_title(by_id, by_title)
    for field, words_of_field in _write_products(by_id, _ranks(by_id, by_title), set(titles), folder).items():
        text = Vocabulary(words_of_field).dump()
        vocabulary_file(folder, field).write_text(text, encoding="utf-8", newline="")
    (folder / TITLES_FILE).write_bytes(array("I", titles).tobytes())
    return len(by_id)


def vocabulary_file(folder: Path, field: str) -> Path:
    """Return where an index keeps all words of a text field."""
    return folder / f"{field}.words"


def title_key(title: str) -> tuple[str, str]:
    """Return what titles are sorted by: as they read, then as they are written."""
    return fold(title), title


def _first_of_each_title(by_id: Sequence[IndexedProduct], by_title: Iterable[int]) -> list[int]:
    """Return the products that stand for their titles in suggestions, by title."""
    return [next(same) for _, same in groupby(by_title, key=lambda number: by_id[number].title)]


def _ranks(by_id: Sequence[IndexedProduct], by_title: Sequence[int]) -> "dict[str, array[int]]":
    # Sorting keeps the order of ids where keys are equal, also in reverse.
    by_price = sorted(range(len(by_id)), key=lambda number: by_id[number].price)
    by_price_desc = sorted(range(len(by_id)), key=lambda number: by_id[number].price, reverse=True)
    newest = sorted(range(len(by_id)), key=lambda number: by_id[number].created_at, reverse=True)
    return {
        RANKS[Sort.TITLE]: _inverse(by_title),
        RANKS[Sort.PRICE]: _inverse(by_price),
        RANKS[Sort.PRICE_DESC]: _inverse(by_price_desc),
        RANKS[Sort.NEWEST]: _inverse(newest),
    }


def _inverse(order: Sequence[int]) -> "array[int]":
    ranks = array("I", bytes(4 * len(order)))
    for rank, number in enumerate(order):
        ranks[number] = rank
    return ranks


def _write_products(
    by_id: Iterable[IndexedProduct], ranks: "dict[str, array[int]]", first_of_title: set[int], folder: Path
) -> dict[str, set[str]]:
    """Write the index itself and return the words of each text field."""
    fields = schema()
    index = Index(fields, str(folder))
    # Otherwise a thread would read the index again after each change, and take a lock in the folder for it.
    index.config_reader(reload_policy="manual")
    writer = index.writer(HEAP_BYTES, num_threads=1)
    vocabularies: dict[str, set[str]] = {field: set() for field in TEXT_FIELDS}
    for number, product in enumerate(by_id):
        row: dict[str, Any] = {name: rank[number] for name, rank in ranks.items()}
        by_field = dict(zip(TEXT_FIELDS, _words_by_field(product), strict=True))
        for field, field_words in by_field.items():
            row[field] = " ".join(field_words)
            vocabularies[field].update(field_words)
        row[LETTERS] = " ".join(_letter_terms(by_field))
        row["category_key"] = [str(product.category_id), fold(product.category_name)]
        row["cents"] = cents(product.price)
        row["in_stock_at"] = list(product.in_stock_at)
        row["in_stock"] = bool(product.in_stock_at)
        row["first_of_title"] = number in first_of_title
        row["shown"] = pack(product)
        writer.add_document(Document.from_dict(row, fields))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    if index.searcher().num_segments > 1:
        raise TooManyProducts
    return vocabularies


def _words_by_field(product: IndexedProduct) -> Iterator[list[str]]:
    """Yield each field's words without those of a better field, where the same words match better."""
    seen: set[str] = set()
    for text in (product.title, product.description, product.category_name):
        fresh = [word for word in words(text) if word not in seen]
        seen.update(fresh)
        yield fresh


def _letter_terms(words_by_field: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Yield each letter of the words, by itself and with the best score it has among them."""
    seen: set[str] = set()
    for (field, way), score in SCORES.items():
        field_words = words_by_field[field]
        match way:
            case Way.WHOLE:
                letters = {word for word in field_words if len(word) == 1}
            case Way.START:
                letters = {word[0] for word in field_words}
            case Way.INSIDE:
                letters = set("".join(field_words))
        for letter in letters - seen:
            yield letter
            yield letter_term(letter, score)
        seen |= letters
