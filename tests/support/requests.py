"""How many requests something makes of the database."""

from collections import Counter
from typing import Any

from chalicelib.platform.dynamodb.database import Database


def counted(database: Database) -> Counter[str]:
    """Count the operations of a database from now on, by name."""
    counts: Counter[str] = Counter()
    dispatch = database.connection.dispatch

    def count(operation: str, request: dict[str, Any]) -> dict[str, Any]:
        counts[operation] += 1
        return dispatch(operation, request)

    database.connection.dispatch = count
    return counts
