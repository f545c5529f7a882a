"""Sending e-mail through Amazon SES; version 1 of its API, for local clouds do not all know version 2."""

from typing import TYPE_CHECKING, Protocol

from chalicelib.platform.aws import AwsService
from chalicelib.platform.retry import Retry

if TYPE_CHECKING:
    from chalicelib.platform.settings import Settings

CONNECT_SECONDS = 2.0
READ_SECONDS = 5.0
DEADLINE_SECONDS = 5.0


class Mailer(Protocol):
    """Something that sends mail."""

    def send(self, recipient: str, subject: str, text: str) -> None:
        """Send one plain-text e-mail.

        Raises:
            Unavailable: the service did not take it.
        """


class SesMailer:
    """Sends mail through SES, from the configured sender."""

    def __init__(self, settings: "Settings", retry: Retry) -> None:
        self._sender = settings.mail_sender
        self._ses = AwsService(
            "ses",
            settings,
            retry,
            connect_seconds=CONNECT_SECONDS,
            read_seconds=READ_SECONDS,
            deadline_seconds=DEADLINE_SECONDS,
        )

    def send(self, recipient: str, subject: str, text: str) -> None:
        """Send one plain-text e-mail; see `Mailer.send`."""
        self._ses.call(
            "send_email",
            Source=self._sender,
            Destination={"ToAddresses": [recipient]},
            Message={
                "Subject": {"Data": subject, "Charset": "UTF-8"},
                "Body": {"Text": {"Data": text, "Charset": "UTF-8"}},
            },
        )


class NoMailer:
    """Sends nothing, for stages without a sender; only the log line remains."""

    def send(self, recipient: str, subject: str, text: str) -> None:
        """Do nothing."""
