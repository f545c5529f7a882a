"""Conditional updates of single rows, 25 a round trip, each of which holds or fails on its own.

They go as PartiQL, for that is the one way in which DynamoDB takes such updates in a batch. Only what updates
here need is written in it: names come from the models, values go beside the statement, typed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pynamodb.connection import Connection
from pynamodb.exceptions import UpdateError, VerboseClientError
from pynamodb.expressions.condition import And, Comparison, Condition, Exists, In, NotExists
from pynamodb.expressions.operand import Path, Value
from pynamodb.expressions.update import Action, RemoveAction, SetAction
from pynamodb.models import Model

from chalicelib.errors import Unavailable
from chalicelib.platform.retry import Retry

BATCH_EXECUTE_STATEMENT = "BatchExecuteStatement"
# As many statements as one call may have.
BATCH_LIMIT = 25

# Codes of a statement, of
# https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchStatementError.html
_CONDITION_FAILED = "ConditionalCheckFailed"
_TRANSIENT = frozenset(
    {
        "InternalServerError",
        "ItemCollectionSizeLimitExceeded",
        "ProvisionedThroughputExceeded",
        "RequestLimitExceeded",
        "ThrottlingError",
        "TransactionConflict",
    }
)

Row = TypeVar("Row", bound=Model)
Parameters = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Update(Generic[Row]):
    """A change of the row with this one's key, to be made if the condition holds.

    A row that does not exist fails every condition. Actions set and remove; conditions compare, or ask
    whether an attribute exists, all of them joined by `&`.
    """

    row: Row
    actions: Sequence[Action]
    condition: Condition


@dataclass(frozen=True, slots=True)
class Updated(Generic[Row]):
    """The condition held and the row is changed.

    Args:
        row: as it is now, if that was asked for.
    """

    row: Row | None = None


@dataclass(frozen=True, slots=True)
class ConditionFailed(Generic[Row]):
    """The condition did not hold.

    Args:
        row: as it is; None if there is no such row.
    """

    row: Row | None = None


UpdateAnswer = Updated[Row] | ConditionFailed[Row] | Unavailable


def update_many(
    connection: Connection,
    updates: Sequence[Update[Row]],
    retry: Retry,
    *,
    retry_seconds: float,
    returning: bool,
) -> list[UpdateAnswer[Row]]:
    """Carry out updates; see `Database.update_many`."""
    answers: list[UpdateAnswer[Row]] = [Unavailable("DynamoDB was not asked")] * len(updates)
    waiting = list(range(len(updates)))
    for _ in retry.attempts(retry_seconds):
        for start in range(0, len(waiting), BATCH_LIMIT):
            batch = waiting[start : start + BATCH_LIMIT]
            try:
                found = _execute(connection, [updates[number] for number in batch], returning)
            except Unavailable as error:
                # It is not asked for the other batches either before a pause.
                for number in waiting[start:]:
                    answers[number] = error
                break
            for number, answer in zip(batch, found, strict=True):
                answers[number] = answer
        waiting = [number for number in waiting if isinstance(answers[number], Unavailable)]
        if not waiting:
            break
    return answers


def _execute(
    connection: Connection, updates: Sequence[Update[Row]], returning: bool
) -> list[UpdateAnswer[Row]]:
    request = {"Statements": [_statement(update, returning) for update in updates]}
    try:
        answer = connection.dispatch(BATCH_EXECUTE_STATEMENT, request)
    except VerboseClientError as error:
        raise UpdateError("The updates were refused", error) from error
    return [_answer(update, response) for update, response in zip(updates, answer["Responses"], strict=True)]


def _answer(update: Update[Row], response: dict[str, Any]) -> UpdateAnswer[Row]:
    error = response.get("Error", {})
    code = error.get("Code")
    if code in _TRANSIENT:
        return Unavailable(f"DynamoDB: {code}")
    if code and code != _CONDITION_FAILED:
        raise UpdateError(f"An update was refused: {code}: {error.get('Message')}")
    item = error.get("Item") if code else response.get("Item")
    row = type(update.row).from_raw_data(item) if item else None
    return ConditionFailed(row) if code else Updated(row)


def _statement(update: Update[Any], returning: bool) -> dict[str, Any]:
    """Write an update in PartiQL.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.update.html
    """
    parameters: Parameters = []
    changes = " ".join(_change(action, parameters) for action in update.actions)
    where = " AND ".join(
        [*_key(update.row, parameters), *(_one(part, parameters) for part in _parts(update.condition))]
    )
    text = f"UPDATE {_quoted(update.row.Meta.table_name)} {changes} WHERE {where}"
    return {
        "Statement": f"{text} RETURNING ALL NEW *" if returning else text,
        "Parameters": parameters,
        # Tells a condition that failed from a row that is not there.
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }


def _change(action: Action, parameters: Parameters) -> str:
    match action:
        case SetAction(values=(Path() as path, Value() as value)):
            return f"SET {_name(path)} = {_value(value, parameters)}"
        case RemoveAction(values=(Path() as path,)):
            return f"REMOVE {_name(path)}"
    raise NotImplementedError(f"{action!r} in a batch")


def _key(row: Model, parameters: Parameters) -> Iterator[str]:
    values = row._get_hash_range_key_serialized_values()
    for attribute, value in zip((row._hash_key_attribute(), row._range_key_attribute()), values, strict=True):
        if attribute is not None:
            parameters.append({attribute.attr_type: value})
            yield f"{_quoted(attribute.attr_name)} = ?"


def _parts(condition: Condition) -> Iterator[Condition]:
    if isinstance(condition, And):
        for part in condition.values:
            yield from _parts(part)
    else:
        yield condition


def _one(condition: Condition, parameters: Parameters) -> str:
    """Write a condition; one with OR or NOT is not understood alike by all that speak PartiQL."""
    match condition:
        case Comparison(values=(Path() as path, Value() as value), operator=operator):
            return f"{_name(path)} {operator} {_value(value, parameters)}"
        case In(values=(Path() as path, *values)):
            return f"{_name(path)} IN [{', '.join(_value(value, parameters) for value in values)}]"
        case Exists(values=(Path() as path,)):
            return f"{_name(path)} IS NOT MISSING"
        case NotExists(values=(Path() as path,)):
            return f"{_name(path)} IS MISSING"
    raise NotImplementedError(f"{condition!r} in a batch")


def _name(path: Path) -> str:
    (name,) = path.path
    return _quoted(name)


def _value(value: Value, parameters: Parameters) -> str:
    parameters.append(value.value)
    return "?"


def _quoted(name: str) -> str:
    return f'"{name}"'
