"""Registering, logging in, staying logged in, logging out."""

import logging
from dataclasses import dataclass, replace

from chalicelib.errors import BadCredentials, Contended, InvalidToken
from chalicelib.ids import new_id
from chalicelib.platform.retry import Retry
from chalicelib.platform.runtime import Runtime
from chalicelib.users.model import User
from chalicelib.users.passwords import Passwords
from chalicelib.users.storage.sessions import SessionRepository
from chalicelib.users.storage.users import UserRepository
from chalicelib.users.tokens import Tokens

# How long a registration is tried again under contention.
DEADLINE_SECONDS = 3.0

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TokenPair:
    """What a login gives."""

    access: str
    refresh: str


class Accounts:
    """The accounts of users.

    Args:
        users, sessions: where things are kept.
        passwords: makes and checks password hashes.
        tokens: makes and reads tokens.
        runtime: gives time, ids and retries.
    """

    def __init__(
        self,
        users: UserRepository,
        sessions: SessionRepository,
        passwords: Passwords,
        tokens: Tokens,
        runtime: Runtime,
    ) -> None:
        self._users = users
        self._sessions = sessions
        self._passwords = passwords
        self._tokens = tokens
        self._runtime = runtime
        self._retry = Retry(runtime)

    def register(self, name: str, email: str, password: str) -> User:
        """Open an account, for a customer.

        Raises:
            EmailTaken: another account has this e-mail address.
            Unavailable: contention or an outage lasted beyond the deadline.
        """
        now = self._runtime.clock()
        user = User(
            id=new_id(now, self._runtime.random),
            name=name,
            email=email,
            password_hash=self._passwords.hash(password),
            created_at=now,
        )

        def attempt() -> User | None:
            nonlocal user
            if self._users.add(user):
                return user
            # Another account has this id.
            user = replace(user, id=new_id(self._runtime.clock(), self._runtime.random))
            return None

        busy = Contended("Too many accounts are being opened right now.")
        user = self._retry.until(DEADLINE_SECONDS, attempt, busy)
        logger.info("Registered user #%s", user.id)
        return user

    def login(self, email: str, password: str) -> TokenPair:
        """Start a session.

        An unknown address, a retired account and a wrong password take the same work and give the same
        error, so that it does not reveal who has an account.

        Raises:
            BadCredentials: no account has this address and this password.
        """
        user = self._users.find_by_email(email)
        matches = self._passwords.matches(password, user.password_hash if user else None)
        if user is None or user.is_retired or not matches:
            raise BadCredentials("The e-mail address or the password is wrong.")
        logger.info("User #%s logged in", user.id)
        return TokenPair(self._tokens.access(user), self._tokens.refresh(user))

    def refresh(self, refresh_token: str) -> str:
        """Return a new access token, with the account's present role.

        Raises:
            InvalidToken: it is not a refresh token of ours, was logged out, or its account is retired.
            TokenExpired: its time is up.
        """
        session = self._tokens.session(refresh_token)
        if self._sessions.is_revoked(session):
            raise _logged_out()
        return self._tokens.access(self.user(session.user_id))

    def logout(self, refresh_token: str) -> None:
        """End the session of this refresh token.

        Access tokens made from it go on until their own, short time is up.

        Raises:
            InvalidToken: it is not a refresh token of ours, or was logged out before.
            TokenExpired: its time is up.
        """
        session = self._tokens.session(refresh_token)
        if not self._sessions.revoke(session, self._runtime.clock()):
            raise _logged_out()
        logger.info("User #%s logged out", session.user_id)

    def user(self, user_id: int) -> User:
        """Return the account of a token's bearer.

        Raises:
            InvalidToken: the account is retired, so its tokens are no longer good.
        """
        user = self._users.find(user_id)
        if user is None or user.is_retired:
            raise InvalidToken("The account of this token is closed.")
        return user


def _logged_out() -> InvalidToken:
    return InvalidToken("This session was logged out.")
