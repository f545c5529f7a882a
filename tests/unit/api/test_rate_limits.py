"""The headers that tell callers their rate limit."""

from chalicelib.api.rate_limits import headers
from chalicelib.platform.rate_limits.limiter import Decision, Limit

LIMIT = Limit("default", 100, 600)


def test_an_allowed_request_is_told_the_policy_and_what_is_left():
    assert headers(Decision(True, LIMIT, 99, 600)) == {
        "RateLimit-Policy": '"default";q=100;w=600',
        "RateLimit": '"default";r=99;t=600',
    }


def test_a_refused_request_is_also_told_when_to_come_back():
    assert headers(Decision(False, LIMIT, 0, 42)) == {
        "RateLimit-Policy": '"default";q=100;w=600',
        "RateLimit": '"default";r=0;t=42',
        "Retry-After": "42",
    }
