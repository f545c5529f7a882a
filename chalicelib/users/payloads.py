"""What the account routes accept and show (contract, "Accounts")."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from chalicelib.api.fields import EmailAddress, TextLine

# The body's limit is the upper bound of a password: every length is hashed whole (users/passwords.py).
NewPassword = Annotated[str, Meta(min_length=8, pattern=r"^[^\x00]+\Z")]

# A login is not told what passwords must look like: one that no account can have is simply wrong.
Password = Annotated[str, Meta(min_length=1, pattern=r"^[^\x00]+\Z")]

# How long a token may be is the business of users/tokens.py, where a longer one is not valid.
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


class RegisteredView(msgspec.Struct, frozen=True):
    """The answer to a registration."""

    id: int
    message: str = "Your account is ready; you can log in now."


class LoggedInView(msgspec.Struct, frozen=True):
    """The answer to a login."""

    access: str
    refresh: str
    message: str = "You are logged in."


class RefreshedView(msgspec.Struct, frozen=True):
    """The answer to a refresh."""

    access: str
    message: str = "Here is a new access token."


class UserView(msgspec.Struct, frozen=True):
    """An account as its owner sees it."""

    id: int
    name: str
    email: str
    role: str
    created_at: datetime
