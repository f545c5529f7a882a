"""Tables with their indexes, in memory."""

import random
from bisect import bisect_left, bisect_right, insort
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

from tests.simulator.memory.expressions import Item, plain

Key = tuple[Any, Any]


class Index:
    """Items by hash and range key; with those of the same keys beside each other, in order of their own.

    Args:
        schema: as CreateTable has it.
        projection: as CreateTable has it; None for a table itself.
        primary: the names of the table's own keys.
    """

    def __init__(
        self, schema: list[dict[str, str]], projection: dict[str, Any] | None, primary: tuple
    ) -> None:
        names = {part["KeyType"]: part["AttributeName"] for part in schema}
        self.hash, self.range = names["HASH"], names.get("RANGE")
        self._partitions: dict[Any, list[tuple[Any, Key]]] = {}
        self._items: dict[Key, Item] = {}
        self._kept = None
        if projection and projection["ProjectionType"] != "ALL":
            self._kept = {self.hash, self.range, *primary, *projection.get("NonKeyAttributes", ())}

    def put(self, key: Key, item: Item | None) -> None:
        """Let the index follow the item with this primary key; None when it is deleted."""
        before = self._items.pop(key, None)
        if before is not None:
            partition, position = self._position(before)
            entries = self._partitions[partition]
            del entries[bisect_left(entries, (position, key))]
        if item is not None and self.hash in item and (self.range is None or self.range in item):
            partition, position = self._position(item)
            insort(self._partitions.setdefault(partition, []), (position, key))
            kept = self._kept
            self._items[key] = item if kept is None else {n: v for n, v in item.items() if n in kept}

    def query(self, partition: Any, *, forward: bool) -> Iterator[tuple[Key, Item]]:
        """Yield the items of a partition in order."""
        entries = self._partitions.get(partition, [])
        for _, key in entries if forward else reversed(entries):
            yield key, self._items[key]

    def after(self, partition: Any, position: Any, key: Key, *, forward: bool) -> Iterator[tuple[Key, Item]]:
        """Yield the items of a partition that come after a position."""
        entries = self._partitions.get(partition, [])
        if forward:
            chosen: Iterable = entries[bisect_right(entries, (position, key)) :]
        else:
            chosen = reversed(entries[: bisect_left(entries, (position, key))])
        for _, other in chosen:
            yield other, self._items[other]

    def _position(self, item: Item) -> tuple[Any, Any]:
        return plain(item[self.hash]), plain(item[self.range]) if self.range else 0


class Table:
    """One table. Its global indexes follow it late, as DynamoDB's do.

    Args:
        properties: as CreateTable has them.
        chance: how late; without one, at once.
    """

    def __init__(self, properties: dict[str, Any], chance: random.Random | None) -> None:
        self.own = Index(properties["KeySchema"], None, ())
        primary = (self.own.hash, self.own.range)
        self.items: dict[Key, Item] = {}
        self._chance = chance
        self._local = _indexes(properties.get("LocalSecondaryIndexes", ()), primary)
        self._global = _indexes(properties.get("GlobalSecondaryIndexes", ()), primary)
        self._waiting: deque[tuple[Key, Item | None]] = deque()

    @property
    def keys(self) -> tuple[str, ...]:
        """The names of the primary key's attributes."""
        return tuple(name for name in (self.own.hash, self.own.range) if name)

    def key(self, item: Item) -> Key:
        """Return the primary key of an item, or of a key."""
        own = self.own
        return plain(item[own.hash]), plain(item[own.range]) if own.range else None

    def put(self, item: Item) -> None:
        """Store an item in place of any other with its key."""
        self._set(self.key(item), item)

    def delete(self, key: Key) -> None:
        """Delete the item with this key, if there is one."""
        self._set(key, None)

    def index(self, name: str | None) -> Index:
        """Return the index of this name as it is seen now; the table itself without a name."""
        if name in self._global:
            self.catch_up(self._chance.randint(0, len(self._waiting)) if self._chance else None)
            return self._global[name]
        return self._local[name] if name else self.own

    def catch_up(self, changes: int | None = None) -> None:
        """Let the global indexes follow the next so many changes, or all."""
        for _ in range(len(self._waiting) if changes is None else changes):
            key, item = self._waiting.popleft()
            for index in self._global.values():
                index.put(key, item)

    def _set(self, key: Key, item: Item | None) -> None:
        if item is None:
            self.items.pop(key, None)
        else:
            self.items[key] = item
        self.own.put(key, item)
        for index in self._local.values():
            index.put(key, item)
        if self._global:
            self._waiting.append((key, item))


def _indexes(described: Iterable[dict[str, Any]], primary: tuple) -> dict[str, Index]:
    return {
        index["IndexName"]: Index(index["KeySchema"], index["Projection"], primary) for index in described
    }
