"""Requests and answers of the account routes (contract, "Accounts")."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from chalicelib.api.fields import EmailAddress, TextLine
from chalicelib.identity import Role
from chalicelib.users.model import User

# The limit of the body is the upper bound of a password: every length is hashed whole (users/passwords.py).
NewPassword = Annotated[str, Meta(min_length=8, pattern=r"^[^\x00]+\Z")]

# A login is not told the rules for passwords: one that no account can have is simply wrong.
Password = Annotated[str, Meta(min_length=1, pattern=r"^[^\x00]+\Z")]

# users/tokens.py limits the length: a longer token is not valid there.
Token = Annotated[str, Meta(min_length=1)]


class RegistrationBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `POST /users/register`."""

    name: TextLine
    email: EmailAddress
    password: NewPassword


class LoginBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `POST /users/login`."""

    email: EmailAddress
    password: Password


class RefreshTokenBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `POST /users/token/refresh` and `POST /users/logout`."""

    refresh: Token


class RegisteredPayload(msgspec.Struct, frozen=True):
    """The answer to a registration; `id` is the new account's."""

    id: int
    message: str = "Your account is ready; you can log in now."


class LoggedInPayload(msgspec.Struct, frozen=True):
    """The tokens of a login."""

    access: str
    refresh: str
    message: str = "You are logged in."


class RefreshedPayload(msgspec.Struct, frozen=True):
    """The answer to a refresh."""

    access: str
    message: str = "Here is a new access token."


class UserPayload(msgspec.Struct, frozen=True):
    """An account as its owner sees it."""

    id: int
    name: str
    email: str
    role: Role
    created_at: datetime

    @classmethod
    def of(cls, user: User) -> "UserPayload":
        """Show the account without its password hash."""
        return cls(id=user.id, name=user.name, email=user.email, role=user.role, created_at=user.created_at)
