"""Which index a process serves while snapshots are published, broken and lost."""

import gc
import logging
import tempfile
import threading
from pathlib import Path
from typing import Protocol

import pytest

from chalicelib.errors import Unavailable
from chalicelib.platform.runtime import Runtime
from chalicelib.search.snapshots.live import LiveIndex
from tests.support.snapshots import PlainIndex, Publication


class Seconds:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def published(tmp_path: Path) -> Publication:
    folder = tmp_path / "published"
    folder.mkdir()
    return Publication(folder)


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def looks() -> list[threading.Thread]:
    """Return the looks at the pointer that were started in the background."""
    return []


@pytest.fixture
def live(
    published: Publication, temporary: Path, seconds: Seconds, looks: list[threading.Thread]
) -> LiveIndex:
    return live_of(published, seconds, looks)


def live_of(published: Publication, seconds: Seconds, looks: list[threading.Thread]) -> LiveIndex:
    def background(target, name) -> None:
        looks.append(threading.Thread(target=target, name=name))
        looks[-1].start()

    return LiveIndex(
        pointer=lambda: published.pointer(),
        download=lambda snapshot, packed: published.bucket.download(snapshot, packed),
        open_index=PlainIndex,
        refresh_seconds=5.0,
        runtime=Runtime(monotonic=seconds, background=background),
    )


def version(index: PlainIndex) -> int:
    (price,) = {int(product.price) for product in index.products}
    return price


class Settled(Protocol):
    def __call__(self, live: LiveIndex, seconds: Seconds, after: float = 5.0) -> PlainIndex: ...


@pytest.fixture
def settled(looks: list[threading.Thread]) -> Settled:
    """Return what lets time pass, and the look that it is time for come to its end."""

    def settle(live: LiveIndex, seconds: Seconds, after: float = 5.0) -> PlainIndex:
        seconds.now += after
        live.current()
        for look in looks:
            look.join()
        return live.current()

    return settle


def test_the_first_request_waits_for_the_published_snapshot(live: LiveIndex, published: Publication):
    published.publish(1)
    assert version(live.current()) == 1


def test_without_any_snapshot_search_is_unavailable_until_there_is_one(
    live: LiveIndex, published: Publication, seconds: Seconds
):
    with pytest.raises(Unavailable):
        live.current()
    published.publish(1)
    with pytest.raises(Unavailable):
        live.current()
    seconds.now += 5
    assert version(live.current()) == 1


def test_the_pointer_is_looked_at_only_every_few_seconds(
    live: LiveIndex, published: Publication, seconds: Seconds, settled: Settled
):
    published.publish(1)
    live.current()
    published.publish(2)

    seconds.now += 4.9
    assert version(live.current()) == 1
    assert version(settled(live, seconds, 0.1)) == 2
    assert published.bucket.downloads == 2


def test_a_snapshot_is_loaded_once(
    live: LiveIndex, published: Publication, seconds: Seconds, settled: Settled
):
    published.publish(1)
    first = live.current()
    assert all(settled(live, seconds) is first for _ in range(3))
    assert published.bucket.downloads == 1


def test_a_pointer_that_an_operator_moved_back_is_followed(
    live: LiveIndex, published: Publication, seconds: Seconds, settled: Settled
):
    first = published.publish(1)
    published.publish(2)
    live.current()
    published.current = first
    assert version(settled(live, seconds)) == 1


def broken_content(published: Publication) -> None:
    snapshot = published.publish(2)
    file = published.bucket.path(snapshot)
    file.write_bytes(file.read_bytes().replace(b"Product 7", b"Product 8"))


def cut_off(published: Publication) -> None:
    snapshot = published.publish(2)
    file = published.bucket.path(snapshot)
    file.write_bytes(file.read_bytes()[:-1])


def missing(published: Publication) -> None:
    published.bucket.path(published.publish(2)).unlink()


def unreadable_index(published: Publication) -> None:
    published.publish(2)
    published.bucket.download = lambda snapshot, packed: packed.write_bytes(b"not an archive")


@pytest.mark.parametrize("break_it", [broken_content, cut_off, missing, unreadable_index])
def test_the_last_good_index_goes_on_when_the_new_one_is_broken(
    live: LiveIndex,
    published: Publication,
    seconds: Seconds,
    caplog,
    temporary: Path,
    break_it,
    settled: Settled,
):
    published.publish(1)
    live.current()
    break_it(published)

    for _ in range(5):
        assert version(settled(live, seconds, 60.0)) == 1
    warnings = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert len(warnings) == 1
    assert len(list(temporary.iterdir())) == 1

    vars(published.bucket).pop("download", None)
    published.publish(3)
    assert version(settled(live, seconds, 60.0)) == 3


def test_a_broken_snapshot_is_tried_again_after_growing_pauses(
    live: LiveIndex, published: Publication, seconds: Seconds, settled: Settled
):
    published.publish(1)
    live.current()
    missing(published)
    tried = []
    for second in range(120):
        before = published.bucket.downloads
        settled(live, seconds, 1.0)
        if published.bucket.downloads > before:
            tried.append(second + 1)
    assert tried == [5, 15, 35, 75]


def test_a_database_that_is_down_leaves_the_index_as_it_is(
    live: LiveIndex, published: Publication, seconds: Seconds, settled: Settled
):
    published.publish(1)
    live.current()

    def down():
        raise Unavailable("database down")

    published.pointer = down
    assert version(settled(live, seconds)) == 1


def test_a_first_snapshot_that_is_broken_makes_search_unavailable(live: LiveIndex, published: Publication):
    broken_content(published)
    with pytest.raises(Unavailable):
        live.current()


def test_a_request_does_not_wait_for_a_slow_download(
    live: LiveIndex, published: Publication, seconds: Seconds, looks: list[threading.Thread]
):
    published.publish(1)
    live.current()
    published.publish(2)
    go_on, download = threading.Event(), published.bucket.download

    def slow(snapshot, packed):
        go_on.wait(30)
        download(snapshot, packed)

    published.bucket.download = slow
    seconds.now += 5
    assert version(live.current()) == 1
    assert version(live.current()) == 1
    go_on.set()
    looks[-1].join()
    assert version(live.current()) == 2


def test_the_folder_of_an_index_stays_while_somebody_reads_it_and_then_goes(
    live: LiveIndex, published: Publication, seconds: Seconds, temporary: Path, settled: Settled
):
    published.publish(1)
    in_flight = live.current()
    published.publish(2)
    settled(live, seconds)

    assert len(in_flight.read_again()) == 50
    assert len(list(temporary.iterdir())) == 2
    del in_flight
    gc.collect()
    assert len(list(temporary.iterdir())) == 1


def test_a_change_over_under_load_fails_no_request_and_mixes_no_versions(
    published: Publication, temporary: Path
):
    published.publish(1)
    live = LiveIndex(published.pointer, published.bucket.download, PlainIndex, 0.001, Runtime())
    live.current()
    failures, seen, done = [], set(), threading.Event()

    def search() -> None:
        while not done.is_set():
            try:
                index = live.current()
                again = {int(product.price) for product in index.read_again()}
                if again != {version(index)}:
                    failures.append(again)
                seen.add(version(index))
            except Exception as error:
                failures.append(error)

    threads = [threading.Thread(target=search) for _ in range(6)]
    for thread in threads:
        thread.start()
    for number in range(2, 12):
        published.publish(number)
        for _ in range(2000):
            if number in seen:
                break
            done.wait(0.005)
    done.set()
    for thread in threads:
        thread.join()

    assert failures == []
    assert seen == set(range(1, 12))
