"""The search index that this process serves, kept as new as the published snapshot."""

import logging
import shutil
import tempfile
import threading
import weakref
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from chalicelib.errors import Unavailable
from chalicelib.platform.runtime import Runtime
from chalicelib.search.model import Snapshot
from chalicelib.search.snapshots.packing import unpack, verify

if TYPE_CHECKING:
    from chalicelib.search.engine.index import SearchIndex

# A request that finds nothing loaded waits this long; API Gateway waits 29 seconds for the whole answer.
FIRST_LOAD_SECONDS = 15.0
# What the request that starts a look gives to it. A small index is loaded by then, so that the first
# answer of an instance that was frozen for an hour is not an hour old.
LOOK_SECONDS = 0.25
# A snapshot that cannot be loaded is tried again after pauses that double up to this.
LONGEST_PAUSE_SECONDS = 60.0

logger = logging.getLogger(__name__)


class LiveIndex:
    """Looks at the pointer every few seconds, and changes over to a new snapshot while requests go on.

    Looking, loading and opening happen in a thread that lives as long as that takes. Lambda freezes the
    thread together with the instance when no request is running, and it goes on with the next one; a
    connection that did not survive this fails the try, and the next one begins anew. Whatever goes wrong,
    the last good index stays.

    The pointer is followed wherever it goes: publishing never moves it back, but an operator may.

    Args:
        pointer: says which snapshot is published, None if there is none yet.
        download: fetches a snapshot's packed index into a file.
        open_index: opens an unpacked index; the index must be weakly referable, for its folder is
            removed when no reader is left.
        refresh_seconds: how often at the most the pointer is looked at.
        runtime: gives time and the background.
    """

    def __init__(
        self,
        pointer: Callable[[], Snapshot | None],
        download: Callable[[Snapshot, Path], None],
        open_index: "Callable[[Path], SearchIndex]",
        refresh_seconds: float,
        runtime: Runtime,
    ) -> None:
        self._pointer = pointer
        self._download = download
        self._open_index = open_index
        self._refresh_seconds = refresh_seconds
        self._runtime = runtime
        self._lock = threading.Lock()
        # Set when the look that is under way has ended.
        self._look_ended: threading.Event | None = None
        self._next_look = runtime.monotonic()
        self._index: SearchIndex | None = None
        self._served_key = ""
        self._failed_key: str | None = None
        self._pause_seconds = refresh_seconds

    def current(self) -> "SearchIndex":
        """Return the index to search in; one request uses one index from beginning to end.

        Raises:
            Unavailable: no snapshot is published yet, or none could be loaded so far.
        """
        if self._runtime.monotonic() >= self._next_look:
            self._start_look()
        index = self._index
        if index is None:
            raise Unavailable("Search is not ready yet.")
        return index

    def _start_look(self) -> None:
        with self._lock:
            # Others may have looked, or begun to, since the caller found it time to.
            is_mine = self._look_ended is None and self._runtime.monotonic() >= self._next_look
            if is_mine:
                self._look_ended = threading.Event()
            ended = self._look_ended
        if is_mine:
            self._runtime.background(self._run_look, "search look")
        if ended and self._index is None:
            ended.wait(FIRST_LOAD_SECONDS)
        elif ended and is_mine:
            ended.wait(LOOK_SECONDS)

    def _run_look(self) -> None:
        key = "pointer"
        try:
            snapshot = self._pointer()
            if snapshot and snapshot.key != self._served_key:
                key = snapshot.key
                self._load(snapshot)
        # A broken index may raise anything, and must not take the last good one with it.
        except Exception as error:
            self._pause_seconds = min(2 * self._pause_seconds, LONGEST_PAUSE_SECONDS)
            if key != self._failed_key:
                logger.warning("Search stays as it is, for %s failed: %r", key, error)
            self._failed_key = key
        else:
            self._pause_seconds = self._refresh_seconds
            self._failed_key = None
        with self._lock:
            self._next_look = self._runtime.monotonic() + self._pause_seconds
            ended, self._look_ended = self._look_ended, None
        if ended:
            ended.set()

    def _load(self, snapshot: Snapshot) -> None:
        with ExitStack() as leaving:
            folder = Path(tempfile.mkdtemp(prefix="stockroom-search-"))
            leaving.callback(shutil.rmtree, folder, ignore_errors=True)
            packed, unpacked = folder / "index.tar", folder / "index"
            self._download(snapshot, packed)
            verify(packed, snapshot)
            unpack(packed, unpacked)
            packed.unlink()
            index = self._open_index(unpacked)
            # Readers in flight hold the old index: its folder goes when the last of them has finished.
            weakref.finalize(index, leaving.pop_all().close)
        self._index, self._served_key = index, snapshot.key
        logger.info("Search serves version %d", snapshot.version)
