"""Simulate the order path under AWS's documented limits, from one to a thousand orders a second; prints tables.

First it repeats what was measured. The exit status is 1 when it cannot: then the rest is worth nothing.
"""

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from rich.console import Console
from rich.progress import track

from benchmarks.scaling.limits import COMMON_MAILS, SANDBOX_MAILS, TABLE_QUOTA_WRITES
from benchmarks.scaling.listings import listings
from benchmarks.scaling.mail import MailPath
from benchmarks.scaling.measured import TOLERANCE, comparisons
from benchmarks.scaling.orders import OrderPath, Outcome, Setup, Traffic

T = TypeVar("T")

STORES = 200
# A run ends after so many orders: a longer one says the same.
ORDERS = 8_000

# As it is deployed, with the product's own parameter raised, and with all that docs/scaling.md says.
NOW, API = Setup(), Setup(api=10_000)
SHOP = replace(API, table_writes=TABLE_QUOTA_WRITES)
STORE = replace(SHOP, buckets=16, order_keys=8)
PRODUCT = replace(SHOP, shards=49, hot_products=1, order_keys=8)
CASES = (("whole shop", STORES, 320, SHOP), ("one store", 1, 320, STORE), ("one product", 1, 1, PRODUCT))
RATES = (1.0, 10.0, 100.0, 1000.0)
# From this rate on, there is something to change.
CHANGED_FROM = 100.0

# Ten times what a store sells today.
STORE_RATE, STORE_PRODUCTS = 1_500.0, 2_000
BUCKETS = (1, 2, 4, 8, 12, 16, 24)
# Where products sell by rank (skew 1), so many of the best are split over so many rows.
HOT, SHARDS = 40, 32
MAILS: Sequence[tuple[float, float, int]] = (
    (1, SANDBOX_MAILS, 5), (10, COMMON_MAILS, 5), (20, COMMON_MAILS, 5), (100, 200, 5), (100, 200, 8), (1000, 1500, 80),
)  # fmt: skip


def main() -> int:
    """Print all tables."""
    options = _options()
    compared = list(_track(comparisons(options.seed), "Repeating what was measured", 7))
    _table(
        ["what", "measured", "simulated", "difference"],
        ([c.what, f"{c.measured:.1f}", f"{c.simulated:.1f}", f"{c.difference:+.0%}"] for c in compared),
    )
    if not all(comparison.holds for comparison in compared):
        print(f"The simulation is off by more than {TOLERANCE:.0%}.", file=sys.stderr)
        return 1
    _table(
        ["orders of", "orders/s", "settings", "accepted/s", "refused", "p50, ms", "p99, ms", "limits met"],
        _track(_growth(options), "Growing", 24),
    )
    _table(
        [
            "buckets",
            "keys of orders",
            "products sell",
            "accepted/s",
            "refused",
            "p50, ms",
            "p99, ms",
            "limits met",
        ],
        _track(_buckets(options), "Spreading one store", 2 * len(BUCKETS) + 1),
    )
    _table(
        ["page", "carried", "way", "read units", "of one partition", "in series", "calls", "pages/s"],
        _ways(),
    )
    _table(
        [
            "orders/s",
            "SES/s",
            "functions",
            "sent/s",
            "messages an order",
            "dead letters",
            "latest e-mails late, s",
        ],
        _track(_mails(options), "Sending", len(MAILS)),
    )
    return 0


def _growth(options: argparse.Namespace) -> Iterator[list[str]]:
    for name, stores, products, changed in CASES:
        for rate in RATES:
            setups = {"as deployed": NOW, "API raised": API, "all": changed}
            for label, setup in list(setups.items())[: 3 if rate >= CHANGED_FROM else 1]:
                outcome = _run(Traffic(rate, stores, products), setup, options)
                yield [name, f"{rate:,.0f}", label, *_outcome(outcome)]


def _buckets(options: argparse.Namespace) -> Iterator[list[str]]:
    cases = (
        [(buckets, 8, 0) for buckets in BUCKETS] + [(16, 1, 0)] + [(buckets, 8, HOT) for buckets in BUCKETS]
    )
    for buckets, order_keys, hot in cases:
        setup = replace(
            STORE, concurrency=5_000, shards=SHARDS, hot_products=hot, buckets=buckets, order_keys=order_keys
        )
        traffic = Traffic(STORE_RATE, products=STORE_PRODUCTS, skew=1.0 if hot else 0.0)
        outcome = _run(traffic, setup, options)
        yield [str(buckets), str(order_keys), "by rank" if hot else "alike", *_outcome(outcome)]


def _run(traffic: Traffic, setup: Setup, options: argparse.Namespace) -> Outcome:
    return OrderPath(traffic, setup, options.seed).run(min(options.seconds, ORDERS / traffic.rate))


def _outcome(outcome: Outcome) -> list[str]:
    met = ", ".join(name for name, count in outcome.refusals.most_common(3) if count > 0)
    return [
        f"{outcome.accepted_a_second:,.0f}",
        f"{1 - outcome.part('201'):.1%}",
        f"{outcome.percentile(0.5) * 1e3:,.0f}",
        f"{outcome.percentile(0.99) * 1e3:,.0f}",
        met,
    ]


def _ways() -> Iterator[list[str]]:
    for rows, carried in ((20, 320), (320, 320), (20, 20_000), (1_000, 20_000)):
        for way in listings(rows, carried, buckets=16):
            yield [
                str(rows), f"{carried:,}", way.way, f"{way.units:,.0f}", f"{way.hottest:,.0f}",
                str(way.in_series), str(way.calls), f"{way.pages_a_second:,.0f}",
            ]  # fmt: skip


def _mails(options: argparse.Namespace) -> Iterator[list[str]]:
    for rate, mails, functions in MAILS:
        outcome = MailPath(rate, mails, options.seed, functions).run(600.0 if rate <= 100 else 60.0)
        yield [
            f"{rate:,.0f}", f"{mails:,.0f}", str(functions), f"{outcome.sent_a_second:,.1f}",
            f"{outcome.messages / outcome.orders:.2f}", str(outcome.dead), f"{outcome.last_age:,.0f}",
        ]  # fmt: skip


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    lines = [list(row) for row in rows]
    print(f"| {' | '.join(head)} |\n|{'---|' * len(head)}")
    for line in lines:
        print(f"| {' | '.join(line)} |")
    print(flush=True)


def _track(rows: Iterable[T], text: str, total: int) -> Iterable[T]:
    return track(rows, text, total, console=Console(stderr=True), transient=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.scaling",
        description=__doc__,
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument(
        "--seed", type=int, default=1, metavar="N", help="the same seed gives the same tables"
    )
    parser.add_argument(
        "--seconds", type=float, default=20.0, metavar="S", help="that each shop is open at the most"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
