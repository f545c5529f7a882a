"""From typed words to Tantivy's queries. Nothing here parses query syntax: words are only looked up."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

from tantivy import Occur, Query, Schema

from chalicelib.search.engine.schema import LETTERS, SCORES, Way, letter_term
from chalicelib.search.engine.vocabulary import Vocabulary

# A hit's score is made of the scores of this many words, the longest; the others only have to match.
# Otherwise sixteen words that nearly every product has would take too long.
MAX_RANKING_WORDS = 6
# The words of a query share this many words of each field in which they may stand inside: a catalogue with
# hundreds of thousands of words has several thousands with the same two letters.
MAX_WORDS_INSIDE = 2_000


class Meaning(Protocol):
    """What one typed word stands for in an index; false if for nothing."""

    @property
    def typed(self) -> str:
        """The word as it was typed, folded."""

    def __bool__(self) -> bool: ...

    def anywhere(self, schema: Schema) -> Query:
        """Return the query for products that have it."""
        ...

    def in_title(self, schema: Schema, ways: Sequence[Way]) -> Query:
        """Return the query for products that have it in their title, in one of these ways."""
        ...

    def ranked(self, schema: Schema) -> Query:
        """Return the query for products that have it, scored by the best way in which they do."""
        ...


def meanings_of(
    typed: Sequence[str], vocabularies: Mapping[str, Vocabulary], max_words_inside: int = MAX_WORDS_INSIDE
) -> list[Meaning]:
    """Look typed words up in the vocabulary of each field.

    A word stands for all words that begin with it, and for those in which it stands inside, the first by
    spelling, up to its share of `max_words_inside`.
    """
    most_inside = max_words_inside // max(len(typed), 1)
    return [_meaning_of(word, vocabularies, most_inside) for word in typed]


def ranked(schema: Schema, meanings: Sequence[Meaning]) -> Query:
    """Return the query that each word must match; a hit's score is the sum of its words' best matches.

    The `MAX_RANKING_WORDS` longest words count, of equals the first. Of letters alone only the first counts:
    nearly every product has each of them.
    """
    longest_first = sorted(meanings, key=lambda meaning: len(meaning.typed), reverse=True)
    letters_alone = len(longest_first[0].typed) == 1
    ranking = 1 if letters_alone else MAX_RANKING_WORDS
    queries = [meaning.ranked(schema) for meaning in longest_first[:ranking]]
    if others := longest_first[ranking:]:
        queries.append(without_score(unranked(schema, others)))
    return every(queries)


def unranked(schema: Schema, meanings: Iterable[Meaning]) -> Query:
    """Return the query that each word must match, which is faster where scores do not matter."""
    return every(meaning.anywhere(schema) for meaning in meanings)


def every(queries: Iterable[Query]) -> Query:
    """Return the query for what meets all of these, of which there is at least one."""
    return _joined(Occur.Must, queries)


def without_score(query: Query) -> Query:
    """Return the query as a condition that leaves scores alone."""
    return Query.const_score_query(query, 0.0)


def _meaning_of(word: str, vocabularies: Mapping[str, Vocabulary], most_inside: int) -> Meaning:
    if len(word) == 1:
        return _Letter(word, any(vocabulary.has_part(word) for vocabulary in vocabularies.values()))
    terms: dict[tuple[str, Way], Sequence[str]] = {}
    for field, vocabulary in vocabularies.items():
        start = vocabulary.starting_with(word)
        # The words with the same beginning are sorted, so the word itself comes first.
        whole = start[:1] if start[:1] == [word] else []
        terms[field, Way.WHOLE] = whole
        terms[field, Way.START] = start[len(whole) :]
        terms[field, Way.INSIDE] = list(islice(vocabulary.with_inside(word), most_inside))
    return _Words(word, {match: words for match, words in terms.items() if words})


@dataclass(frozen=True, slots=True)
class _Words:
    """The words of the index that one typed word stands for, by where and how they match it.

    Only fields and ways that have any: each further one costs time.
    """

    typed: str
    terms: Mapping[tuple[str, Way], Sequence[str]]

    def __bool__(self) -> bool:
        return bool(self.terms)

    def anywhere(self, schema: Schema) -> Query:
        return _joined(
            Occur.Should,
            (self._in_field(schema, field, tuple(Way)) for field in {field for field, _ in self.terms}),
        )

    def in_title(self, schema: Schema, ways: Sequence[Way]) -> Query:
        return self._in_field(schema, "title", ways)

    def ranked(self, schema: Schema) -> Query:
        return _best_of(
            (_any_term(schema, field, words), SCORES[field, way])
            for (field, way), words in self.terms.items()
        )

    def _in_field(self, schema: Schema, field: str, ways: Sequence[Way]) -> Query:
        return _any_term(schema, field, [word for way in ways for word in self.terms.get((field, way), ())])


@dataclass(frozen=True, slots=True)
class _Letter:
    """One letter, which the index knows by itself: it stands for too many words to look at each."""

    typed: str
    known: bool

    def __bool__(self) -> bool:
        return self.known

    def anywhere(self, schema: Schema) -> Query:
        return _any_term(schema, LETTERS, [self.typed])

    def in_title(self, schema: Schema, ways: Sequence[Way]) -> Query:
        return _any_term(schema, LETTERS, [letter_term(self.typed, SCORES["title", way]) for way in ways])

    def ranked(self, schema: Schema) -> Query:
        return _best_of(
            (_any_term(schema, LETTERS, [letter_term(self.typed, score)]), score) for score in SCORES.values()
        )


def _any_term(schema: Schema, field: str, terms: Sequence[str]) -> Query:
    # A set of terms becomes a bit for each product first, which a single term does not need.
    if len(terms) == 1:
        return Query.term_query(schema, field, terms[0], index_option="basic")
    return Query.term_set_query(schema, field, terms)


def _best_of(scored: Iterable[tuple[Query, int]]) -> Query:
    """Return the query for what meets any of these; its score is the best of those that it meets."""
    queries = [Query.const_score_query(query, float(score)) for query, score in scored]
    return queries[0] if len(queries) == 1 else Query.disjunction_max_query(queries)


def _joined(occur: Occur, queries: Iterable[Query]) -> Query:
    parts = [(occur, query) for query in queries]
    return parts[0][1] if len(parts) == 1 else Query.boolean_query(parts)
