"""What the requests of one call were: round trips, bytes, and DynamoDB's read and write units."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from benchmarks.routes.relay import Exchange

_READS = frozenset({"GetItem", "BatchGetItem", "Query", "Scan", "TransactGetItems", "ExecuteTransaction"})


@dataclass(frozen=True, slots=True)
class Traffic:
    """Everything that left the process in one call.

    Args:
        trips: round trips by the service's name.
        sent, received: bytes with HTTP's heads.
        reads, writes: DynamoDB's request units.
    """

    trips: dict[str, int]
    sent: int
    received: int
    reads: float
    writes: float

    @property
    def round_trips(self) -> int:
        """All round trips."""
        return sum(self.trips.values())


def traffic(plain: Iterable[Exchange], with_units: Iterable[Exchange]) -> Traffic:
    """Count one call's exchanges, and the units of a second call that asked DynamoDB for them."""
    plain, with_units = list(plain), list(with_units)
    return Traffic(
        dict(Counter(service(exchange) for exchange in plain)),
        sum(exchange.sent for exchange in plain),
        sum(exchange.received for exchange in plain),
        sum(_read_units(exchange) for exchange in with_units),
        sum(exchange.writes for exchange in with_units),
    )


def service(exchange: Exchange) -> str:
    """Name the service of an exchange; those behind MiniStack are told apart by what was asked."""
    if exchange.service == "cloud":
        if exchange.operation == "SendMessageBatch":
            return "SQS"
        return "SES" if exchange.operation == "POST" and b"Action=Send" in exchange.body else "S3"
    return {"dynamodb": "DynamoDB", "redis": "Redis"}[exchange.service]


def _read_units(exchange: Exchange) -> float:
    """Return the read units that DynamoDB Local reports."""
    if exchange.service != "dynamodb" or exchange.operation not in _READS or exchange.status != 200:
        return 0.0
    found = json.loads(exchange.answer)["ConsumedCapacity"]
    return float(sum(each["CapacityUnits"] for each in (found if isinstance(found, list) else [found])))
