"""Accounts and their sessions."""

from dataclasses import dataclass, field
from datetime import datetime

from chalicelib.identity import Role


@dataclass(frozen=True, slots=True)
class User:
    """An account; `deleted_at` is set when it is retired, and its e-mail address stays taken."""

    id: int
    name: str
    email: str
    password_hash: str = field(repr=False)
    created_at: datetime
    role: Role = Role.CUSTOMER
    deleted_at: datetime | None = None

    @property
    def is_retired(self) -> bool:
        """Whether the account can no longer be used."""
        return self.deleted_at is not None


@dataclass(frozen=True, slots=True)
class Session:
    """A login, which lives as long as its refresh token: `expires_at` is in epoch seconds."""

    jti: str
    user_id: int
    expires_at: int
