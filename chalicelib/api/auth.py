"""The caller of a request, from `Authorization: Bearer <access token>` (RFC 6750, 2.1)."""

from chalice.app import Request

from chalicelib.errors import Forbidden, Unauthorized
from chalicelib.identity import Caller, Role
from chalicelib.wiring import wired

_HOW = "Send an access token in the header: Authorization: Bearer <access>."


def caller(request: Request) -> Caller:
    """Return the caller of a request that needs one.

    Raises:
        Unauthorized: there is no Authorization header, or no good access token in it.
    """
    found = optional_caller(request)
    if found is None:
        raise Unauthorized(_HOW)
    return found


def optional_caller(request: Request) -> Caller | None:
    """Return the caller; None when there is no Authorization header.

    Raises:
        Unauthorized: there is a header without a good access token. Its sender did not mean to be
            anonymous.
    """
    header = request.headers.get("authorization")
    if header is None:
        return None
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthorized(_HOW)
    return wired().users.tokens.caller(token.strip())


def admin(request: Request) -> Caller:
    """Return the caller of a request that only an admin may send.

    Raises:
        Unauthorized: as for `caller`.
        Forbidden: the caller is not an admin.
    """
    found = caller(request)
    if found.role is not Role.ADMIN:
        raise Forbidden("Only an admin may do this.")
    return found
