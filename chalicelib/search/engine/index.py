"""The product search: an index on disk, opened for reading."""

import math
from array import array
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

from tantivy import DocAddress, FieldType, Index, Occur, Order, Query, Searcher

from chalicelib.search.engine.build import TITLES_FILE, build, vocabulary_file
from chalicelib.search.engine.matching import (
    MAX_WORDS_INSIDE,
    Meaning,
    every,
    meanings_of,
    ranked,
    unranked,
    without_score,
)
from chalicelib.search.engine.schema import RANKS, TEXT_FIELDS, Way, unpack
from chalicelib.search.engine.text import fold, words
from chalicelib.search.engine.titles import Titles
from chalicelib.search.engine.vocabulary import Vocabulary
from chalicelib.search.model import Found, FoundProduct, ProductQuery, Sort

__all__ = ["SearchIndex", "build"]

# Words of a query beyond these are not looked at.
MAX_WORDS = 16
MAX_CENTS = 2**63 - 1


class SearchIndex:
    """An opened index. Its files never change, so any number of threads may ask it."""

    def __init__(
        self,
        index: Index,
        vocabularies: Mapping[str, Vocabulary],
        titles: Sequence[int],
        max_words_inside: int,
    ) -> None:
        self._schema = index.schema
        self._searcher: Searcher = index.searcher()
        self._vocabularies = vocabularies
        self._max_words_inside = max_words_inside
        self._titles = Titles(titles, lambda number: self._product(DocAddress(0, number)).title)

    @classmethod
    def open(cls, folder: Path, max_words_inside: int = MAX_WORDS_INSIDE) -> "SearchIndex":
        """Open what `build` wrote.

        Args:
            folder: where.
            max_words_inside: how many words of a field a query's parts of words share.

        Raises:
            OSError: a file is missing or unreadable.
            ValueError: a file is broken.
        """
        index = Index.open(str(folder))
        # Nothing is ever written here, so no thread needs to watch for it.
        index.config_reader(reload_policy="manual")
        vocabularies = {
            field: Vocabulary.parse(vocabulary_file(folder, field).read_bytes().decode())
            for field in TEXT_FIELDS
        }
        titles = array("I", (folder / TITLES_FILE).read_bytes())
        return cls(index, vocabularies, titles, max_words_inside)

    def search(self, query: ProductQuery) -> Found:
        """Return a page of the products that meet the query."""
        typed = words(query.q)[:MAX_WORDS]
        if not typed:
            # A text without words is not the same as no text: it does not ask for all products.
            return Found(0, (), None) if query.q.strip() else self._page(query, [])
        meanings = self._meanings_of(typed)
        if all(meanings):
            return self._page(query, meanings)
        corrected = [
            word if meaning else self._correction(word) for word, meaning in zip(typed, meanings, strict=True)
        ]
        if not all(corrected):
            return Found(0, (), None)
        found = self._page(query, self._meanings_of(corrected))
        return Found(found.count, found.products, " ".join(corrected) if found.count else None)

    def suggest(self, q: str, limit: int = 10) -> list[str]:
        """Return distinct titles that complete what is typed, at most `limit`.

        First those that begin with it, then those in which each of its words begins a word, then those that
        have each of its words inside; each group by title.
        """
        folded = fold(q)
        if not folded:
            return []
        suggestions = dict.fromkeys(islice(self._titles.beginning_with(folded), limit))
        meanings = self._meanings_of(words(q)[:MAX_WORDS])
        for ways in ((Way.WHOLE, Way.START), tuple(Way)):
            if meanings and len(suggestions) < limit:
                for title in self._titles_with(meanings, ways, limit + len(suggestions)):
                    suggestions.setdefault(title)
        return list(suggestions)[:limit]

    def _titles_with(self, meanings: Sequence[Meaning], ways: Sequence[Way], limit: int) -> Iterator[str]:
        matching = [meaning.in_title(self._schema, ways) for meaning in meanings]
        distinct = Query.term_query(self._schema, "first_of_title", True)
        hits = self._searcher.search(
            every([*matching, distinct]),
            limit,
            count=False,
            order_by_field=RANKS[Sort.TITLE],
            order=Order.Asc,
        ).hits
        return (self._product(address).title for _, address in hits)

    def _page(self, query: ProductQuery, meanings: Sequence[Meaning]) -> Found:
        sort = Sort.TITLE if query.sort is Sort.RELEVANCE and not meanings else query.sort
        conditions = list(self._conditions(query))
        if meanings:
            match = ranked if sort is Sort.RELEVANCE else unranked
            conditions.append((Occur.Must, match(self._schema, meanings)))
        if not any(occur is Occur.Must for occur, _ in conditions):
            conditions.append((Occur.Must, Query.all_query()))
        result = self._searcher.search(
            Query.boolean_query(conditions),
            query.limit,
            # There is no page past the last product, and Tantivy takes memory for all it skips.
            offset=min(query.offset, self._searcher.num_docs),
            order_by_field=None if sort is Sort.RELEVANCE else RANKS[sort],
            order=Order.Desc if sort is Sort.RELEVANCE else Order.Asc,
        )
        # Tantivy's annotations leave the count out.
        count: int = result.count  # type: ignore[attr-defined]
        return Found(count, tuple(self._product(address) for _, address in result.hits), None)

    def _conditions(self, query: ProductQuery) -> Iterator[tuple[Occur, Query]]:
        if query.category is not None:
            yield _filter(Query.term_query(self._schema, "category_key", fold(query.category)))
        if query.price_min is not None or query.price_max is not None:
            yield _filter(self._price_range(query))
        if query.in_stock is not None:
            in_stock = (
                Query.term_query(self._schema, "in_stock", True)
                if query.store_id is None
                else Query.term_query(self._schema, "in_stock_at", query.store_id)
            )
            yield _filter(in_stock) if query.in_stock else (Occur.MustNot, in_stock)

    def _price_range(self, query: ProductQuery) -> Query:
        low = 0 if query.price_min is None else math.ceil(query.price_min.scaleb(2))
        high = MAX_CENTS if query.price_max is None else math.floor(query.price_max.scaleb(2))
        low, high = max(low, 0), min(high, MAX_CENTS)
        if low > high:
            return Query.empty_query()
        return Query.range_query(self._schema, "cents", FieldType.Unsigned, low, high)

    def _meanings_of(self, typed: Sequence[str]) -> list[Meaning]:
        return meanings_of(typed, self._vocabularies, self._max_words_inside)

    def _correction(self, word: str) -> str:
        """Return the most frequent word one typo away, of equals the first by spelling; "" without any."""
        return min(
            {other for each in self._vocabularies.values() for other in each.one_typo_from(word)},
            key=lambda candidate: (-self._frequency(candidate), candidate),
            default="",
        )

    def _frequency(self, word: str) -> int:
        """Return how many products have the word: each has it in one field only."""
        return sum(self._searcher.doc_freq(field, word) for field in TEXT_FIELDS)

    def _product(self, address: DocAddress) -> FoundProduct:
        shown: bytes = self._searcher.doc(address)["shown"][0]
        return unpack(shown)


def _filter(query: Query) -> tuple[Occur, Query]:
    """Make a condition that leaves scores alone."""
    return Occur.Must, without_score(query)
