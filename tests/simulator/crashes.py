"""A process that dies between any two calls to the outside, or right after one was carried out."""

from botocore.awsrequest import AWSPreparedRequest
from botocore.httpsession import URLLib3Session

from chalicelib.platform.dynamodb.database import Database


class Crash(BaseException):
    """The process is gone; no handler of ordinary exceptions sees it."""


class CrashPoint:
    """Lets the process die at a call to the database."""

    def __init__(self, database: Database) -> None:
        self._calls_left: int | None = None
        self._carried_out = False
        database.connection.client.meta.events.register_first("before-send.dynamodb.*", self._count)

    def arm(self, calls: int, *, carried_out: bool) -> None:
        """Die at the call after so many, before or right after it is carried out."""
        self._calls_left, self._carried_out = calls, carried_out

    def disarm(self) -> None:
        self._calls_left = None

    def _count(self, request: AWSPreparedRequest, **_) -> None:
        if self._calls_left is None:
            return
        self._calls_left -= 1
        if self._calls_left < 0:
            self._calls_left = None
            if self._carried_out:
                URLLib3Session().send(request)
            raise Crash
