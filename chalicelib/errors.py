"""The domain's errors. They know no HTTP; `api.problems` gives each one its status.

StockroomError
├── InvalidInput              something the caller sent is wrong; `fields` names it
│   ├── TooLarge              there is more of it than we take
│   ├── MalformedBody         the body is not the JSON object it should be
│   └── UnknownProducts       the catalogue has no products with these ids
├── Unauthorized              the request does not show who sends it
│   ├── InvalidToken          the token is not ours, of the wrong kind, or no longer valid
│   └── TokenExpired          the token was valid until it expired
├── Forbidden                 the caller is known and may not do this
├── NotFound                  there is no such thing, or it is not the caller's
├── Conflict
│   ├── EmailTaken            another account has this e-mail address
│   ├── BadCredentials        no account has this e-mail address and this password
│   ├── RequestInProgress     the first request with this idempotency key is still running
│   ├── NotCancellable        the order is past the point where it can be cancelled
│   └── IdempotencyKeyReused  the idempotency key was used for a different request
├── Unavailable               a dependency did not answer or throttled us; worth another attempt
│   └── Contended             others kept changing the same rows until the deadline
├── RateLimited               the caller sends more requests than it may
└── UnreadableMessage         a queue message that no retry will make readable
"""

from collections.abc import Collection, Mapping, Sequence
from typing import ClassVar

FieldErrors = Mapping[str, Sequence[str]]


class StockroomError(Exception):
    """Base of every error the domain raises; the text is for people.

    `code` is stable, for programs. `is_transient` says that the same request may go better in a moment.
    """

    code: ClassVar[str] = "error"
    is_transient: ClassVar[bool] = False


class InvalidInput(StockroomError):
    """Something the caller sent is wrong.

    Args:
        detail: one sentence for a person.
        fields: what is wrong with which field, e.g. `{"items[0].product_id": ["…"]}`.
    """

    code = "invalid_input"

    def __init__(self, detail: str, fields: FieldErrors | None = None) -> None:
        super().__init__(detail)
        self.fields = fields or {}


class MalformedBody(InvalidInput):
    """The body is not the JSON object it should be."""

    code = "malformed_body"


class TooLarge(InvalidInput):
    """There is more of it than we take."""

    code = "too_large"


class UnknownProducts(InvalidInput):
    """The catalogue has no products with these ids."""

    code = "unknown_products"

    def __init__(self, product_ids: Collection[int]) -> None:
        super().__init__("The catalogue has no such product.")
        self.product_ids = product_ids


class Unauthorized(StockroomError):
    """The request does not show who sends it."""

    code = "unauthorized"


class InvalidToken(Unauthorized):
    """The token is not ours, of the wrong kind, or no longer valid."""

    code = "invalid_token"


class TokenExpired(Unauthorized):
    """The token was valid until it expired; a client refreshes it."""

    code = "token_expired"


class Forbidden(StockroomError):
    """The caller is known and may not do this."""

    code = "forbidden"


class NotFound(StockroomError):
    """There is no such thing."""

    code = "not_found"


class Conflict(StockroomError):
    """The request contradicts the present state."""

    code = "conflict"


class EmailTaken(Conflict):
    """Another account has this e-mail address."""

    code = "email_taken"


class BadCredentials(Conflict):
    """No account has this e-mail address and this password; which of the two is wrong stays open."""

    code = "bad_credentials"


class RequestInProgress(Conflict):
    """The first request with this idempotency key is still running."""

    code = "request_in_progress"
    is_transient = True


class NotCancellable(Conflict):
    """The order is no longer, or was never, in a status from which it can be cancelled."""

    code = "not_cancellable"


class IdempotencyKeyReused(Conflict):
    """The idempotency key was used before, with another body."""

    code = "idempotency_key_reused"


class Unavailable(StockroomError):
    """A dependency did not answer in time or throttled us; worth another attempt."""

    code = "unavailable"
    is_transient = True
    retry_after_seconds: ClassVar[int] = 1


class Contended(Unavailable):
    """Others kept changing the same rows until the deadline."""

    code = "contended"


class RateLimited(StockroomError):
    """The caller sends more requests than it may."""

    code = "rate_limited"


class UnreadableMessage(StockroomError):
    """A queue message that no retry will make readable."""

    code = "unreadable_message"
