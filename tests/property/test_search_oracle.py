"""The engine against a search in a few lines over the list of products, for catalogues that Hypothesis makes up.

Only folding is shared with the engine; `tests/unit/search/test_text.py` says what that does.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.search.engine.text import fold, words
from chalicelib.search.model import Found, FoundProduct, IndexedProduct, ProductQuery, Sort
from tests.support.search import index_of, product

# Few letters, so that words collide, begin and contain each other, and lie one typo apart.
texts = st.text("abcABCÁç  -", max_size=14)
stores = st.dictionaries(st.integers(1, 3), st.booleans(), max_size=3)
categories = st.sampled_from([(1, "Abc"), (2, "Çab ba"), (3, "1"), (4, "cc")])
prices = st.sampled_from(["0.00", "0.99", "1.00", "10.05", "99999999.99"])
details = st.tuples(texts, texts, prices, categories, st.integers(0, 3), stores)


@st.composite
def catalogues(draw: st.DrawFn) -> list[IndexedProduct]:
    numbers = draw(st.lists(st.integers(1, 50), unique=True, max_size=12))
    return [product(number, *draw(details)) for number in numbers]


# More words than decide the order, and letters alone.
questions = texts | st.lists(st.text("abcç", min_size=1, max_size=3), max_size=10).map(" ".join)
optional_amounts = st.none() | st.sampled_from(["0", "0.99", "0.995", "5", "10.05", "1E+9"]).map(Decimal)
queries = st.builds(
    ProductQuery,
    q=questions,
    category=st.none() | st.sampled_from(["1", "2", "abc", "ÁBC", "cab  BA", "b", "01", "", "-1"]),
    price_min=optional_amounts,
    price_max=optional_amounts,
    store_id=st.none() | st.integers(1, 4),
    in_stock=st.none() | st.booleans(),
    sort=st.sampled_from(Sort),
    offset=st.sampled_from([0, 0, 0, 1, 3, 100, 10**15]),
    limit=st.integers(1, 12),
)

reproducible = settings(derandomize=True, deadline=None, max_examples=60)


@given(products=catalogues(), asked=st.lists(queries, min_size=10, max_size=20))
@reproducible
def test_the_engine_finds_counts_orders_and_corrects_as_the_reference_does(
    products: list[IndexedProduct], asked: list[ProductQuery]
):
    index = index_of(products)
    for query in asked:
        assert index.search(query) == reference_search(products, query)


@given(products=catalogues(), asked=st.lists(questions, min_size=10, max_size=20), limit=st.integers(1, 10))
@reproducible
def test_the_engine_suggests_as_the_reference_does(
    products: list[IndexedProduct], asked: list[str], limit: int
):
    index = index_of(products)
    for q in asked:
        assert index.suggest(q, limit) == reference_suggest(products, q, limit)


def reference_search(products: Sequence[IndexedProduct], query: ProductQuery) -> Found:
    typed = words(query.q)
    if query.q.strip() and not typed:
        return Found(0, (), None)
    known = {word for each in products for text in _texts(each) for word in words(text)}
    meant = [
        word if any(word in other for other in known) else _corrected(word, products, known) for word in typed
    ]
    hits = [each for each in products if _meets(each, query) and all(_score(each, word) for word in meant)]
    hits.sort(key=lambda each: each.id)
    hits.sort(key=_order(query.sort, meant))
    page = tuple(_found(each) for each in hits[query.offset : query.offset + query.limit])
    return Found(len(hits), page, " ".join(meant) if hits and meant != typed else None)


def _texts(each: IndexedProduct) -> tuple[str, str, str]:
    return each.title, each.description, each.category_name


def _score(each: IndexedProduct, word: str) -> int:
    """Title before description before category; in each, a whole word before its start before its inside."""
    return max(
        rank * 3 + (other == word) + other.startswith(word) + 1 if word in other else 0
        for rank, text in enumerate(reversed(_texts(each)))
        for other in [*words(text), ""]
    )


def _meets(each: IndexedProduct, query: ProductQuery) -> bool:
    in_stock = each.in_stock_at if query.store_id is None else query.store_id in each.in_stock_at
    return (
        (query.category is None or fold(query.category) in (str(each.category_id), fold(each.category_name)))
        and (query.price_min is None or query.price_min <= each.price)
        and (query.price_max is None or each.price <= query.price_max)
        and (query.in_stock is None or query.in_stock == bool(in_stock))
    )


def _order(sort: Sort, meant: list[str]) -> Callable[[IndexedProduct], object]:
    if sort is Sort.RELEVANCE and meant:
        longest_first = sorted(meant, key=len, reverse=True)
        ranking = longest_first[: 6 if len(longest_first[0]) > 1 else 1]
        return lambda each: -sum(_score(each, word) for word in ranking)
    return {
        Sort.PRICE: lambda each: each.price,
        Sort.PRICE_DESC: lambda each: -each.price,
        Sort.NEWEST: lambda each: -each.created_at.timestamp(),
    }.get(sort, lambda each: (fold(each.title), each.title))


def _corrected(word: str, products: Sequence[IndexedProduct], known: set[str]) -> str:
    """Return the word of most products that is one typo away; if there is none, the word itself."""
    near = [other for other in known if len(word) >= 3 and _distance(word, other) == 1]
    having = {
        other: sum(any(other in words(text) for text in _texts(each)) for each in products) for other in near
    }
    return min(near, key=lambda other: (-having[other], other), default=word)


@cache
def _distance(a: str, b: str) -> int:
    """Return the Damerau-Levenshtein distance (optimal string alignment) of two words."""
    if not a or not b:
        return len(a) + len(b)
    edits = [_distance(a[1:], b) + 1, _distance(a, b[1:]) + 1, _distance(a[1:], b[1:]) + (a[0] != b[0])]
    if len(a) > 1 and a[0] != b[0] and a[:2] == b[1::-1]:
        edits.append(_distance(a[2:], b[2:]) + 1)
    return min(edits)


def _found(each: IndexedProduct) -> FoundProduct:
    return FoundProduct(each.id, each.title, each.description, each.price, each.category_name)


def reference_suggest(products: Sequence[IndexedProduct], q: str, limit: int) -> list[str]:
    typed = words(q)
    titles = sorted({each.title for each in products}, key=lambda title: (fold(title), title))
    groups = (
        lambda title: fold(title).startswith(fold(q)),
        lambda title: typed and all(any(w.startswith(t) for w in words(title)) for t in typed),
        lambda title: typed and all(any(t in w for w in words(title)) for t in typed),
    )
    ordered = dict.fromkeys(title for group in groups for title in titles if fold(q) and group(title))
    return list(ordered)[:limit]
