"""PartiQL, as far as the product writes it: each statement as the UpdateItem that does the same."""

import re
from typing import Any

from tests.simulator.memory.expressions import Unsupported

Request = dict[str, Any]

_UPDATE = re.compile(
    r'UPDATE "(?P<table>[^"]+)" (?P<changes>.+) WHERE (?P<where>.+?)(?P<returning> RETURNING ALL NEW \*)?'
)
_SET = re.compile(r'SET "(\w+)" = \?')
_REMOVE = re.compile(r'REMOVE "(\w+)"')
_CHANGE = re.compile(r"(?:SET|REMOVE) .+?(?= SET | REMOVE |$)")
_COMPARES = re.compile(r'"(\w+)" (=|<>|<|<=|>|>=) \?')
_IN = re.compile(r'"(\w+)" IN \[(\?(?:, \?)*)\]')
_MISSING = re.compile(r'"(\w+)" IS (NOT )?MISSING')


def as_update(statement: Request, keys: tuple[str, ...]) -> Request:
    """Return the UpdateItem request that a statement of a batch stands for.

    Args:
        statement: as BatchExecuteStatement has it.
        keys: the names of the table's keys.
    """
    parsed = _fully(_UPDATE, statement["Statement"])
    names: dict[str, str] = {}
    values: dict[str, Any] = {}
    given = iter(statement["Parameters"])

    def name(text: str) -> str:
        return names.setdefault(text, f"#{len(names)}")

    def value() -> str:
        placeholder = f":{len(values)}"
        values[placeholder] = next(given)
        return placeholder

    sets, removes = [], []
    for change in _CHANGE.findall(parsed["changes"]):
        if removed := _REMOVE.fullmatch(change):
            removes.append(name(removed[1]))
        else:
            sets.append(f"{name(_fully(_SET, change)[1])} = {value()}")
    key, conditions = {}, []
    for part in parsed["where"].split(" AND "):
        compared = _COMPARES.fullmatch(part)
        if compared and compared[1] in keys and compared[2] == "=":
            key[compared[1]] = next(given)
        elif compared:
            conditions.append(f"{name(compared[1])} {compared[2]} {value()}")
        elif among := _IN.fullmatch(part):
            options = ", ".join(value() for _ in among[2].split(", "))
            conditions.append(f"{name(among[1])} IN ({options})")
        else:
            missing = _fully(_MISSING, part)
            function = "attribute_exists" if missing[2] else "attribute_not_exists"
            conditions.append(f"{function} ({name(missing[1])})")
    # An update in PartiQL makes no new item.
    conditions += [f"attribute_exists ({name(attribute)})" for attribute in keys]
    clauses = [f"{verb} {', '.join(parts)}" for verb, parts in (("SET", sets), ("REMOVE", removes)) if parts]
    return {
        "TableName": parsed["table"],
        "Key": key,
        "UpdateExpression": " ".join(clauses),
        "ConditionExpression": " AND ".join(conditions),
        "ExpressionAttributeNames": {placeholder: text for text, placeholder in names.items()},
        **({"ExpressionAttributeValues": values} if values else {}),
        "ReturnValues": "ALL_NEW" if parsed["returning"] else "NONE",
        "ReturnValuesOnConditionCheckFailure": statement["ReturnValuesOnConditionCheckFailure"],
    }


def table_of(statement: Request) -> str:
    """Return the table that a statement of a batch changes."""
    return _fully(_UPDATE, statement["Statement"])["table"]


def marked_as_sent(request: Request) -> set[int]:
    """Return the orders whose confirmations a batch of statements marks as sent."""
    return {
        int(as_update(statement, ("id",))["Key"]["id"]["N"])
        for statement in request["Statements"]
        if 'SET "confirmation_sent_at"' in statement["Statement"]
    }


def _fully(pattern: re.Pattern[str], text: str) -> re.Match[str]:
    match = pattern.fullmatch(text)
    if not match:
        raise Unsupported(text)
    return match
