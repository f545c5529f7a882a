"""DynamoDB's expressions, as far as the product writes them: parsed once, and run on items in memory."""

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import cache
from typing import Any

Value = dict[str, Any]
Item = dict[str, Value]

_TOKEN = re.compile(r"\s*(<>|<=|>=|[()=<>,+\-.]|\[\d+\]|[#:]?[A-Za-z0-9_]+)")
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


class Unsupported(Exception):
    """The product has begun to write something that is not here yet."""


class Scope:
    """What an expression is run on: an item, and what its placeholders stand for."""

    __slots__ = ("item", "names", "values")

    def __init__(self, item: Item | None, request: dict[str, Any]) -> None:
        self.item = item or {}
        self.names = request.get("ExpressionAttributeNames") or {}
        self.values = request.get("ExpressionAttributeValues") or {}


def plain(value: Value | None) -> Any:
    """Return what an attribute value stands for, in a form that compares; None if it is absent."""
    if value is None:
        return None
    ((kind, content),) = value.items()
    if kind == "N":
        return Decimal(content)
    if kind == "M":
        return {name: plain(part) for name, part in content.items()}
    if kind == "L":
        return [plain(part) for part in content]
    return content


def holds(expression: str | None, item: Item | None, request: dict[str, Any]) -> bool:
    """Say whether a condition, filter or key condition holds for an item."""
    return not expression or _condition(expression)(Scope(item, request))


def updated(expression: str, item: Item, request: dict[str, Any]) -> Item:
    """Return the item as an update expression leaves it."""
    scope, changed = Scope(item, request), dict(item)
    for apply in _update(expression):
        apply(scope, changed)
    return changed


def projected(expression: str | None, item: Item, request: dict[str, Any]) -> Item:
    """Return those attributes of the item that a projection names."""
    if not expression:
        return item
    names = request.get("ExpressionAttributeNames") or {}
    wanted = {names.get(part.strip(), part.strip()) for part in expression.split(",")}
    return {name: value for name, value in item.items() if name in wanted}


class _Parser:
    def __init__(self, text: str) -> None:
        self.tokens = list(_tokens(text))
        self.position = 0

    @property
    def next(self) -> str:
        return self.tokens[self.position] if self.position < len(self.tokens) else ""

    def take(self, *expected: str) -> str:
        token = self.next
        if expected and token.upper() not in expected:
            raise Unsupported(f"{token!r} where {expected} was expected in {self.tokens}")
        self.position += 1
        return token

    def may_take(self, expected: str) -> bool:
        if self.next.upper() != expected:
            return False
        self.position += 1
        return True

    def any_of(self) -> Callable[[Scope], bool]:
        parts = [self.all_of()]
        while self.may_take("OR"):
            parts.append(self.all_of())
        return parts[0] if len(parts) == 1 else lambda scope: any(part(scope) for part in parts)

    def all_of(self) -> Callable[[Scope], bool]:
        parts = [self.one()]
        while self.may_take("AND"):
            parts.append(self.one())
        return parts[0] if len(parts) == 1 else lambda scope: all(part(scope) for part in parts)

    def one(self) -> Callable[[Scope], bool]:
        if self.may_take("NOT"):
            inner = self.one()
            return lambda scope: not inner(scope)
        if self.may_take("("):
            inner = self.any_of()
            self.take(")")
            return inner
        if self.next in ("attribute_exists", "attribute_not_exists"):
            wanted = self.take() == "attribute_exists"
            self.take("(")
            path = self.operand()
            self.take(")")
            return lambda scope: (path(scope) is not None) == wanted
        return self.comparison()

    def comparison(self) -> Callable[[Scope], bool]:
        left = self.operand()
        operator = self.take().upper()
        if operator == "BETWEEN":
            low = self.operand()
            self.take("AND")
            high = self.operand()
            return lambda scope: left(scope) is not None and low(scope) <= left(scope) <= high(scope)
        if operator == "IN":
            self.take("(")
            options = [self.operand()]
            while self.may_take(","):
                options.append(self.operand())
            self.take(")")
            return lambda scope: any(left(scope) == option(scope) for option in options)
        if operator not in _COMPARE:
            raise Unsupported(operator)
        compare, right = _COMPARE[operator], self.operand()

        def compared(scope: Scope) -> bool:
            a, b = left(scope), right(scope)
            if a is None or b is None:
                return operator == "<>" and a is not b
            return compare(a, b)

        return compared

    def operand(self) -> Callable[[Scope], Any]:
        value = self.value()
        return lambda scope: plain(value(scope))

    def value(self) -> Callable[[Scope], Value | None]:
        token = self.take()
        if self.next == "." or self.next.startswith("["):
            raise Unsupported("paths into an attribute")
        if token.startswith(":"):
            return lambda scope: scope.values[token]
        return lambda scope: scope.item.get(scope.names.get(token, token))

    def clauses(self) -> Iterator[Callable[[Scope, Item], None]]:
        while self.next:
            clause = self.take("SET", "REMOVE", "ADD").upper()
            while True:
                yield {"SET": self.set, "REMOVE": self.remove, "ADD": self.add}[clause]()
                if not self.may_take(","):
                    break

    def set(self) -> Callable[[Scope, Item], None]:
        name = self.take()
        self.take("=")
        first = self.value()
        if self.next not in ("+", "-"):
            return lambda scope, item: item.__setitem__(scope.names.get(name, name), first(scope))
        sign, second = (1 if self.take() == "+" else -1), self.value()

        def calculate(scope: Scope, item: Item) -> None:
            number = plain(first(scope)) + sign * plain(second(scope))
            item[scope.names.get(name, name)] = {"N": str(number)}

        return calculate

    def remove(self) -> Callable[[Scope, Item], None]:
        name = self.take()
        return lambda scope, item: item.pop(scope.names.get(name, name), None)

    def add(self) -> Callable[[Scope, Item], None]:
        name, value = self.take(), self.value()

        def add(scope: Scope, item: Item) -> None:
            attribute = scope.names.get(name, name)
            number = (plain(scope.item.get(attribute)) or 0) + plain(value(scope))
            item[attribute] = {"N": str(number)}

        return add


def _tokens(text: str) -> Iterator[str]:
    position = 0
    while position < len(text.rstrip()):
        match = _TOKEN.match(text, position)
        if not match:
            raise Unsupported(text[position:])
        position = match.end()
        yield match[1]


@cache
def _condition(text: str) -> Callable[[Scope], bool]:
    parser = _Parser(text)
    condition = parser.any_of()
    if parser.next:
        raise Unsupported(f"{parser.next!r} at the end of {text}")
    return condition


@cache
def _update(text: str) -> list[Callable[[Scope, Item], None]]:
    return list(_Parser(text).clauses())
