"""Request bodies: of one type, or of one of several types that their fields tell apart."""

from collections.abc import Iterable, Mapping
from typing import Any, Final, Generic, Protocol, TypeVar

import msgspec
from msgspec import UNSET, Raw, UnsetType

from chalicelib.errors import InvalidInput, Unauthorized
from chalicelib.identity import Caller

NOT_VALID: Final = "The body is not valid."
FIELD_REQUIRED: Final = "This field is required."

S = TypeVar("S", bound=msgspec.Struct)
First = TypeVar("First", bound=msgspec.Struct)
Second = TypeVar("Second", bound=msgspec.Struct)
B_co = TypeVar("B_co", covariant=True)


class Body(Protocol[B_co]):
    """How a route's body is decoded; decoders are built once, when the route is declared."""

    @property
    def kinds(self) -> tuple[type[msgspec.Struct], ...]:
        """The types that the body may have."""

    def decode(self, content: bytes | str, caller: Caller | None, /) -> B_co:
        """Decode a body.

        Raises:
            msgspec.MsgspecError: it is not JSON, or not of this type.
            InvalidInput: a field is missing, or the body is of no kind, or of several.
            Unauthorized: only a known caller may send this kind of body.
        """


class OneKind(Generic[S]):
    """A body of one type."""

    def __init__(self, kind: type[S]) -> None:
        self.kinds = (kind,)
        self._decoder = msgspec.json.Decoder(kind)

    def decode(self, content: bytes | str, _caller: Caller | None, /) -> S:
        """Decode the body; see `Body.decode`."""
        return self._decoder.decode(content)


class Either(Generic[S]):
    """A body of one of several types, made by `either`.

    It is decoded once, into a struct with the fields of all types, none of them required. The fields that are
    present then decide the type.
    """

    def __init__(
        self, kinds: tuple[type[S], ...], detail: str, signed_in: Mapping[type[msgspec.Struct], str]
    ) -> None:
        self.kinds = kinds
        self._detail = detail
        self._signed_in = signed_in
        fields = [(kind, field) for kind in kinds for field in msgspec.structs.fields(kind)]
        types = {field.name: field.type for _, field in fields}
        if len(types) < len(fields):
            raise TypeError("Bodies that share a field cannot be told apart by it.")
        self._kind_by_field = {field.name: kind for kind, field in fields}
        self._required = [(kind, field.name) for kind, field in fields if field.required]
        self._decoder = msgspec.json.Decoder(_all_optional(types, forbid_unknown_fields=True))
        self._presence = msgspec.json.Decoder(_all_optional(dict.fromkeys(types, Raw)))

    def decode(self, content: bytes | str, caller: Caller | None, /) -> S:
        """Decode the body; see `Body.decode`."""
        try:
            present = _present(self._decoder.decode(content))
        except msgspec.ValidationError:
            # Which kind of body it is, and who may send it, is told before what is wrong with one field.
            self._kind_of(_present(self._presence.decode(content)), caller)
            raise
        kind = self._kind_of(present, caller)
        for of, name in self._required:
            if of is kind and name not in present:
                raise InvalidInput(NOT_VALID, {name: [FIELD_REQUIRED]})
        return kind(**present)

    def _kind_of(self, present: Iterable[str], caller: Caller | None) -> type[S]:
        kinds = {self._kind_by_field[name] for name in present}
        if len(kinds) != 1:
            raise InvalidInput(self._detail)
        kind = kinds.pop()
        if caller is None and kind in self._signed_in:
            raise Unauthorized(self._signed_in[kind])
        return kind


def either(
    first: type[First],
    second: type[Second],
    *,
    detail: str,
    signed_in: Mapping[type[msgspec.Struct], str],
) -> Either[First | Second]:
    """Declare a body of one of two types, which have no field in common.

    Args:
        first, second: the types.
        detail: explains the two shapes to a client whose body has neither, or both.
        signed_in: the types that only a known caller may send, and what an anonymous one is told.

    Raises:
        TypeError: the types share a field.
    """
    return Either((first, second), detail, signed_in)


def _all_optional(types: Mapping[str, Any], *, forbid_unknown_fields: bool = False) -> type[msgspec.Struct]:
    """Make a struct whose fields have these types and are UNSET when missing."""
    return msgspec.defstruct(
        "Merged",
        [(name, of | UnsetType, UNSET) for name, of in types.items()],
        frozen=True,
        forbid_unknown_fields=forbid_unknown_fields,
    )


def _present(merged: msgspec.Struct) -> dict[str, Any]:
    """Return the fields that the body has."""
    return {name: value for name, value in msgspec.structs.asdict(merged).items() if value is not UNSET}
