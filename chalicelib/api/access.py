"""Who may call a route: every route names one of these, and nothing else decides it."""

from enum import Enum, auto

from chalice.app import Request

from chalicelib.api.auth import admin, caller, optional_caller
from chalicelib.identity import Caller


class Access(Enum):
    """The kinds of access. That a thing is not the caller's own is a 404, which services decide."""

    PUBLIC = auto()
    """Anyone, without a limit; no token is read."""
    SIGNING_IN = auto()
    """Anyone, a few times a minute from one address; no token is read."""
    SUGGESTING = auto()
    """The same, under a limit of its own."""
    OPTIONAL = auto()
    """Anyone. With a token, the caller is its account; without one, requests are limited by address."""
    SIGNED_IN = auto()
    """Callers with a good access token, limited by account."""
    ADMIN = auto()
    """Callers with an admin's access token, limited by account."""


def identify(access: Access, request: Request) -> Caller | None:
    """Return the caller, as far as this access asks for one.

    Raises:
        Unauthorized: a token is needed and there is none, or there is a bad one where tokens are read.
        Forbidden: it is not an admin's where that is needed.
    """
    match access:
        case Access.OPTIONAL:
            return optional_caller(request)
        case Access.SIGNED_IN:
            return caller(request)
        case Access.ADMIN:
            return admin(request)
    return None


def sender(request: Request, by: Caller | None) -> str:
    """Return the name under which a sender is counted: the account's, or else the client address's."""
    return f"user:{by.user_id}" if by else f"address:{request.context['identity']['sourceIp']}"
