"""What writes cost, counted from the sizes of items as DynamoDB's documents say.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html and, for sizes,
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
"""

from collections import Counter
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from tests.simulator.memory.dynamodb import MemoryDynamoDB
from tests.simulator.memory.expressions import Item
from tests.simulator.memory.tables import Index, Key, Table

UNIT_BYTES = 1024
DOLLARS_PER_MILLION = Decimal("0.625")


def size(item: Item) -> int:
    """Return the bytes of an item."""
    return sum(len(name.encode()) + _value_size(value) for name, value in item.items())


def _value_size(value: dict[str, Any]) -> int:
    ((kind, content),) = value.items()
    if kind == "S":
        return len(content.encode())
    if kind == "N":
        return (len(content.replace(".", "").replace("-", "").strip("0")) + 1) // 2 + 1
    if kind == "M":
        return 3 + len(content) + size(content)
    if kind == "L":
        return 3 + len(content) + sum(map(_value_size, content))
    return 1


@contextmanager
def counted(dynamodb: MemoryDynamoDB, monkeypatch):
    """Count the units of all writes that are carried out meanwhile, by table and index.

    A transaction costs twice the units on a table. Global indexes follow it later, at the price of any write; a
    local one is written with its row, and counted like it: the documents do not say.
    """
    units: Counter[str] = Counter()
    names = {id(table): name.rsplit("-", 1)[1] for name, table in dynamodb.tables.items()}
    transacting = False
    set_item, transact = Table._set, dynamodb._transact_write_items

    def in_transaction(request):
        nonlocal transacting
        transacting = True
        try:
            return transact(request)
        finally:
            transacting = False

    def count(table: Table, key: Key, item: Item | None) -> None:
        name, before, times = names[id(table)], table.items.get(key), 1 + transacting
        units[name] += times * _units(before, item)
        for index_name, index in table._local.items():
            units[f"{name}/{index_name}"] += times * _index_units(index, before, item)
        for index_name, index in table._global.items():
            units[f"{name}/{index_name}"] += _index_units(index, before, item)
        set_item(table, key, item)

    with monkeypatch.context() as patch:
        patch.setattr(dynamodb, "_transact_write_items", in_transaction)
        patch.setattr(Table, "_set", count)
        yield units


def _units(*items: Item | None) -> int:
    largest = max(size(item) for item in items if item)
    return -(-largest // UNIT_BYTES)


def _index_units(index: Index, before: Item | None, after: Item | None) -> int:
    old, new = _entry(index, before), _entry(index, after)
    if old == new:
        return 0
    if old and new and any(old[key] != new[key] for key in (index.hash, index.range) if key):
        return _units(old) + _units(new)
    return _units(old, new)


def _entry(index: Index, item: Item | None) -> Item | None:
    if item is None or index.hash not in item or (index.range and index.range not in item):
        return None
    return {name: value for name, value in item.items() if index._kept is None or name in index._kept}
