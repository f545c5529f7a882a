"""Telling callers their rate limit, as draft-ietf-httpapi-ratelimit-headers-11 says."""

from chalicelib.platform.rate_limits.limiter import Decision


def headers(decision: Decision) -> dict[str, str]:
    """Return the headers that tell the limit and what is left of it; for a refusal also when to come back."""
    limit = decision.limit
    fields = {
        "RateLimit-Policy": f'"{limit.name}";q={limit.max_requests};w={limit.window_seconds}',
        "RateLimit": f'"{limit.name}";r={decision.remaining};t={decision.reset_seconds}',
    }
    if not decision.allowed:
        fields["Retry-After"] = str(decision.retry_after_seconds)
    return fields
