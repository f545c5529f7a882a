"""Messages as the bodies of queue messages: JSON, read strictly.

A message is a msgspec struct with a `type` and a `version` that are literals. A reader ignores fields it
does not know, so that a new field needs no new version.
"""

from typing import TypeVar

import msgspec

from chalicelib.errors import UnreadableMessage

Message = TypeVar("Message", bound=msgspec.Struct)


def encode(message: msgspec.Struct) -> str:
    """Write a message as the body of a queue message."""
    return msgspec.json.encode(message).decode()


def decode(body: str, kind: type[Message]) -> Message:
    """Read the body of a queue message.

    Raises:
        UnreadableMessage: it is not a message of this kind and a known version.
    """
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.MsgspecError as error:
        raise UnreadableMessage(f"not a readable message: {error}") from error
