"""From typed words to Tantivy's queries. Nothing here parses query syntax: words are only looked up."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tantivy import Occur, Query, Schema

from chalicelib.search.schema import TEXT_FIELDS
from chalicelib.search.vocabulary import Vocabulary

# How it may match there, the best way first.
WAYS = ("whole", "start", "inside")


@dataclass(frozen=True, slots=True)
class Meaning:
    """The words of the vocabulary that one typed word stands for, by the way they match it."""

    whole: Sequence[str]
    start: Sequence[str]
    inside: Sequence[str]

    @classmethod
    def of(cls, word: str, vocabulary: Vocabulary) -> "Meaning":
        """Look the word up."""
        start = vocabulary.starting_with(word)
        inside = set(vocabulary.containing(word)).difference(start)
        # The words with the same beginning are sorted, so the word itself comes first.
        whole = start[:1] if start[:1] == [word] else []
        return cls(whole, start[len(whole) :], sorted(inside))

    def __bool__(self) -> bool:
        return bool(self.whole or self.start or self.inside)


def ranked(schema: Schema, meanings: Iterable[Meaning]) -> Query:
    """Return the query that each word must match; a hit's score is the sum of its words' best matches."""
    return every(_best_match(schema, meaning) for meaning in meanings)


def unranked(schema: Schema, meanings: Iterable[Meaning]) -> Query:
    """Return the query that each word must match, which is faster where scores do not matter."""
    return every(any_of(in_field(schema, field, meaning) for field in TEXT_FIELDS) for meaning in meanings)


def in_field(schema: Schema, field: str, meaning: Meaning, ways: Sequence[str] = WAYS) -> Query:
    """Return the query for products that have the word in this field in one of these ways."""
    return Query.term_set_query(schema, field, [word for way in ways for word in getattr(meaning, way)])


def every(queries: Iterable[Query]) -> Query:
    """Return the query for what meets all of these, of which there is at least one."""
    return _joined(Occur.Must, queries)


def any_of(queries: Iterable[Query]) -> Query:
    """Return the query for what meets at least one of these, of which there is at least one."""
    return _joined(Occur.Should, queries)


def _joined(occur: Occur, queries: Iterable[Query]) -> Query:
    parts = [(occur, query) for query in queries]
    return parts[0][1] if len(parts) == 1 else Query.boolean_query(parts)


def _best_match(schema: Schema, meaning: Meaning) -> Query:
    classes = [(field, way) for field in TEXT_FIELDS for way in WAYS]
    return Query.disjunction_max_query(
        [
            Query.const_score_query(in_field(schema, field, meaning, (way,)), float(score))
            for score, (field, way) in enumerate(reversed(classes), start=1)
            if getattr(meaning, way)
        ]
    )
