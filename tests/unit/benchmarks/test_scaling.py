"""The simulation of growth says what was measured, and does not contradict itself."""

import pytest

from benchmarks.scaling.gates import Gates
from benchmarks.scaling.listings import listings
from benchmarks.scaling.mail import MailPath
from benchmarks.scaling.measured import comparisons
from benchmarks.scaling.orders import OrderPath, Outcome, Setup, Traffic


def run(rate: float, setup: Setup, seconds: float = 4.0, seed: int = 1, products: int = 320) -> Outcome:
    return OrderPath(Traffic(rate, products=products), setup, seed).run(seconds)


def test_it_repeats_what_was_measured():
    off = [comparison for comparison in comparisons(seed=1) if not comparison.holds]

    assert not off


def test_the_same_seed_is_the_same_run():
    first, again, other = (run(50, Setup(), seed=seed) for seed in (1, 1, 2))

    assert (first.answers, first.times, first.refusals) == (again.answers, again.times, again.refusals)
    assert first.times != other.times


def test_a_store_takes_more_in_more_buckets():
    one, four = (run(400, Setup(api=10_000, buckets=buckets, order_keys=4)) for buckets in (1, 4))

    assert one.accepted_a_second < 170
    assert one.refusals["a store's partition"]
    assert four.part("201") > 0.999


def test_the_index_of_a_stores_orders_is_the_next_limit():
    outcome = run(500, Setup(api=10_000, buckets=16, order_keys=1))

    assert outcome.refusals.most_common(1)[0][0] == "index by_store"


def test_the_api_takes_no_more_than_it_is_set_to():
    outcome = run(400, Setup(api=100, buckets=16, order_keys=8), seconds=6)

    assert outcome.answers["429"] == outcome.refusals["API Gateway"] > 0
    assert outcome.answers["201"] <= 100 * 6 + 400


@pytest.mark.parametrize(("mails", "is_late"), [(14.0, False), (2.0, True)])
def test_mail_is_late_where_ses_takes_fewer_than_there_are_orders(mails, is_late):
    outcome = MailPath(rate=4, mails=mails, seed=1).run(200)

    assert (outcome.last_age > 60) is is_late


def test_a_gate_uses_all_units_or_none_and_says_what_was_short():
    gates = Gates({"wide": 10.0, "narrow": 1.0}, {"wide": 10.0, "narrow": 1.0})

    assert gates.take({("wide", 0): 5.0, ("narrow", 0): 1.0}, now=0.0)
    assert not gates.take({("wide", 0): 5.0, ("narrow", 0): 1.0}, now=0.0)
    assert gates.take({("wide", 0): 5.0}, now=0.0)
    assert gates.take({("narrow", 0): 1.0, ("narrow", 1): 1.0}, now=1.0)
    assert gates.refusals == {"narrow": 1}


def test_buckets_read_less_for_a_page_than_rows_one_by_one():
    units = {way.way: way.units for way in listings(rows=320, carried=320, buckets=16)}

    assert (
        units["local index, one key"]
        <= units["local index, 16 buckets"]
        < units["global index, then rows"] / 5
    )
