"""The judgement of a load: what counts as growth, and what as lost stock."""

import pytest

from tests.load.figures import Requests, Sample, growth, percentile
from tests.load.stock import SoldStock

ORDER = {
    "store": 1,
    "items": [{"product": 10, "quantity_requested": 3}, {"product": 11, "quantity_requested": 1}],
}


def held(megabytes: list[float], files: list[int]) -> list[Sample]:
    return [Sample(size, count) for size, count in zip(megabytes, files, strict=True)]


def test_what_fills_up_in_the_first_third_is_no_growth():
    warming = [50.0 + 5 * second for second in range(20)]

    assert growth(held(warming + [150.0] * 40, [20] * 60), clients=4) == []


def test_what_leaks_with_every_second_is_growth():
    (memory,) = growth(held([100 + 0.5 * second for second in range(60)], [20] * 60), clients=4)
    (files,) = growth(held([100.0] * 60, [20 + second // 2 for second in range(60)]), clients=4)

    assert memory == "memory grew by 10.0 MB from the second third of the run to the last"
    assert files == "open files grew by 10 from the second third of the run to the last"


def test_a_moment_of_much_memory_is_no_growth():
    assert growth(held([100.0] * 50 + [400.0] * 3 + [100.0] * 7, [20] * 57 + [300] * 3), clients=4) == []


def test_pools_that_fill_up_late_are_no_growth():
    assert growth(held([100.0] * 60, [50] * 40 + [54] * 20), clients=4) == []
    assert growth(held([100.0] * 60, [50] * 40 + [55] * 20), clients=4) != []


@pytest.mark.parametrize(("share", "expected"), [(0.50, 50), (0.95, 95), (0.99, 99)])
def test_a_percentile_is_one_of_the_values(share: float, expected: int):
    assert percentile(list(range(100, 0, -1)), share) == expected
    assert percentile([7.0], share) == 7.0


def test_only_statuses_that_nobody_expected_are_named():
    requests = Requests()
    requests.add("order", 201, 0.1, (200, 201), "POST /orders")
    requests.add("order", 503, 0.1, (200, 201), "POST /orders")
    requests.add("list", 0, 0.1, (200,), "GET /stores: refused")

    assert requests.unexpected == {"503: POST /orders": 1, "no answer: GET /stores: refused": 1}
    assert requests.count == 3
    assert requests.rows()[1] == ("order", "2", "100.0", "100.0", "100.0", "201: 1  503: 1")


def test_stock_that_was_sold_and_not_given_back_is_missed():
    stock = SoldStock({(1, 10): 7, (1, 11): 3, (2, 10): 5})
    stock.confirmed(ORDER)
    stock.confirmed(ORDER)
    stock.cancelled(ORDER)

    assert stock.units == 4
    assert stock.violations({(1, 10): 4, (1, 11): 2, (2, 10): 5}) == []
    assert stock.violations({(1, 10): 4, (1, 11): 3, (2, 10): 5}) == [
        "product 11 in store 1: 3 seeded, 1 sold, 3 left"
    ]
    assert stock.violations({(1, 10): 4, (1, 11): 2}) == [
        "product 10 in store 2: 5 seeded, 0 sold, None left"
    ]


def test_less_than_nothing_left_is_a_violation_even_if_it_adds_up():
    stock = SoldStock({(1, 10): 2, (1, 11): 3})
    stock.confirmed(ORDER)

    assert stock.violations({(1, 10): -1, (1, 11): 2}) == ["product 10 in store 1: 2 seeded, 3 sold, -1 left"]
