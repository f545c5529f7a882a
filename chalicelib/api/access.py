"""Who may call a route, and how often: every route names one of these, and nothing else decides it."""

from enum import Enum, auto

from chalice.app import Request

from chalicelib.api.auth import admin, caller, optional_caller
from chalicelib.identity import Caller
from chalicelib.platform.rate_limits.limiter import Decision, Limit
from chalicelib.wiring import wired

MINUTE_SECONDS = 60


class Access(Enum):
    """The kinds of access; what is not a caller's own is a 404, which is for the services to say."""

    PUBLIC = auto()
    """Anyone, as often as they like; no token is read."""
    SIGNING_IN = auto()
    """Anyone, a few times a minute from one address; no token is read."""
    SUGGESTING = auto()
    """The same, under a limit of its own."""
    OPTIONAL = auto()
    """Anyone, a bearer of a token as themselves; without one, limited by address."""
    SIGNED_IN = auto()
    """Bearers of a good access token, limited by user."""
    ADMIN = auto()
    """Bearers of an admin's access token, limited by user."""

    @property
    def names_caller(self) -> bool:
        """Whether views under this access are told who calls."""
        return self in (Access.OPTIONAL, Access.SIGNED_IN, Access.ADMIN)


def identify(access: Access, request: Request) -> Caller | None:
    """Return who sends the request, as far as this access asks for it.

    Raises:
        Unauthorized: there is no good access token where one is needed, or a bad one anywhere.
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


def count(access: Access, request: Request, by: Caller | None) -> Decision | None:
    """Count the request against its limit; None where there is none, or it is switched off.

    Limits are per endpoint: of each user (contract, "Personal orders"), or of each client address.
    """
    settings = wired().settings
    endpoint = f"{request.method} {request.path}"
    if by:
        limit = Limit(endpoint, settings.rate_limit_max_request, settings.rate_limit_window_seconds)
    else:
        max_requests = {
            Access.SIGNING_IN: settings.auth_rate_limit_max_request,
            Access.SUGGESTING: settings.suggest_rate_limit_max_request,
            Access.OPTIONAL: settings.order_rate_limit_max_request,
        }.get(access, 0)
        limit = Limit(endpoint, max_requests, MINUTE_SECONDS)
    return wired().limiter.hit(limit, who(request, by)) if limit.max_requests else None


def who(request: Request, by: Caller | None) -> str:
    """Name whoever sends the request: the user, or for an anonymous request the client's address."""
    return f"user:{by.user_id}" if by else f"address:{request.context['identity']['sourceIp']}"
