"""DynamoDB in memory: what the product asks of it, with conditions and transactions as they really are.

It is for many short lives with crashes and faults in between, where a server would be too slow and its
threads would make no two runs alike. The contract tests hold it to what DynamoDB Local does.
"""

import random
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from tests.simulator.memory.expressions import Item, holds, plain, projected, updated
from tests.simulator.memory.statements import as_update, table_of
from tests.simulator.memory.tables import Index, Key, Table

PAGE = 1000
Request = dict[str, Any]
Answer = dict[str, Any]


class Refused(Exception):
    """An answer that is an error of DynamoDB."""

    def __init__(self, code: str, **content: Any) -> None:
        super().__init__(code)
        self.code, self.content = code, content


class MemoryDynamoDB:
    """Answers requests.

    Args:
        tables: their properties by name, as CreateTable has them.
        chance: makes global indexes late; without it they follow at once.
    """

    def __init__(self, tables: dict[str, dict[str, Any]], chance: random.Random | None = None) -> None:
        self.tables = {name: Table(properties, chance) for name, properties in tables.items()}
        self._tokens: dict[str, Request] = {}

    def answer(self, operation: str, request: Request) -> Answer:
        """Carry a request out.

        Raises:
            Refused: the answer is an error.
        """
        method = re.sub(r"(?<!^)(?=[A-Z])", "_", operation).lower()
        return getattr(self, f"_{method}")(request)

    def settle(self) -> None:
        """Let all indexes follow their tables."""
        for table in self.tables.values():
            table.catch_up()

    def _table(self, request: Request) -> Table:
        try:
            return self.tables[request["TableName"]]
        except KeyError:
            raise Refused("ResourceNotFoundException") from None

    def _get_item(self, request: Request) -> Answer:
        table = self._table(request)
        item = table.items.get(table.key(request["Key"]))
        return {"Item": projected(request.get("ProjectionExpression"), item, request)} if item else {}

    def _batch_get_item(self, request: Request) -> Answer:
        found: dict[str, list[Item]] = {}
        for name, asked in request["RequestItems"].items():
            table = self._table({"TableName": name})
            items = (table.items.get(table.key(key)) for key in asked["Keys"])
            wanted = asked.get("ProjectionExpression")
            found[name] = [projected(wanted, item, asked) for item in items if item]
        return {"Responses": found, "UnprocessedKeys": {}}

    def _batch_write_item(self, request: Request) -> Answer:
        for name, writes in request["RequestItems"].items():
            table = self._table({"TableName": name})
            for write in writes:
                if put := write.get("PutRequest"):
                    table.put(put["Item"])
                else:
                    table.delete(table.key(write["DeleteRequest"]["Key"]))
        return {"UnprocessedItems": {}}

    def _put_item(self, request: Request) -> Answer:
        return self._alone("Put", request)

    def _update_item(self, request: Request) -> Answer:
        return self._alone("Update", request)

    def _delete_item(self, request: Request) -> Answer:
        return self._alone("Delete", request)

    def _alone(self, action: str, request: Request) -> Answer:
        table = self._table(request)
        key = table.key(request["Item"] if action == "Put" else request["Key"])
        before = table.items.get(key)
        if not holds(request.get("ConditionExpression"), before, request):
            wants_it = request.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"
            content = {"Item": before} if before and wants_it else {}
            raise Refused("ConditionalCheckFailedException", **content)
        after = _written(action, before, request)
        _store(table, key, after)
        wanted = {"ALL_NEW": after, "ALL_OLD": before}.get(request.get("ReturnValues", ""))
        return {"Attributes": wanted} if wanted else {}

    def _batch_execute_statement(self, request: Request) -> Answer:
        updates = []
        for statement in request["Statements"]:
            table = self._table({"TableName": table_of(statement)})
            updates.append((table, as_update(statement, table.keys)))
        if len({(id(table), table.key(update["Key"])) for table, update in updates}) < len(updates):
            raise Refused("ValidationException")
        return {"Responses": [self._stated(update) for _, update in updates]}

    def _stated(self, update: Request) -> dict[str, Any]:
        name = update["TableName"]
        try:
            changed = self._alone("Update", update)
        except Refused as refused:
            error = {"Code": refused.code.removesuffix("Exception"), "Message": refused.code}
            return {"TableName": name, "Error": error | refused.content}
        return {"TableName": name} | ({"Item": changed["Attributes"]} if changed else {})

    def _transact_write_items(self, request: Request) -> Answer:
        token = request.get("ClientRequestToken")
        if token in self._tokens:
            if self._tokens[token] != request["TransactItems"]:
                raise Refused("IdempotentParameterMismatchException")
            return {}
        writes = []
        for entry in request["TransactItems"]:
            ((action, part),) = entry.items()
            table = self._table(part)
            key = table.key(part["Item"] if action == "Put" else part["Key"])
            writes.append((action, part, table, key, table.items.get(key)))
        reasons = [_reason(part, before) for _, part, _, _, before in writes]
        if any(reason["Code"] != "None" for reason in reasons):
            raise Refused("TransactionCanceledException", CancellationReasons=reasons)
        for action, part, table, key, before in writes:
            _store(table, key, _written(action, before, part))
        if token:
            self._tokens[token] = request["TransactItems"]
        return {}

    def _query(self, request: Request) -> Answer:
        table = self._table(request)
        index = table.index(request.get("IndexName"))
        condition = request["KeyConditionExpression"]
        partition = _partition(condition, index, request)
        forward = request.get("ScanIndexForward", True)
        if start := request.get("ExclusiveStartKey"):
            position = plain(start[index.range]) if index.range else 0
            rows = index.after(partition, position, table.key(start), forward=forward)
        else:
            rows = index.query(partition, forward=forward)
        rows = ((key, item) for key, item in rows if holds(condition, item, request))
        return self._page(table, index, rows, request)

    def _scan(self, request: Request) -> Answer:
        table = self._table(request)
        keys = sorted(table.items)
        if start := request.get("ExclusiveStartKey"):
            last = table.key(start)
            keys = [key for key in keys if key > last]
        rows = ((key, table.items[key]) for key in keys)
        return self._page(table, table.own, rows, request)

    def _page(self, table: Table, index: Index, rows: Iterator[tuple[Key, Item]], request: Request) -> Answer:
        limit = min(request.get("Limit", PAGE), PAGE)
        read = list(islice(rows, limit + 1))
        page, more = read[:limit], len(read) > limit
        wanted = request.get("ProjectionExpression")
        items = [
            projected(wanted, item, request)
            for _, item in page
            if holds(request.get("FilterExpression"), item, request)
        ]
        answer: Answer = {"Items": items, "Count": len(items), "ScannedCount": len(page)}
        if more or (page and len(page) == request.get("Limit")):
            last = page[-1][1]
            names = {table.own.hash, table.own.range, index.hash, index.range}
            answer["LastEvaluatedKey"] = {name: last[name] for name in names if name}
        return answer


def _written(action: str, before: Item | None, request: Request) -> Item | None:
    """Return the item as a write leaves it."""
    match action:
        case "Put":
            return request["Item"]
        case "Update":
            item = dict(request["Key"]) if before is None else before
            return updated(request["UpdateExpression"], item, request)
        case "Delete":
            return None
    return before


def _store(table: Table, key: Key, item: Item | None) -> None:
    if item is None:
        table.delete(key)
    else:
        table.put(item)


def _reason(part: Request, before: Item | None) -> dict[str, Any]:
    if holds(part.get("ConditionExpression"), before, part):
        return {"Code": "None"}
    reason: dict[str, Any] = {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed"}
    if before and part.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD":
        reason["Item"] = before
    return reason


def _partition(condition: str, index: Index, request: Request) -> Any:
    """Return the hash key that a key condition asks for."""
    names = request.get("ExpressionAttributeNames") or {}
    words = condition.replace("(", " ").replace(")", " ").split()
    for name, operator, value in zip(words, words[1:], words[2:], strict=False):
        if names.get(name, name) == index.hash and operator == "=":
            return plain(request["ExpressionAttributeValues"][value])
    raise Refused("ValidationException")
