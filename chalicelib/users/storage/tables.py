"""The `users` and `sessions` tables."""

from pynamodb.attributes import NumberAttribute, TTLAttribute, UnicodeAttribute
from pynamodb.models import Model

from chalicelib.platform.dynamodb.attributes import TimestampAttribute

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
