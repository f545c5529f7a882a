"""Who calls: the words that the HTTP edge and the accounts share."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What an account may do."""

    CUSTOMER = "customer"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Caller:
    """The account that sent a request, by its access token; the role is as it was when the token was made."""

    user_id: int
    role: Role
