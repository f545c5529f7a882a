"""A redis-server that tests may kill, freeze and start again, and what stands in for a broken one."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator

from infra.local.processes import free_port
from tests.support.servers import skip_or_fail, wait_for


class RedisServer:
    """A redis-server of one test, on a port of its own; it keeps nothing."""

    def __init__(self, program: str) -> None:
        self._program = program
        self._port = free_port()
        self.url = f"redis://127.0.0.1:{self._port}/0"
        self.start()

    def start(self) -> None:
        options = ["--port", str(self._port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen(
            [self._program, *options], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )
        wait_for(self.url)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def freeze(self) -> None:
        """Let it answer nothing, while the kernel goes on accepting connections in its name."""
        os.kill(self._process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.kill(self._process.pid, signal.SIGCONT)


@contextlib.contextmanager
def running_redis() -> Iterator[RedisServer]:
    """Run a redis-server; skip the test where the machine has none."""
    program = shutil.which("redis-server")
    if not program:
        skip_or_fail("redis-server")
    server = RedisServer(program)
    try:
        yield server
    finally:
        server.kill()


def refused() -> Iterator[str]:
    """Yield a URL where nothing listens."""
    yield f"redis://127.0.0.1:{free_port()}/0"


def silent() -> Iterator[str]:
    """Yield a URL that takes connections and never answers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(128)
        yield _url_of(listener)


def unreachable() -> Iterator[str]:
    """Yield a URL that drops every attempt to connect: its queue of connections is full."""
    with contextlib.ExitStack() as sockets:
        listener = sockets.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            client = sockets.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(listener.getsockname())
        yield _url_of(listener)


def _url_of(listener: socket.socket) -> str:
    return f"redis://127.0.0.1:{listener.getsockname()[1]}/0"
