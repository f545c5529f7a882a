"""How often a route may be called, and the headers that say so (draft-ietf-httpapi-ratelimit-headers-11)."""

from chalice.app import Request

from chalicelib.api.access import Access, sender
from chalicelib.identity import Caller
from chalicelib.platform.rate_limits.limiter import Decision, Limit
from chalicelib.wiring import wired

MINUTE_SECONDS = 60


def count(access: Access, request: Request, by: Caller | None) -> Decision | None:
    """Count the request against its limit; None where there is no limit, or it is switched off.

    Limits are per endpoint, and per account (contract, "Personal orders") or else per client address.
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
    return wired().platform.limiter.hit(limit, sender(request, by)) if limit.max_requests else None


def headers(decision: Decision) -> dict[str, str]:
    """Return the headers with the limit and what is left of it; for a refused request also when to retry."""
    limit = decision.limit
    fields = {
        "RateLimit-Policy": f'"{limit.name}";q={limit.max_requests};w={limit.window_seconds}',
        "RateLimit": f'"{limit.name}";r={decision.remaining};t={decision.reset_seconds}',
    }
    if not decision.allowed:
        fields["Retry-After"] = str(decision.retry_after_seconds)
    return fields
