"""Builds what accounts need."""

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chalicelib.platform.signing_keys import SigningKeys
    from chalicelib.users.accounts import Accounts
    from chalicelib.users.passwords import Passwords
    from chalicelib.users.storage.sessions import SessionRepository
    from chalicelib.users.storage.users import UserRepository
    from chalicelib.users.tokens import Tokens
    from chalicelib.wiring import Wiring


class UsersWiring:
    """Builds the services of accounts."""

    def __init__(self, wiring: "Wiring") -> None:
        self._wiring = wiring

    @cached_property
    def repository(self) -> "UserRepository":
        from chalicelib.users.storage.users import UserRepository

        return UserRepository(self._wiring.platform.database)

    @cached_property
    def sessions(self) -> "SessionRepository":
        from chalicelib.users.storage.sessions import SessionRepository

        return SessionRepository(self._wiring.platform.database)

    @cached_property
    def passwords(self) -> "Passwords":
        from chalicelib.users.passwords import Passwords

        return Passwords(self._wiring.settings.bcrypt_cost)

    @cached_property
    def signing_keys(self) -> "Callable[[], SigningKeys]":
        settings = self._wiring.settings
        if settings.jwt_secret_arn:
            from chalicelib.users.stored_keys import StoredKeys

            return StoredKeys(settings, self._wiring.runtime).current
        return settings.require_keys

    @cached_property
    def tokens(self) -> "Tokens":
        from chalicelib.users.tokens import Tokens

        return Tokens(
            keys=self.signing_keys,
            clock=self._wiring.runtime.clock,
            access_seconds=self._wiring.settings.access_token_seconds,
            refresh_seconds=self._wiring.settings.refresh_token_seconds,
        )

    @cached_property
    def accounts(self) -> "Accounts":
        from chalicelib.users.accounts import Accounts

        return Accounts(self.repository, self.sessions, self.passwords, self.tokens, self._wiring.runtime)
