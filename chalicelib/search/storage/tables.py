"""The pointer to the published snapshot, a row of the `catalog` table beside the version it follows."""

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from chalicelib.catalog.storage.tables import CatalogTable
from chalicelib.platform.dynamodb.attributes import TimestampAttribute

SNAPSHOT = "snapshot"
CURRENT = 1


class SnapshotRow(CatalogTable):
    """The snapshot that instances of the API serve."""

    version = NumberAttribute()
    read_at = TimestampAttribute()
    key = UnicodeAttribute()
    size = NumberAttribute()
    sha256 = UnicodeAttribute()
    format = NumberAttribute()
