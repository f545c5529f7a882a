"""The pointer to the published snapshot."""

from chalicelib.catalog.storage.tables import TABLE
from chalicelib.platform.dynamodb.database import Database, condition_held
from chalicelib.search.model import Snapshot
from chalicelib.search.storage.tables import CURRENT, SNAPSHOT, SnapshotRow


class SnapshotPointer:
    """Which snapshot is to be served; it only ever moves to a later one."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._rows = database.bind(SnapshotRow, TABLE)

    def read(self) -> Snapshot | None:
        """Return the published snapshot, read consistently; None if there is none yet."""
        row = self._database.find(self._rows, SNAPSHOT, CURRENT)
        if row is None:
            return None
        return Snapshot(int(row.version), row.read_at, row.key, int(row.size), row.sha256, int(row.format))

    def move(self, snapshot: Snapshot) -> bool:
        """Publish a snapshot; False if a later version, or the same one with later stock, is published."""
        row = self._rows(
            SNAPSHOT,
            CURRENT,
            version=snapshot.version,
            read_at=snapshot.read_at,
            key=snapshot.key,
            size=snapshot.size,
            sha256=snapshot.sha256,
            format=snapshot.format,
        )
        earlier = (
            SnapshotRow.version.does_not_exist()
            | (SnapshotRow.version < snapshot.version)
            | ((SnapshotRow.version == snapshot.version) & (SnapshotRow.read_at < snapshot.read_at))
        )
        return condition_held(lambda: row.save(earlier))
