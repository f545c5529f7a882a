"""Conflicts as DynamoDB raises them, for DynamoDB Local, which never does.

The rule is that of "Transaction conflict handling" in DynamoDB's developer guide: while a transaction that
writes an item is in flight, another transaction that writes it is cancelled with TransactionConflict for
that item, and a single write of it fails with TransactionConflictException, one of a batch on its own.
"""

import json
import threading
import time
from typing import Any

from botocore.awsrequest import AWSResponse

from chalicelib.platform.dynamodb.database import Database
from infra.stack.template import tables
from tests.simulator.faults import Call, answer, cancelled, events_of, meet
from tests.simulator.memory.statements import as_update, table_of

Item = tuple[str, str]

# The names of each table's keys, by its own name without the stage's.
_KEYS = {
    name.rsplit("-", 1)[1]: [part["AttributeName"] for part in properties["KeySchema"]]
    for name, properties in tables("any").items()
}
_SINGLE = ("PutItem", "UpdateItem", "DeleteItem")


class Conflicts:
    """Cancels the transactions of databases that meet others in flight.

    Args:
        databases: all that work on the same tables.
        in_flight_seconds: how long a transaction is in flight at least; a real one takes some ten
            milliseconds, one on DynamoDB Local on a quiet machine about two.
    """

    def __init__(self, *databases: Database, in_flight_seconds: float = 0.0) -> None:
        self.count = 0
        self.transactions = 0
        self._in_flight_seconds = in_flight_seconds
        self._in_flight: set[Item] = set()
        self._lock = threading.Lock()
        for database in databases:
            meet(events_of(database), self._transaction, "dynamodb.TransactWriteItems")
            for operation in _SINGLE:
                meet(events_of(database), self._single, f"dynamodb.{operation}")
            meet(events_of(database), self._batch, "dynamodb.BatchExecuteStatement")

    def _transaction(self, call: Call) -> AWSResponse | None:
        items = [_item(part) for entry in call.body["TransactItems"] for part in entry.values()]
        with self._lock:
            self.transactions += 1
            codes = ["TransactionConflict" if item in self._in_flight else "None" for item in items]
            if "TransactionConflict" not in codes:
                self._in_flight.update(items)
            else:
                self.count += 1
        if "TransactionConflict" in codes:
            return cancelled(*codes)(call)
        begin = time.monotonic()
        try:
            response = call.carry_out()
            time.sleep(max(0.0, begin + self._in_flight_seconds - time.monotonic()))
            return response
        finally:
            with self._lock:
                self._in_flight.difference_update(items)

    def _single(self, call: Call) -> AWSResponse | None:
        item = _item(call.body)
        with self._lock:
            if item not in self._in_flight:
                return None
            self.count += 1
        return answer("TransactionConflictException")(call)

    def _batch(self, call: Call) -> AWSResponse | None:
        statements = call.body["Statements"]
        items = [_item(_as_update(statement)) for statement in statements]
        with self._lock:
            free = [number for number, item in enumerate(items) if item not in self._in_flight]
            self.count += len(items) - len(free)
        if len(free) == len(items):
            return None
        responses = [{"Error": {"Code": "TransactionConflict", "Message": "In flight."}} for _ in items]
        if free:
            some = {"Statements": [statements[number] for number in free]}
            content = json.loads(call.carry_out(call.body | some).content)
            for number, response in zip(free, content["Responses"], strict=True):
                responses[number] = response
        return call.answer({"Responses": responses})


def _as_update(statement: dict[str, Any]) -> dict[str, Any]:
    return as_update(statement, tuple(_KEYS[_own_name(table_of(statement))]))


def _own_name(table: str) -> str:
    """Return a table's name without its stage's."""
    return table.rsplit("-", 1)[1]


def _item(part: dict[str, Any]) -> Item:
    """Return which item of which table a write is for."""
    table = _own_name(part["TableName"])
    content = part.get("Key") or part["Item"]
    return table, json.dumps([content[name] for name in _KEYS[table]])
