"""The `users` and `sessions` tables."""

from pynamodb.attributes import NumberAttribute, TTLAttribute, UnicodeAttribute
from pynamodb.models import Model

from chalicelib.identity import Role
from chalicelib.platform.dynamodb.attributes import TimestampAttribute
from chalicelib.users.model import User

USERS_TABLE = "users"
SESSIONS_TABLE = "sessions"


class UserRow(Model):
    """An account, under `user_key` of its id."""

    key = UnicodeAttribute(hash_key=True)
    id = NumberAttribute()
    name = UnicodeAttribute()
    email = UnicodeAttribute()
    password_hash = UnicodeAttribute()
    role = UnicodeAttribute()
    created_at = TimestampAttribute()
    updated_at = TimestampAttribute()
    deleted_at = TimestampAttribute(null=True)


class EmailRow(Model):
    """Whose an e-mail address is, under `email_key` of it, in the same table as the account.

    It is what makes an address unique: an index would neither refuse a second one nor be read consistently.
    """

    key = UnicodeAttribute(hash_key=True)
    user_id = NumberAttribute()


class RevokedSessionRow(Model):
    """A session that was logged out; DynamoDB deletes it after `expires_at`, when its token is dead."""

    jti = UnicodeAttribute(hash_key=True)
    user_id = NumberAttribute()
    revoked_at = TimestampAttribute()
    expires_at = TTLAttribute()


def user_key(user_id: int) -> str:
    """Return the key of an account's row."""
    return f"user#{user_id}"


def email_key(email: str) -> str:
    """Return the key of an e-mail address: addresses that differ only in letter case are the same."""
    return f"email#{email.lower()}"


def to_row(rows: type[UserRow], user: User) -> UserRow:
    """Build the row of an account; it is not saved yet."""
    return rows(
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


def to_user(row: UserRow) -> User:
    """Read an account from its row."""
    return User(
        id=int(row.id),
        name=row.name,
        email=row.email,
        password_hash=row.password_hash,
        created_at=row.created_at,
        role=Role(row.role),
        deleted_at=row.deleted_at,
    )
