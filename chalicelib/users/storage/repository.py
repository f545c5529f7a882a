"""Storing accounts, one for each e-mail address, and which sessions were logged out."""

import uuid
from datetime import UTC, datetime

from pynamodb.exceptions import CancellationReason, DoesNotExist, PutError, TransactWriteError
from pynamodb.transactions import TransactWrite

from chalicelib.errors import Contended, EmailTaken
from chalicelib.identity import Role
from chalicelib.platform.dynamodb.database import CONTENTION, REFUSED, Database, is_refusal
from chalicelib.users.model import Session, User
from chalicelib.users.storage.tables import (
    SESSIONS_TABLE,
    USERS_TABLE,
    EmailRow,
    RevokedSessionRow,
    UserRow,
    email_key,
    user_key,
)

# Ids are positive, so this one is nobody's.
NOBODY = 0


class UserRepository:
    """Accounts, by id and by e-mail address; read consistently, retired ones included."""

    def __init__(self, database: Database) -> None:
        self._connection = database.connection
        self._users = database.bind(UserRow, USERS_TABLE)
        self._emails = database.bind(EmailRow, USERS_TABLE)

    def add(self, user: User) -> bool:
        """Store a new account together with its claim on the e-mail address: both or neither.

        Trying again with the same user is safe whatever became of the first try: the transaction carries
        the same client token, and a row that is already there is recognised by its salted hash.

        Returns:
            False when another account has this id.

        Raises:
            EmailTaken: another account has this address, be it in other letter case or retired.
            Contended: only contention stood in the way.
            Unavailable: the database gave no answer; the account may or may not be stored.
        """
        # The salted hash is another for every registration, so the token stands for this exact content.
        token = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{user.id} {user.password_hash}"))
        try:
            with TransactWrite(connection=self._connection, client_request_token=token) as transaction:
                transaction.save(self._to_row(user), UserRow.key.does_not_exist(), return_values="ALL_OLD")
                transaction.save(
                    self._emails(email_key(user.email), user_id=user.id), EmailRow.key.does_not_exist()
                )
        except TransactWriteError as error:
            if not error.cancellation_reasons:
                raise
            return self._read_reasons(user, error.cancellation_reasons, error)
        return True

    def _read_reasons(
        self, user: User, reasons: list[CancellationReason | None], error: TransactWriteError
    ) -> bool:
        """Turn the reasons into an outcome; they match the transaction's two items one to one."""
        user_reason, email_reason = reasons
        id_taken = user_reason and user_reason.code == REFUSED
        if id_taken and self._users.from_raw_data(user_reason.raw_item).password_hash == user.password_hash:
            return True
        if email_reason and email_reason.code == REFUSED:
            raise EmailTaken("Another account has this e-mail address.") from None
        if id_taken:
            return False
        if any(reason.code not in CONTENTION for reason in reasons if reason):
            raise error
        raise Contended("Somebody else is registering with this e-mail address right now.") from error

    def find(self, user_id: int) -> User | None:
        """Return the account with this id; None when there is none."""
        try:
            return _to_user(self._users.get(user_key(user_id), consistent_read=True))
        except DoesNotExist:
            return None

    def email(self, user_id: int) -> str | None:
        """Return the e-mail address of this account; None when there is none."""
        user = self.find(user_id)
        return user and user.email

    def find_by_email(self, email: str) -> User | None:
        """Return the account with this e-mail address in any letter case; None when there is none.

        Both take two reads, so that time does not tell whether an address is known.
        """
        try:
            user_id = int(self._emails.get(email_key(email), consistent_read=True).user_id)
        except DoesNotExist:
            user_id = NOBODY
        return self.find(user_id)

    def _to_row(self, user: User) -> UserRow:
        return self._users(
            user_key(user.id),
            id=user.id,
            name=user.name,
            email=user.email,
            password_hash=user.password_hash,
            role=user.role.value,
            created_at=user.created_at,
            updated_at=user.created_at,
            deleted_at=user.deleted_at,
        )


class SessionRepository:
    """The sessions that were logged out before their time."""

    def __init__(self, database: Database) -> None:
        self._revoked = database.bind(RevokedSessionRow, SESSIONS_TABLE)

    def revoke(self, session: Session, now: datetime) -> bool:
        """End a session for good; False if it had ended before."""
        expires_at = datetime.fromtimestamp(session.expires_at, UTC)
        row = self._revoked(session.jti, user_id=session.user_id, revoked_at=now, expires_at=expires_at)
        try:
            row.save(RevokedSessionRow.jti.does_not_exist())
        except PutError as error:
            if not is_refusal(error):
                raise
            return False
        return True

    def is_revoked(self, session: Session) -> bool:
        """Say whether the session was ended, read consistently: a logout counts at once."""
        try:
            self._revoked.get(session.jti, consistent_read=True)
        except DoesNotExist:
            return False
        return True


def _to_user(row: UserRow) -> User:
    return User(
        id=int(row.id),
        name=row.name,
        email=row.email,
        password_hash=row.password_hash,
        created_at=row.created_at,
        role=Role(row.role),
        deleted_at=row.deleted_at,
    )
