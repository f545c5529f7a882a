"""Which sessions were logged out before their time."""

from datetime import UTC, datetime

from chalicelib.platform.dynamodb.database import Database, condition_held
from chalicelib.users.model import Session
from chalicelib.users.storage.tables import SESSIONS_TABLE, RevokedSessionRow


class SessionRepository:
    """The revoked sessions, each until its token would have expired."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._revoked = database.bind(RevokedSessionRow, SESSIONS_TABLE)

    def revoke(self, session: Session, now: datetime) -> bool:
        """End a session for good; False if it had ended before."""
        expires_at = datetime.fromtimestamp(session.expires_at, UTC)
        row = self._revoked(session.jti, user_id=session.user_id, revoked_at=now, expires_at=expires_at)
        return condition_held(lambda: row.save(RevokedSessionRow.jti.does_not_exist()))

    def is_revoked(self, session: Session) -> bool:
        """Say whether the session was ended, read consistently: a logout counts at once."""
        return self._database.find(self._revoked, session.jti) is not None
