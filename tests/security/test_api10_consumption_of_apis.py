"""API10:2023 Unsafe Consumption of APIs: what queues, buckets and Redis hand us is not believed.

Unreadable messages are in tests/unit/orders/test_messages.py, changed and oversized snapshots in
tests/unit/search/test_snapshots.py, a silent or frozen Redis in tests/integration/test_redis_limiter.py.
"""

import contextlib
import io
import socket
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from chalicelib.platform.rate_limits.limiter import InProcessLimiter
from chalicelib.platform.rate_limits.redis import RedisLimiter
from chalicelib.platform.redis import redis_client
from chalicelib.platform.runtime import Runtime
from chalicelib.search.snapshots.packing import unpack
from tests.support.api import Api
from tests.support.people import bearer
from tests.support.shop import Shop


def archive(path: Path, *members: tuple[tarfile.TarInfo, bytes]) -> Path:
    with tarfile.open(path, "w") as packed:
        for member, content in members:
            member.size = len(content)
            packed.addfile(member, io.BytesIO(content))
    return path


def member(name: str, kind: bytes = tarfile.REGTYPE, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


@pytest.mark.parametrize("name", ["../outside", "inside/../../outside", "/{outside}"])
def test_a_snapshot_writes_nothing_outside_its_folder(tmp_path: Path, name: str):
    folder = tmp_path / "index"
    folder.mkdir()
    outside = tmp_path / "outside"
    packed = archive(tmp_path / "packed.tar", (member(name.format(outside=outside)), b"x"))
    # What begins with a slash is unpacked inside; what climbs out is refused.
    with contextlib.suppress(tarfile.FilterError):
        unpack(packed, folder)

    assert not outside.exists()


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE])
def test_a_snapshot_links_to_nothing_outside_its_folder(tmp_path: Path, kind: bytes):
    (tmp_path / "secret").write_text("secret")
    folder = tmp_path / "index"
    folder.mkdir()
    packed = archive(tmp_path / "packed.tar", (member("link", kind, "../secret"), b""))

    with pytest.raises(tarfile.FilterError):
        unpack(packed, folder)


# Longer than any test: no thread goes on asking after this one.
NEVER = 3600.0
ANSWERS = {
    "another protocol": b"HTTP/1.1 400 Bad Request\r\n\r\n",
    "an error": b"-OOM command not allowed\r\n",
    "nothing": b"$-1\r\n",
    "a text": b"$5\r\nhello\r\n",
    "too short a list": b"*1\r\n:1\r\n",
    "a list of texts": b"*3\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n",
    "a list without end": b"*1000000000\r\n:1\r\n",
    "a text without end": b"$1000000000\r\nx",
    "bytes": bytes(range(256)),
}  # fmt: skip


class StrangeRedis:
    """Listens as a Redis does, and answers whatever it is asked with the same bytes."""

    def __init__(self, answer: bytes) -> None:
        self._answer = answer
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"redis://127.0.0.1:{self._server.getsockname()[1]}/0"
        self._open: list[socket.socket] = []
        self.asked = 0
        self._thread = threading.Thread(target=self._accept)
        self._thread.start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            self._open.append(connection)
            if connection.recv(65536):
                self.asked += 1
                connection.sendall(self._answer)

    def stop(self) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        for connection in [*self._open, self._server]:
            connection.close()


@pytest.fixture(params=ANSWERS)
def strange(request: pytest.FixtureRequest) -> Iterator[StrangeRedis]:
    strange = StrangeRedis(ANSWERS[request.param])
    yield strange
    strange.stop()


def test_whatever_redis_answers_the_caller_is_served(api: Api, shop: Shop, strange: StrangeRedis):
    client = redis_client(strange.url)
    shop.rewire(limiter=RedisLimiter(client, InProcessLimiter(), Runtime(), probe_seconds=NEVER))
    statuses = [api.get("/orders", bearer(shop.wiring)).status for _ in range(3)]
    client.close()

    assert strange.asked
    assert statuses == [200, 200, 200]
