"""Attributes of rows that PynamoDB has no exact type for."""

from datetime import UTC, datetime
from decimal import Decimal

from pynamodb.attributes import Attribute
from pynamodb.constants import NUMBER, STRING

from chalicelib.money import CENT


class MoneyAttribute(Attribute[Decimal]):
    """An amount as a DynamoDB number, exact; PynamoDB's own number attribute goes through a float."""

    attr_type = NUMBER

    def serialize(self, value: Decimal) -> str:
        """Write an amount."""
        return str(value)

    def deserialize(self, value: str) -> Decimal:
        """Read an amount; DynamoDB drops zeros at its end."""
        return Decimal(value).quantize(CENT)


class TimestampAttribute(Attribute[datetime]):
    """A moment in UTC as RFC 3339 text, which sorts by time and is readable in the console."""

    attr_type = STRING

    def serialize(self, value: datetime) -> str:
        """Write a moment, to the millisecond."""
        return value.astimezone(UTC).isoformat(timespec="milliseconds")

    def deserialize(self, value: str) -> datetime:
        """Read a moment."""
        return datetime.fromisoformat(value)
