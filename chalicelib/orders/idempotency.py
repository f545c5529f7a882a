"""Idempotency keys: a repeated request gets the first one's answer (contract, "Store orders")."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta

import msgspec

from chalicelib.orders.model import PersonalOrderRequest, StoreOrderRequest

KEPT_FOR = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """A caller's key and what it was used for; both are digests of fixed length."""

    key: str
    fingerprint: str


def idempotency_key(
    caller: str, key: str, request: StoreOrderRequest | PersonalOrderRequest
) -> IdempotencyKey:
    """Build the key under which a request is remembered.

    Args:
        caller: who asks; the same key of another caller is another key.
        key: the value of the Idempotency-Key header.
        request: what is wanted; two bodies that mean the same are the same request.
    """
    return IdempotencyKey(
        key=_digest(msgspec.json.encode((caller, key))),
        fingerprint=_digest(msgspec.json.encode(request)),
    )


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
