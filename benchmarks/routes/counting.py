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
    plain = list(plain)
    reads = writes = 0.0
    for exchange in with_units:
        if exchange.service == "dynamodb":
            units = consumed(exchange)
            if exchange.operation in _READS:
                reads += units
            else:
                writes += units
    return Traffic(
        dict(Counter(service(exchange) for exchange in plain)),
        sum(exchange.sent for exchange in plain),
        sum(exchange.received for exchange in plain),
        reads,
        writes,
    )


def service(exchange: Exchange) -> str:
    """Name the service of an exchange; those behind MiniStack are told apart by what was asked."""
    if exchange.service == "cloud":
        if exchange.operation == "SendMessageBatch":
            return "SQS"
        return "SES" if exchange.operation == "POST" and b"Action=Send" in exchange.body else "S3"
    return {"dynamodb": "DynamoDB", "redis": "Redis"}[exchange.service]


def consumed(exchange: Exchange) -> float:
    """Return the units that DynamoDB Local says the request consumed, in tables and indexes.

    It does not say it of a request that failed. DynamoDB charges those for the rows whose conditions it looked at:
    then one unit is counted for each row of the request.
    """
    answer = json.loads(exchange.answer or b"{}")
    if exchange.status == 200:
        found = answer.get("ConsumedCapacity", [])
        return float(sum(each["CapacityUnits"] for each in (found if isinstance(found, list) else [found])))
    return float(len(json.loads(exchange.body).get("TransactItems", [None])))
