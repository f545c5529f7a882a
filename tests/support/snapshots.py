"""Snapshots of a search index to test with, without an engine and without S3."""

import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from chalicelib.errors import Unavailable
from chalicelib.search.model import IndexedProduct, Snapshot
from chalicelib.search.snapshots.packing import describe, pack
from tests.support.shop import START


class PlainIndex:
    """An index that is a list of products in two files, so that mixing two of them shows."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.products = _read(folder / "products.json")

    @property
    def ids(self) -> list[int]:
        return [product.id for product in self.products]

    def read_again(self) -> list[IndexedProduct]:
        """Read from the folder, as an engine does in the middle of a search."""
        return _read(self.folder / "again.json")


def build(products: Iterable[IndexedProduct], folder: Path) -> int:
    content = list(products)
    for name in ("products.json", "again.json"):
        (folder / name).write_bytes(msgspec.json.encode(content))
    return len(content)


def _read(file: Path) -> list[IndexedProduct]:
    return msgspec.json.decode(file.read_bytes(), type=list[IndexedProduct])


class FolderBucket:
    """Stands in for S3: keeps snapshots in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.down = False
        self.uploads = 0
        self.downloads = 0

    def upload(self, packed: Path, snapshot: Snapshot) -> None:
        self._answer()
        self.uploads += 1
        shutil.copy(packed, self.path(snapshot))

    def download(self, snapshot: Snapshot, packed: Path) -> None:
        self.downloads += 1
        self._answer()
        try:
            shutil.copy(self.path(snapshot), packed)
        except FileNotFoundError:
            raise Unavailable("S3: NoSuchKey") from None

    def drop_before(self, snapshot: Snapshot) -> int:
        self._answer()
        return 0

    def path(self, snapshot: Snapshot) -> Path:
        return self._folder / snapshot.key.replace("/", "-")

    def _answer(self) -> None:
        if self.down:
            raise Unavailable("S3 is down")


@dataclass
class Publication:
    """Publishes indexes of so many products into a folder, and is the pointer to the last of them."""

    folder: Path
    current: Snapshot | None = None
    bucket: FolderBucket = field(init=False)

    def __post_init__(self) -> None:
        self.bucket = FolderBucket(self.folder)

    def publish(self, version: int) -> Snapshot:
        """Publish an index whose products all have the version as their price."""
        unpacked = self.folder / f"unpacked-{version}"
        unpacked.mkdir()
        build((product(number, version) for number in range(1, 51)), unpacked)
        packed = self.folder / f"packed-{version}.tar"
        pack(unpacked, packed)
        snapshot = describe(packed, version, START)
        self.bucket.upload(packed, snapshot)
        self.current = snapshot
        return snapshot

    def pointer(self) -> Snapshot | None:
        return self.current


def product(number: int, price: int = 10) -> IndexedProduct:
    return IndexedProduct(
        id=number, title=f"Product {number}", description="Good.", price=price, category_id=1,
        category_name="Electronics", created_at=START, carried_by=(1, 2), in_stock_at=(2,),
    )  # fmt: skip
