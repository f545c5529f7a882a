import os
import stat
import zipfile
from pathlib import Path

import pytest

from infra.stack.package.archive import write_archive


def test_the_same_files_give_the_same_bytes_whatever_their_times_modes_and_order(tmp_path: Path):
    for folder, names in (("one", ["b.py", "a.so", "c/d.txt"]), ("two", ["c/d.txt", "a.so", "b.py"])):
        for name in names:
            file = tmp_path / folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(name)
    os.utime(tmp_path / "two" / "b.py", (1, 1))
    (tmp_path / "two" / "b.py").chmod(0o600)

    for folder in ("one", "two"):
        write_archive(tmp_path / folder, tmp_path / f"{folder}.zip")

    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_another_content_gives_other_bytes(tmp_path: Path):
    (tmp_path / "bundle").mkdir()
    for content in ("one", "two"):
        (tmp_path / "bundle" / "a.py").write_text(content)
        write_archive(tmp_path / "bundle", tmp_path / f"{content}.zip")

    assert (tmp_path / "one.zip").read_bytes() != (tmp_path / "two.zip").read_bytes()


def test_everybody_may_read_what_is_unpacked(tmp_path: Path):
    (tmp_path / "bundle").mkdir()
    (tmp_path / "bundle" / "a.py").write_text("a")
    (tmp_path / "bundle" / "a.py").chmod(0o600)
    write_archive(tmp_path / "bundle", tmp_path / "bundle.zip")

    (entry,) = zipfile.ZipFile(tmp_path / "bundle.zip").infolist()
    mode = entry.external_attr >> 16
    assert stat.S_ISREG(mode)
    assert stat.S_IMODE(mode) == 0o644


def test_an_archive_that_cannot_be_written_leaves_the_last_one(tmp_path: Path, monkeypatch):
    (tmp_path / "bundle").mkdir()
    (tmp_path / "bundle" / "a.py").write_text("a")
    write_archive(tmp_path / "bundle", tmp_path / "bundle.zip")
    before = (tmp_path / "bundle.zip").read_bytes()

    def disk_full(*_) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(zipfile.ZipFile, "writestr", disk_full)
    with pytest.raises(OSError, match="no space"):
        write_archive(tmp_path / "bundle", tmp_path / "bundle.zip")

    assert (tmp_path / "bundle.zip").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["bundle.zip"]
