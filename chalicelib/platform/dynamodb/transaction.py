"""A transaction: several writes of which all are carried out or none, and why none was."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pynamodb.connection import Connection
from pynamodb.constants import TRANSACT_WRITE_ITEMS
from pynamodb.exceptions import TransactWriteError, VerboseClientError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.models import Model

# A row as it goes over DynamoDB's wire: each value under the name of its type.
Item = Mapping[str, Mapping[str, Any]]

# Cancellation reason codes of
# https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
CONDITION_FAILED = "ConditionalCheckFailed"
# What the reason of a write whose condition failed carries: the row as it was.
_ALL_OLD = "ALL_OLD"
CONTENTION = frozenset({"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"})


@dataclass(frozen=True, slots=True)
class Reason:
    """What stood in the way of one write of a cancelled transaction, if anything did.

    Args:
        code: DynamoDB's code; None for a write that nothing stood in the way of.
        item: the row as it was when a condition on it failed; None if there was no such row.
    """

    code: str | None = None
    item: Item | None = None

    @property
    def condition_failed(self) -> bool:
        """Whether the write's condition did not hold."""
        return self.code == CONDITION_FAILED

    @property
    def contended(self) -> bool:
        """Whether another request was at the row, which also hides whether the condition held."""
        return self.code in CONTENTION


class Transaction:
    """Writes to be committed together, at most one to a row and 100 in all.

    Each method that adds a write returns its number, under which `commit` gives its reason.

    Args:
        connection: carries it out.
        write_token: random and kept by the caller over attempts, so that DynamoDB carries out equal attempts
            once within ten minutes. Without one, each attempt counts.
    """

    def __init__(self, connection: Connection, write_token: str | None = None) -> None:
        self._connection = connection
        self._write_token = write_token
        self._writes: list[dict[str, dict[str, Any]]] = []

    def put(self, row: Model, condition: Condition | None = None) -> int:
        """Add: store the row whole, if the condition holds."""
        return self._add(
            "Put",
            row.get_save_kwargs_from_instance(
                condition=condition,
                return_values_on_condition_failure=_ALL_OLD if condition is not None else None,
            ),
        )

    def update(self, row: Model, actions: Sequence[Action], condition: Condition) -> int:
        """Add: change the row with this one's key, if the condition holds."""
        return self._add(
            "Update",
            row.get_update_kwargs_from_instance(
                actions=list(actions), condition=condition, return_values_on_condition_failure=_ALL_OLD
            ),
        )

    def delete(self, row: Model, condition: Condition) -> int:
        """Add: delete the row with this one's key, if the condition holds."""
        return self._add("Delete", row.get_delete_kwargs_from_instance(condition=condition))

    def check(self, rows: type[Model], hash_key: Any, range_key: Any, condition: Condition) -> int:
        """Add: do nothing to the row with this key, but only if the condition holds."""
        return self._add(
            "ConditionCheck", rows.get_operation_kwargs_from_class(hash_key, range_key, condition)
        )

    def commit(self) -> Sequence[Reason]:
        """Carry it out.

        Returns:
            Nothing when it was carried out; otherwise a reason for each write, in their order.

        Raises:
            Unavailable: the database gave no answer; the transaction may or may not be carried out.
        """
        request: dict[str, Any] = {"TransactItems": self._writes}
        if self._write_token:
            # DynamoDB refuses a known token with other content, so the token stands for this content.
            content = f"{self._write_token} {self._writes!r}"
            request["ClientRequestToken"] = str(uuid.uuid5(uuid.NAMESPACE_OID, content))
        try:
            self._connection.dispatch(TRANSACT_WRITE_ITEMS, request)
        except VerboseClientError as error:
            reasons = [
                Reason(reason.code, reason.raw_item) if reason else Reason()
                for reason in error.cancellation_reasons
            ]
            if not reasons or any(_is_a_mistake(reason) for reason in reasons):
                raise TransactWriteError("The transaction was refused", error) from error
            return reasons
        return ()

    def _add(self, kind: str, write: dict[str, Any]) -> int:
        self._writes.append({kind: write})
        return len(self._writes) - 1


def _is_a_mistake(reason: Reason) -> bool:
    """Say whether the write could never succeed, so that the code is wrong."""
    return bool(reason.code) and not (reason.condition_failed or reason.contended)
