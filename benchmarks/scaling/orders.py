"""Store orders on their way: API Gateway, a function, one transaction, and the confirmation's two writes."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate

import simpy

from benchmarks.scaling.gates import Gates, Key
from benchmarks.scaling.limits import (
    LAMBDA_CONCURRENCY,
    LAMBDA_NEW_IN_TEN_SECONDS,
    NEW_TABLE_WRITES,
    PARTITION_WRITES,
    TRANSACTION_FACTOR,
)
from benchmarks.scaling.steps import Steps, waits

# Some ten milliseconds, as in tests/simulator/conflicts.py.
TRANSACTION_SECONDS = 0.010
# CPU of the function and the queue's round trip: docs/performance.md and an assumption of 5 ms for SQS.
FUNCTION_SECONDS = 0.010
# Import and first order: docs/performance.md, "Cold starts", with the interpreter's own start before it.
COLD_START_SECONDS = 0.4
# An e-mail is sent soon after its order, when nothing holds it up; `mail.py` looks at what does.
MAIL_AFTER_SECONDS = 0.2

# ORDER_DEADLINE_SECONDS
DEADLINE_SECONDS = 3.0
# ApiRequestsPerSecond and ApiBurst
API_REQUESTS, API_BURST = 200.0, 400.0

# What customers wait for is counted from then on: the first functions have started.
WARM_AFTER_SECONDS = 2.0

LINES = 2
# Write units. A stock row, an order of two lines (0.6 KB) and a key are below 1 KB each: one unit, two in a
# transaction. Writes of indexes count once, as decision 3 does.
ROW = TRANSACTION_FACTOR
INDEX = 1.0
# A cancelled transaction is taken to have used what its first phase needs.
CANCELLED = 1.0

STOCK_PARTITION = "a store's partition"
STOCK_TABLE = "table inventory"
ORDERS_TABLE = "table orders"
KEYS_TABLE = "table idempotency"
ORDERS_OF_STORE = "index by_store"
GATEWAY = "API Gateway"
CONCURRENCY = "Lambda"
CONFLICTS = "conflicts on a row"


# Store, product and shard.
Row = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Setup:
    """What an operator may set, as it is without having set anything.

    Args:
        api: requests a second that the API takes.
        concurrency: functions that may run at once.
        table_writes: write units a second of each table and of all of an index.
        shards: rows that the stock of each hot product lies in (decision 15).
        hot_products: how many products of a store are split so.
        buckets: keys that the stock rows of a store lie under (decision 20).
        order_keys: keys that the orders of a store are listed under (decision 20).
    """

    api: float = API_REQUESTS
    concurrency: int = LAMBDA_CONCURRENCY
    table_writes: float = NEW_TABLE_WRITES
    shards: int = 1
    hot_products: int = 0
    buckets: int = 1
    order_keys: int = 1


@dataclass(frozen=True, slots=True)
class Traffic:
    """Orders of two lines (of one, where there is only one product) by customers who do not wait for each other.

    Args:
        rate: orders a second.
        stores, products: so many, and so many in each.
        skew: 0 for products that are ordered alike; with 1, the second sells half as often as the first.
    """

    rate: float
    stores: int = 1
    products: int = 320
    skew: float = 0.0


@dataclass(slots=True)
class Outcome:
    """What came of it."""

    seconds: float
    answers: Counter[str] = field(default_factory=Counter)
    times: list[float] = field(default_factory=list)
    refusals: Counter[str] = field(default_factory=Counter)

    @property
    def accepted_a_second(self) -> float:
        """Accepted orders for each second."""
        return self.answers["201"] / self.seconds

    def part(self, answer: str) -> float:
        """The part of all orders that heard this."""
        return self.answers[answer] / max(1, self.answers.total())

    def percentile(self, part: float) -> float:
        """Within how many seconds this part of the accepted orders was answered."""
        return sorted(self.times)[int(part * (len(self.times) - 1))] if self.times else 0.0


class OrderPath:
    """One run; the same seed is the same run."""

    def __init__(self, traffic: Traffic, setup: Setup, seed: int) -> None:
        self._traffic = traffic
        self._setup = setup
        self._random = random.Random(seed)
        self._world = simpy.Environment()
        self._gates = Gates(
            {
                STOCK_PARTITION: PARTITION_WRITES,
                ORDERS_OF_STORE: PARTITION_WRITES,
                STOCK_TABLE: setup.table_writes,
                ORDERS_TABLE: setup.table_writes,
                KEYS_TABLE: setup.table_writes,
                GATEWAY: setup.api,
                CONCURRENCY: LAMBDA_NEW_IN_TEN_SECONDS / 10,
            },
            {GATEWAY: max(API_BURST, setup.api), CONCURRENCY: LAMBDA_NEW_IN_TEN_SECONDS},
        )
        self._popularity = list(accumulate((1 + rank) ** -traffic.skew for rank in range(traffic.products)))
        self._in_flight: set[Row] = set()
        self._running = self._idle = 0

    def run(self, seconds: float) -> Outcome:
        """Let orders arrive for so long; those under way then are not counted."""
        self._outcome = Outcome(seconds, refusals=self._gates.refusals)
        self._world.process(self._arrivals())
        self._world.run(until=seconds)
        return self._outcome

    def _arrivals(self) -> Steps[None]:
        while True:
            yield self._world.timeout(self._random.expovariate(self._traffic.rate))
            self._world.process(self._request())

    def _request(self) -> Steps[None]:
        asked = self._world.now
        if not self._gates.take({(GATEWAY, 0): 1.0}, asked):
            self._outcome.answers["429"] += 1
            return
        if self._idle:
            self._idle -= 1
        elif self._running < self._setup.concurrency and self._gates.take({(CONCURRENCY, 0): 1.0}, asked):
            self._running += 1
            yield self._world.timeout(COLD_START_SECONDS)
        else:
            if self._running >= self._setup.concurrency:
                self._gates.refusals[CONCURRENCY] += 1
            self._outcome.answers["500"] += 1
            return
        yield self._world.timeout(FUNCTION_SECONDS)
        answer = yield from self._place()
        self._idle += 1
        self._outcome.answers[answer] += 1
        if answer == "201" and asked >= WARM_AFTER_SECONDS:
            self._outcome.times.append(self._world.now - asked)

    def _place(self) -> Steps[str]:
        traffic = self._traffic
        store = self._random.randrange(traffic.stores)
        order_key = store * 100 + self._random.randrange(self._setup.order_keys)
        products = self._products()
        end = self._world.now + DEADLINE_SECONDS
        for wait in waits(self._random):
            yield self._world.timeout(max(0.0, min(wait, end - self._world.now)))
            rows = [(store, product, self._shard(product)) for product in products]
            if (yield from self._transaction(rows, order_key)):
                self._world.process(self._confirm(order_key))
                return "201"
            if self._world.now >= end:
                return "503"
        raise AssertionError("There is always one more wait.")

    def _products(self) -> Sequence[int]:
        lines: set[int] = set()
        while len(lines) < min(LINES, self._traffic.products):
            lines.update(self._random.choices(range(self._traffic.products), cum_weights=self._popularity))
        return sorted(lines)

    def _shard(self, product: int) -> int:
        return self._random.randrange(self._setup.shards) if product < self._setup.hot_products else 0

    def _transaction(self, rows: Sequence[Row], order_key: int) -> Steps[bool]:
        """Take the rows' stock; False when another transaction or a limit stood in the way."""
        is_met = not self._in_flight.isdisjoint(rows)
        each = CANCELLED if is_met else ROW + INDEX
        wanted: dict[Key, float] = {(STOCK_TABLE, 0): each * len(rows)}
        for row in rows:
            partition = (STOCK_PARTITION, self._key_of(row))
            wanted[partition] = wanted.get(partition, 0.0) + each
        if is_met:
            self._gates.refusals[CONFLICTS] += 1
        else:
            wanted |= {(ORDERS_TABLE, 0): ROW, (KEYS_TABLE, 0): ROW, (ORDERS_OF_STORE, order_key): INDEX}
        is_taken = self._gates.take(wanted, self._world.now) and not is_met
        if is_taken:
            self._in_flight.update(rows)
        yield self._world.timeout(TRANSACTION_SECONDS if is_taken else TRANSACTION_SECONDS / 2)
        if is_taken:
            self._in_flight.difference_update(rows)
        return is_taken

    def _key_of(self, row: Row) -> int:
        """Return the hash key of a row: a bucket of its store, or its own for a further shard (of any product)."""
        store, product, shard = row
        return store * 100 + (50 + shard if shard else product % self._setup.buckets)

    def _confirm(self, order_key: int) -> Steps[None]:
        """Lease the confirmation, then mark it sent: each writes the order and its entry in the index."""
        for _ in range(2):
            yield self._world.timeout(MAIL_AFTER_SECONDS)
            wanted = {(ORDERS_TABLE, 0): 1.0, (ORDERS_OF_STORE, order_key): INDEX}
            for wait in waits(self._random):
                yield self._world.timeout(wait)
                if self._gates.take(wanted, self._world.now):
                    break
