"""The edits whose copies on stock rows have not all followed yet."""

from dataclasses import dataclass

from chalicelib.catalog.storage.tables import EDIT, TABLE, EditRow
from chalicelib.platform.dynamodb.database import Database, condition_held

# After this long the scheduled function queues an edit again whose copies have not all followed.
RETRY_SECONDS = 120


@dataclass(frozen=True, slots=True)
class PendingEdit:
    """The last edit of a product, by the catalogue's version that it made.

    `due_at` (epoch seconds) tells whether another run has taken it since.
    """

    product_id: int
    version: int
    due_at: int


class PendingEdits:
    """What the transactions of the catalogue note for the copies to follow; usually there are none."""

    def __init__(self, database: Database) -> None:
        self._rows = database.bind(EditRow, TABLE)

    def due(self, now: int, limit: int) -> list[PendingEdit]:
        """Return up to `limit` edits that are due at `now` (epoch seconds)."""
        rows = self._rows.query(EDIT, filter_condition=EditRow.due_at <= now, limit=limit)
        return [PendingEdit(int(row.id), int(row.version), int(row.due_at)) for row in rows]

    def postpone(self, edit: PendingEdit, until: int) -> bool:
        """Move the edit's `due_at` to `until`; False if another run took it, or it is done or outdated."""
        same = (EditRow.due_at == edit.due_at) & (EditRow.version == edit.version)
        row = self._rows(EDIT, edit.product_id)
        return condition_held(lambda: row.update([EditRow.due_at.set(until)], same))

    def done(self, product_id: int, version: int) -> None:
        """Note that all copies have followed the edit that made this version, or a later one has to be."""
        condition_held(lambda: self._rows(EDIT, product_id).delete(EditRow.version <= version))
