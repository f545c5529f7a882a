"""The routes behind the local gateway and a real socket, for what happens below HTTP's comfortable surface."""

import contextlib
import json
import os
import socket
import subprocess
import sys
from dataclasses import dataclass
from typing import IO

from infra.local.processes import Processes, accepts_connections, free_port

START_SECONDS = 60.0
ANSWER_SECONDS = 20.0
# A client may be silent for so long; much shorter than by default, and long enough for a busy machine.
CLIENT_SECONDS = 3.0
# Nothing listens here (https://www.rfc-editor.org/rfc/rfc863), so every request to it fails at once.
NO_CLOUD = "http://127.0.0.1:9"


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """What came back over the connection until it was closed; header names are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes
    rest: bytes


class Served:
    """The gateway and the application in a process of their own.

    Args:
        output: where its output goes.
        variables: more of its environment; without any there is no cloud behind it.
    """

    def __init__(self, output: IO[bytes] | int = subprocess.DEVNULL, **variables: str) -> None:
        self.port = free_port()
        self._processes = Processes()
        environment = {"AWS_ENDPOINT_URL": NO_CLOUD, "AUTH_RATE_LIMIT_MAX_REQUEST": "0", **variables}
        command = [
            "-m",
            "infra.local.serve",
            "--port",
            str(self.port),
            "--client-seconds",
            f"{CLIENT_SECONDS:g}",
        ]
        self._processes.start("the gateway", [sys.executable, *command], os.environ | environment, output)
        self._processes.wait_until(lambda: accepts_connections(self.port), START_SECONDS)

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), ANSWER_SECONDS)

    def send(self, head: str | bytes, body: bytes = b"") -> RawAnswer:
        """Send a request line with headers, and read what comes back; the connection is not used again."""
        head = head.encode() if isinstance(head, str) else head
        with self.connect() as connection:
            # A server that refuses early may close before all of it is sent.
            with contextlib.suppress(ConnectionError):
                connection.sendall(head.rstrip(b"\r\n").replace(b"\n", b"\r\n") + b"\r\n\r\n" + body)
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_WR)
            return parsed(received(connection))

    def call(self, method: str, path: str, body: object = None, *headers: str) -> RawAnswer:
        """Send a request with a JSON body."""
        content = b"" if body is None else json.dumps(body).encode()
        lines = [f"{method} {path} HTTP/1.1", "Host: x", "Connection: close", *headers]
        lines += ["Content-Type: application/json", f"Content-Length: {len(content)}"]
        return self.send("\n".join(lines), content)

    def stop(self) -> None:
        self._processes.stop()


def received(connection: socket.socket) -> bytes:
    """Read until the other side closes; a reset ends the reading as well."""
    content = b""
    with contextlib.suppress(ConnectionResetError):
        while piece := connection.recv(65536):
            content += piece
    return content


def parsed(content: bytes) -> RawAnswer:
    """Take the first answer apart; what follows its body is the rest."""
    head, _, rest = content.partition(b"\r\n\r\n")
    status_line, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    length = int(headers.get("content-length", 0))
    return RawAnswer(int(status_line.split()[1]), headers, rest[:length], rest[length:])
