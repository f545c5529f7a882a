import dataclasses
from datetime import timedelta
from pathlib import Path

import pytest

from chalicelib.search.model import Snapshot
from chalicelib.search.snapshots.packing import BrokenSnapshot, copy_bounded, describe, pack, unpack, verify
from tests.support.shop import START


@pytest.fixture
def packed(tmp_path: Path) -> Path:
    folder = tmp_path / "index"
    folder.mkdir()
    (folder / "one").write_bytes(b"1" * 1000)
    (folder / "two").write_bytes(b"2")
    pack(folder, tmp_path / "packed")
    return tmp_path / "packed"


def test_what_was_packed_is_unpacked_as_it_was(packed: Path, tmp_path: Path):
    verify(packed, describe(packed, 7, START))
    unpack(packed, tmp_path / "again")
    assert {file.name: file.read_bytes() for file in (tmp_path / "again").iterdir()} == {
        "one": b"1" * 1000,
        "two": b"2",
    }


def test_any_changed_byte_shows(packed: Path):
    snapshot = describe(packed, 7, START)
    content = bytearray(packed.read_bytes())
    content[600] ^= 1
    packed.write_bytes(content)
    with pytest.raises(BrokenSnapshot):
        verify(packed, snapshot)


def test_keys_sort_by_version_and_then_by_time(packed: Path):
    keys = [
        describe(packed, version, START + timedelta(seconds=seconds)).key
        for version, seconds in ((9, 0), (9, 1), (10, 0), (1_000_000, 0))
    ]
    assert keys == sorted(set(keys))


def test_a_snapshot_that_is_too_large_is_not_published(packed: Path):
    with pytest.raises(BrokenSnapshot):
        describe(packed, 7, START, max_bytes=100)


def test_no_more_is_downloaded_than_there_should_be(tmp_path: Path):
    copy_bounded(iter([b"12", b"34"]), tmp_path / "file", 4)
    assert (tmp_path / "file").read_bytes() == b"1234"
    with pytest.raises(BrokenSnapshot):
        copy_bounded(iter([b"12", b"34"]), tmp_path / "file", 3)


@pytest.mark.parametrize(
    ("version", "built_since", "holds"),
    [(6, 0, True), (7, 0, True), (8, 0, False), (7, 0.0, True), (7, 1, False)],
)
def test_a_snapshot_holds_what_was_changed_up_to_its_version_and_time(version, built_since, holds):
    snapshot = Snapshot(7, START, "key", 1, "digest")
    since = int(START.timestamp()) + built_since if built_since else built_since
    assert snapshot.holds(version, since) is holds


def test_a_snapshot_of_another_format_holds_nothing_and_is_not_opened(tmp_path: Path):
    packed = tmp_path / "index.tar"
    packed.write_bytes(b"content")
    snapshot = describe(packed, 7, START)
    verify(packed, snapshot)
    old = dataclasses.replace(snapshot, format=1)

    assert not old.holds(7, 0)
    with pytest.raises(BrokenSnapshot, match="format 1"):
        verify(packed, old)
