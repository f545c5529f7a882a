"""Hashing passwords with bcrypt: of any length, and with the same work for every address."""

import base64
import hashlib

import bcrypt

# What bcrypt sees of a password; the library raises ValueError above it.
MAX_BCRYPT_BYTES = 72


class Passwords:
    """Makes and checks password hashes.

    Args:
        cost: the binary logarithm of bcrypt's rounds, from 4 to 31.
    """

    def __init__(self, cost: int) -> None:
        self._cost = cost
        # A salt of our cost and a digest that no password is known for: checking against it takes as
        # long as against a real hash, and making it takes no time.
        self._nobodys = bcrypt.gensalt(cost) + b"." * 31

    def hash(self, password: str) -> str:
        """Hash a new password, with a random salt; the hash names its own cost."""
        return bcrypt.hashpw(_fit(password), bcrypt.gensalt(self._cost)).decode()

    def matches(self, password: str, password_hash: str | None) -> bool:
        """Say whether this is the password.

        Args:
            password: what the caller sent.
            password_hash: what `hash` once returned, or None for an account that does not exist:
                that takes as long and is never true.
        """
        hashed = password_hash.encode() if password_hash else self._nobodys
        return bcrypt.checkpw(_fit(password), hashed) and password_hash is not None


def _fit(password: str) -> bytes:
    """Return what bcrypt is given: the password, or a digest of one that is too long for it.

    A digest goes in as text, because older bcrypts end at the first NUL byte; base64 of SHA-384 has 64
    characters, which fit.
    """
    secret = password.encode()
    if len(secret) <= MAX_BCRYPT_BYTES:
        return secret
    return base64.b64encode(hashlib.sha384(secret).digest())
