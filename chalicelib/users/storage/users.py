"""Storing accounts, one for each e-mail address."""

from collections.abc import Iterable

from chalicelib.errors import Contended, EmailTaken
from chalicelib.platform.dynamodb.database import Database
from chalicelib.users.model import User
from chalicelib.users.storage.tables import (
    USERS_TABLE,
    EmailRow,
    UserRow,
    email_key,
    to_row,
    to_user,
    user_key,
)

# Ids are positive, so this one is nobody's.
NOBODY = 0


class UserRepository:
    """Accounts, by id and by e-mail address; read consistently, retired ones included."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._users = database.bind(UserRow, USERS_TABLE)
        self._emails = database.bind(EmailRow, USERS_TABLE)

    def add(self, user: User) -> bool:
        """Store a new account together with its claim on the e-mail address: both or neither.

        Repeating it with the same user is safe whatever became of the first attempt: the transaction carries
        the same write token, and a row that is already there is recognised by its salted hash.

        Returns:
            False when another account has this id.

        Raises:
            EmailTaken: another account has this address, also if in other letter case or retired.
            Contended: only contention stood in the way.
            Unavailable: the database gave no answer; the account may or may not be stored.
        """
        # The salted hash is another for every registration.
        transaction = self._database.transaction(write_token=user.password_hash)
        account = transaction.put(to_row(self._users, user), UserRow.key.does_not_exist())
        email = transaction.put(
            self._emails(email_key(user.email), user_id=user.id), EmailRow.key.does_not_exist()
        )
        reasons = transaction.commit()
        if not reasons:
            return True
        stored = reasons[account].item
        if stored and self._users.from_raw_data(dict(stored)).password_hash == user.password_hash:
            return True
        if reasons[email].condition_failed:
            raise EmailTaken("Another account has this e-mail address.")
        if reasons[account].condition_failed:
            return False
        raise Contended("Another request is registering this e-mail address right now.")

    def find(self, user_id: int) -> User | None:
        """Return the account with this id; None when there is none."""
        row = self._database.find(self._users, user_key(user_id))
        return to_user(row) if row else None

    def emails(self, user_ids: Iterable[int]) -> dict[int, str]:
        """Return the e-mail addresses of different accounts by id, without those that there are not."""
        keys = [(user_key(user_id), None) for user_id in user_ids]
        return {int(row.id): row.email for row in self._database.get_many(self._users, keys, consistent=True)}

    def find_by_email(self, email: str) -> User | None:
        """Return the account with this e-mail address in any letter case; None when there is none.

        Both take two reads, so that time does not tell whether an address is known.
        """
        claim = self._database.find(self._emails, email_key(email))
        return self.find(int(claim.user_id) if claim else NOBODY)
