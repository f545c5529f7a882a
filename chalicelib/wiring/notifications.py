"""Builds what e-mails about orders need."""

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chalicelib.notifications.confirmation import ConfirmationService
    from chalicelib.notifications.mailer import Mailer
    from chalicelib.wiring import Wiring


class NotificationsWiring:
    """Builds the services of e-mails."""

    def __init__(self, wiring: "Wiring") -> None:
        self._wiring = wiring

    @cached_property
    def mailer(self) -> "Mailer":
        if override := self._wiring.overrides.mailer:
            return override
        from chalicelib.notifications.mailer import NoMailer, SesMailer

        settings = self._wiring.settings
        return SesMailer(settings, self._wiring.platform.retry) if settings.mail_sender else NoMailer()

    @cached_property
    def confirmations(self) -> "ConfirmationService":
        from chalicelib.notifications.confirmation import ConfirmationService

        return ConfirmationService(
            work=self._wiring.orders.work,
            mailer=self.mailer,
            # Accounts are only loaded for an order of one.
            addresses_of=lambda ids: self._wiring.users.repository.emails(ids) if ids else {},
            inbox=self._wiring.settings.mail_inbox,
            clock=self._wiring.runtime.clock,
        )
