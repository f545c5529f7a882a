"""DynamoDB's write units by its documented rules, from the rows before and after a request.

DynamoDB Local's own report is too low: it counts one row of a table in a transaction, and nothing of a batch of
statements. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html has the rules,
`GSI.html` and `LSI.html` beside it those of indexes, and `CapacityUnitCalculations.html` the sizes.
"""

import math
import re
from collections.abc import Callable, Iterator
from typing import Any

Item = dict[str, Any]
# What a table's description says of it.
Description = dict[str, Any]

_KILOBYTE = 1024


def targets(operation: str, request: Any, keys: Callable[[str], list[str]]) -> Iterator[tuple[str, Item]]:
    """Yield table and key of every row that a request means to write or to check.

    Args:
        operation: DynamoDB's name of it; those that only read mean nothing.
        request: its parameters.
        keys: gives the names of a table's key attributes.
    """
    match operation:
        case "PutItem" | "UpdateItem" | "DeleteItem":
            yield _target(request, keys)
        case "TransactWriteItems":
            for action in request["TransactItems"]:
                yield from (_target(write, keys) for write in action.values())
        case "BatchWriteItem":
            for table, writes in request["RequestItems"].items():
                for action in writes:
                    yield from (_target(write | {"TableName": table}, keys) for write in action.values())
        case "BatchExecuteStatement":
            yield from (_of_statement(each, keys) for each in request["Statements"])


def _target(write: Item, keys: Callable[[str], list[str]]) -> tuple[str, Item]:
    table = write["TableName"]
    return table, write.get("Key") or {name: write["Item"][name] for name in keys(table)}


def _of_statement(statement: Item, keys: Callable[[str], list[str]]) -> tuple[str, Item]:
    """Find the key among the parameters of `UPDATE "table" … WHERE key = ?`."""
    text = statement["Statement"]
    named = re.search(r'"([^"]+)"', text)
    where = re.search(r"\bWHERE\b", text, re.IGNORECASE)
    if not named or not where:
        raise ValueError(f"no table and key in: {text}")
    key = {}
    for name in keys(named[1]):
        found = re.compile(rf'\b"?{name}"?\s*=\s*\?').search(text, where.end())
        if not found:
            raise ValueError(f"no {name} in: {text}")
        key[name] = statement["Parameters"][text.count("?", 0, found.end()) - 1]
    return named[1], key


def write_units(before: Item | None, after: Item | None, table: Description, transactional: bool) -> float:
    """Return what writing one row consumes, in its table and its indexes.

    A row that did not change is one that was only checked, or whose condition did not hold: that counts as well. A
    transaction counts twice; indexes do, too, as DynamoDB Local counts them.
    """
    units = _kilobytes(before, after)
    for index in (*table.get("LocalSecondaryIndexes", ()), *table.get("GlobalSecondaryIndexes", ())):
        units += _index_units(_entry(before, index, table), _entry(after, index, table), index)
    return float(2 * units if transactional else units)


def _index_units(before: Item | None, after: Item | None, index: Description) -> int:
    if before == after:
        return 0
    if before and after and _keys_of(before, index) != _keys_of(after, index):
        return _kilobytes(before) + _kilobytes(after)
    return _kilobytes(before, after)


def _entry(item: Item | None, index: Description, table: Description) -> Item | None:
    """Return what an index holds of a row; None for a row without the index's key."""
    if item is None or not set(names(index)) <= item.keys():
        return None
    projection = index["Projection"]
    if projection["ProjectionType"] == "ALL":
        return item
    kept = {*names(index), *names(table), *projection.get("NonKeyAttributes", ())}
    return {name: value for name, value in item.items() if name in kept}


def names(of: Description) -> list[str]:
    """Return the names of the key attributes of a table or an index."""
    return [each["AttributeName"] for each in of["KeySchema"]]


def _keys_of(item: Item, index: Description) -> list[Any]:
    return [item[name] for name in names(index)]


def _kilobytes(*items: Item | None) -> int:
    return max(1, *(math.ceil(size({"M": item or {}}) / _KILOBYTE) for item in items))


def size(value: Any) -> float:
    """Return about how many bytes DynamoDB counts for a value; for a row, put it under `M`."""
    (kind, content), *_ = value.items()
    match kind:
        case "S":
            return len(content.encode())
        case "N":
            return len(content.lstrip("-").replace(".", "").strip("0")) / 2 + 1
        case "M":
            return 3 + sum(1 + len(name.encode()) + size(each) for name, each in content.items())
        case "L":
            return 3 + sum(1 + size(each) for each in content)
        case "SS" | "NS" | "BS":
            return sum(size({kind[0]: each}) for each in content)
        case "B":
            return len(content) * 3 / 4
    return 1
