"""What one page of a store's listing reads, with each way of keeping the rows."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil

from benchmarks.scaling.limits import PARTITION_READS, READ_UNIT_BYTES

# A stock row: 81 bytes of attribute names, the title twice, category, numbers.
ROW_BYTES = 200
# An entry of an index that holds keys and title only.
ENTRY_BYTES = 70
# Keys of one BatchGetItem.
# https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
BATCH_KEYS = 100
# A Query ends after so many bytes.
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.Pagination.html
QUERY_BYTES = 1_048_576
# What is asked of each bucket beyond its part of the page, so that a second round is rare.
MARGIN = 1.2
MARGIN_ROWS = 2


@dataclass(frozen=True, slots=True)
class Listing:
    """One way, for one page.

    Args:
        way: what it is called.
        rows: how many rows the page has, and `carried` how many the store has.
        units: read units of the page, of which `hottest` are of one partition.
        in_series: round trips that wait for each other; `calls` are all of them.
    """

    way: str
    rows: int
    carried: int
    units: float
    hottest: float
    in_series: int
    calls: int

    @property
    def pages_a_second(self) -> float:
        """Pages a second that the most asked partition can give."""
        return PARTITION_READS / self.hottest


def listings(rows: int, carried: int, buckets: int) -> Iterable[Listing]:
    """Yield every way that was compared."""
    page = _units(rows * ROW_BYTES)
    calls = ceil(rows * ROW_BYTES / QUERY_BYTES)
    yield Listing("local index, one key", rows, carried, page, page, calls, calls)

    asked = min(ceil(carried / buckets), ceil(rows / buckets * MARGIN) + MARGIN_ROWS)
    bucket = _units(asked * ROW_BYTES)
    yield Listing(f"local index, {buckets} buckets", rows, carried, bucket * buckets, bucket, 1, buckets)

    entries = _units(rows * ENTRY_BYTES) / 2
    batches = ceil(rows / BATCH_KEYS)
    # Without a local index DynamoDB may split the rows over as many partitions as there would be buckets.
    yield Listing("global index, then rows", rows, carried, entries + rows, rows / buckets, 2, 1 + batches)

    whole = _units(carried * ROW_BYTES)
    queries = ceil(carried * ROW_BYTES / QUERY_BYTES)
    yield Listing("all rows, sorted in memory", rows, carried, whole, whole / buckets, queries, queries)


def _units(size: int) -> float:
    return float(max(1, ceil(size / READ_UNIT_BYTES)))
