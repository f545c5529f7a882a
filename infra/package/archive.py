"""One archive whose bytes depend on nothing but its files' names and contents."""

import zipfile
from pathlib import Path

# The first moment that a zip file can express.
EPOCH = (1980, 1, 1, 0, 0, 0)
# A regular file that everybody may read; Lambda runs functions as a user of its own.
READABLE = 0o100644
EXECUTABLE = 0o100755
_UNIX = 3


def write_archive(folder: Path, archive: Path) -> None:
    """Pack all files of a folder, sorted by name, with one time and no more than two modes.

    Args:
        folder: what is packed.
        archive: the zip file, which appears whole or not at all.
    """
    unfinished = archive.with_name(f".{archive.name}.unfinished")
    with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), EPOCH)
            entry.create_system = _UNIX
            entry.external_attr = (EXECUTABLE if path.suffix == ".so" else READABLE) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(entry, path.read_bytes())
    unfinished.replace(archive)
