"""What a customer finds, and in which order."""

from decimal import Decimal

import pytest

from chalicelib.search.engine.index import SearchIndex
from chalicelib.search.model import FoundProduct, ProductQuery, Sort
from tests.support.search import index_of, product

ELECTRONICS = (1, "Electronics")
CAFE = (2, "Café & Küche")


@pytest.fixture(scope="module")
def shop() -> SearchIndex:
    return index_of(
        [
            product(4, "Phone Case", "Fits every iPhone.", "9.99", ELECTRONICS, 1, {1: True, 2: False}),
            product(1, "iPhone 15", "Apple smartphone.", "1000.00", ELECTRONICS, 2, {1: True}),
            product(2, "iPhone 15 Pro", "Titanium frame.", "1200.00", ELECTRONICS, 3, {1: False}),
            product(3, "Crème Brûlée Torch", "For the sweet finish.", "25.00", CAFE, 2, {2: True}),
            product(5, "كِتَاب الطبخ", 'A "cook" book: title:x a.b', "25.00", CAFE, 0),
        ]
    )


def ids(shop: SearchIndex, q: str = "", **conditions: object) -> list[int]:
    found = shop.search(ProductQuery(q, **conditions))
    assert found.count >= len(found.products)
    return [each.id for each in found.products]


def test_a_hit_shows_the_product_as_it_was_indexed(shop: SearchIndex):
    assert shop.search(ProductQuery("torch")).products == (
        FoundProduct(3, "Crème Brûlée Torch", "For the sweet finish.", Decimal("25.00"), "Café & Küche"),
    )


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("iphone", [1, 2, 4]),
        ("phone", [4, 1, 2]),
        ("PRO iphone", [2]),
        ("creme brulee", [3]),
        ("cre\u0300me", [3]),
        ("kuche", [3, 5]),
        ("كتاب", [5]),
        ("iphone torch", []),
        ("title:x", [5]),
    ],
)
def test_every_word_must_match_and_the_best_place_comes_first(shop: SearchIndex, q: str, expected: list[int]):
    assert ids(shop, q) == expected


def test_a_letter_matches_everywhere_and_at_a_title_s_start_first():
    shop = index_of(
        [
            product(1, "Cup", "with a lid"),
            product(2, "Lamp"),
            product(3, "Ball"),
            product(4, "Letter L"),
            product(5, "Cup", "oval"),
            product(6, "Cup"),
        ]
    )

    assert ids(shop, "l") == [4, 2, 3, 1, 5]
    assert ids(shop, "É") == [4]


def test_of_letters_alone_the_first_decides_the_order_and_all_must_match():
    shop = index_of([product(1, "Bag to carry"), product(2, "Carry all"), product(3, "Bag")])

    assert ids(shop, "c b") == [1]
    assert ids(shop, "c a") == [1, 2]
    assert ids(shop, "a c") == [2, 1]
    assert ids(shop, "bag c a") == [1]


def test_the_longest_words_decide_the_order_and_all_must_match():
    words = "abcdef bcdefg cdefgh defghi efghij fghijk"
    shop = index_of([product(1, words, "xy"), product(2, f"xy {words}"), product(3, words)])

    assert ids(shop, f"xy {words}") == [1, 2]
    assert ids(shop, f"xy {words[7:]}") == [2, 1]


def test_the_parts_of_words_in_a_query_share_how_many_words_are_looked_at():
    products = [product(number, f"a{number}x") for number in range(100, 140)]

    def counts(shop: SearchIndex) -> list[int]:
        return [shop.search(ProductQuery(q)).count for q in ("10", "10 a1", "a1", "1")]

    assert counts(index_of(products)) == [11, 11, 40, 40]
    assert counts(index_of(products, max_words_inside=8)) == [8, 4, 40, 40]


@pytest.mark.parametrize("q", ['"', "*", "\\", "🙂", "\x00", "...", "\u0301", "-+&|!(){}[]^~?:/"])
def test_a_text_without_words_finds_nothing(shop: SearchIndex, q: str):
    found = shop.search(ProductQuery(q))

    assert (found.count, found.products, found.corrected) == (0, (), None)
    assert shop.suggest(q) == []


@pytest.mark.parametrize(
    "q", ["x" * 1000, "i " * 500, "é" * 1000, "\\" * 999 + "i", "iphone AND NOT (", "a.*"]
)
def test_any_text_is_plain_text(shop: SearchIndex, q: str):
    assert shop.search(ProductQuery(q)).count >= 0
    assert len(shop.suggest(q)) <= 10


def test_one_typo_a_word_is_forgiven_and_said_only_when_nothing_is_found(shop: SearchIndex):
    found = shop.search(ProductQuery("Ihpone titanum"))

    assert ([each.id for each in found.products], found.corrected) == ([2], "iphone titanium")
    assert shop.search(ProductQuery("iphone")).corrected is None
    assert shop.search(ProductQuery("ihpone torch")).corrected is None
    assert shop.search(ProductQuery("ihpnoe")).count == 0


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        (Sort.PRICE, [4, 3, 5, 1, 2]),
        (Sort.PRICE_DESC, [2, 1, 3, 5, 4]),
        (Sort.NEWEST, [2, 1, 3, 4, 5]),
        (Sort.TITLE, [3, 1, 2, 4, 5]),
        (Sort.RELEVANCE, [3, 1, 2, 4, 5]),
    ],
)
def test_all_products_come_sorted_with_equal_ones_by_id(shop: SearchIndex, sort: Sort, expected: list[int]):
    assert ids(shop, " ", sort=sort) == expected


def test_pages_follow_each_other_and_one_past_the_end_is_empty(shop: SearchIndex):
    assert ids(shop, sort=Sort.PRICE, offset=2, limit=2) == [5, 1]
    past = shop.search(ProductQuery(offset=10**15))
    assert (past.count, past.products) == (5, ())


@pytest.mark.parametrize(
    ("store_id", "in_stock", "expected"),
    [
        (None, True, [1, 3, 4]),
        (None, False, [2, 5]),
        (1, True, [1, 4]),
        (1, False, [2, 3, 5]),
        (1, None, [1, 2, 3, 4, 5]),
        (9, True, []),
    ],
)
def test_stock_is_asked_of_one_store_or_of_any(
    shop: SearchIndex, store_id: int | None, in_stock: bool | None, expected: list[int]
):
    assert sorted(ids(shop, store_id=store_id, in_stock=in_stock)) == expected


def test_a_category_is_named_by_its_id_or_its_name(shop: SearchIndex):
    assert sorted(ids(shop, category="2")) == sorted(ids(shop, category="cafe & KUCHE")) == [3, 5]
    assert ids(shop, category="cafe") == ids(shop, category="99" * 20) == []


def test_price_bounds_are_inclusive(shop: SearchIndex):
    assert sorted(ids(shop, price_min=Decimal("25"), price_max=Decimal("1000.00"))) == [1, 3, 5]
    assert ids(shop, price_min=Decimal("2"), price_max=Decimal("1")) == []


def test_suggestions_begin_with_the_text_then_have_a_word_that_does_then_have_it_inside():
    shop = index_of(
        [
            product(1, "Smartphone"),
            product(2, "My Phone"),
            product(3, "Phone B"),
            product(4, "phone a"),
            product(5, "Phone B"),
            product(6, "Pencil", "for a phone"),
        ]
    )

    assert shop.suggest("PHO") == ["phone a", "Phone B", "My Phone", "Smartphone"]
    assert shop.suggest("phone b") == ["Phone B"]
    assert shop.suggest("hon my") == ["My Phone"]
    assert shop.suggest("pho", limit=3) == ["phone a", "Phone B", "My Phone"]
    assert shop.suggest("  ") == shop.suggest("zzz") == []


def test_an_index_of_nothing_finds_nothing():
    empty = index_of([])

    assert empty.search(ProductQuery()).count == empty.search(ProductQuery("phone")).count == 0
    assert empty.suggest("pho") == []
