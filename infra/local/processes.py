"""Starting other programs, and stopping exactly those again."""

import contextlib
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import IO

STOP_SECONDS = 5.0
POLL_SECONDS = 0.05


class NotReady(Exception):
    """A program did not start, or ended by itself."""


class Processes:
    """Programs started together and stopped together, each by its own process id."""

    def __init__(self) -> None:
        self._running: list[tuple[str, subprocess.Popen[bytes]]] = []

    def start(
        self,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        output: IO[bytes] | int | None = None,
    ) -> None:
        """Start a program in a session of its own, so that Ctrl-C in the terminal reaches only us.

        Args:
            name: for messages.
            command: program and arguments.
            environment: all of its environment.
            output: where its output goes; None for ours.
        """
        process = subprocess.Popen(
            command,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=None if output is None else subprocess.STDOUT,
            start_new_session=True,
        )
        self._running.append((name, process))

    def wait_until(self, ready: Callable[[], bool], seconds: float) -> None:
        """Wait until `ready` is true.

        Raises:
            NotReady: it was not within `seconds`, or a program ended meanwhile.
        """
        end = time.monotonic() + seconds
        while not ready():
            if ended := self.ended():
                raise NotReady(f"{ended} ended while it was starting")
            if time.monotonic() > end:
                raise NotReady(f"{self._running[-1][0]} did not answer within {seconds:g} seconds")
            time.sleep(POLL_SECONDS)

    def ended(self) -> str | None:
        """Return the name of a program that has ended by itself, if there is one."""
        return next((name for name, process in self._running if process.poll() is not None), None)

    def stop(self) -> None:
        """Ask every program to end, the last started first, and end those that do not in time."""
        for _, process in reversed(self._running):
            process.terminate()
        end = time.monotonic() + STOP_SECONDS
        for _, process in reversed(self._running):
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, end - time.monotonic()))
                continue
            process.kill()
            process.wait()
        self._running.clear()

    def __enter__(self) -> "Processes":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def free_port() -> int:
    """Return a port of this machine that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def is_free(port: int) -> bool:
    """Say whether a server could listen on this port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def accepts_connections(port: int) -> bool:
    """Say whether a program listens on this port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
