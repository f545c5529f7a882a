"""One archive whose bytes depend on nothing but its files' names and contents."""

import zipfile
from pathlib import Path

# The first moment that a zip file can express.
EPOCH = (1980, 1, 1, 0, 0, 0)
# A regular file that all users may read; Lambda runs functions as a user of its own.
READABLE = 0o100644
_UNIX = 3


def write_archive(folder: Path, archive: Path) -> None:
    """Pack all files of a folder, sorted by name, with one time and one mode.

    Args:
        folder: what is packed.
        archive: the zip file, which appears whole or not at all.
    """
    unfinished = archive.with_name(f".{archive.name}.unfinished")
    try:
        with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
            for path in sorted(path for path in folder.rglob("*") if path.is_file()):
                packed.writestr(_entry(path, folder), path.read_bytes())
        unfinished.replace(archive)
    finally:
        unfinished.unlink(missing_ok=True)


def _entry(path: Path, folder: Path) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), EPOCH)
    entry.create_system = _UNIX
    entry.external_attr = READABLE << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry
