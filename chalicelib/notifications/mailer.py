"""Sending e-mail through Amazon SES; version 1 of its API, for local clouds do not all know version 2."""

from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.errors import Unavailable
from chalicelib.platform import aws

if TYPE_CHECKING:
    from chalicelib.platform.settings import Settings

CONNECT_SECONDS = 2.0
READ_SECONDS = 5.0
ATTEMPTS = 2


class Mailer(Protocol):
    """Something that sends mail."""

    def send(self, recipient: str, subject: str, text: str) -> None:
        """Send one plain-text e-mail.

        Raises:
            Unavailable: the service did not take it.
        """


class SesMailer:
    """Sends mail through SES, from the configured sender."""

    def __init__(self, settings: "Settings") -> None:
        self._sender = settings.mail_sender
        self._client: Any = aws.client(
            "ses",
            settings,
            connect_seconds=CONNECT_SECONDS,
            read_seconds=READ_SECONDS,
            attempts=ATTEMPTS,
        )

    def send(self, recipient: str, subject: str, text: str) -> None:
        """Send one plain-text e-mail; see `Mailer.send`."""
        try:
            self._client.send_email(
                Source=self._sender,
                Destination={"ToAddresses": [recipient]},
                Message={
                    "Subject": {"Data": subject, "Charset": "UTF-8"},
                    "Body": {"Text": {"Data": text, "Charset": "UTF-8"}},
                },
            )
        except (BotoCoreError, ClientError) as error:
            raise Unavailable(f"SES: {error}") from error


class NoMailer:
    """Sends nothing, for stages without a sender; the log line is all that remains."""

    def send(self, recipient: str, subject: str, text: str) -> None:
        """Do nothing."""
