"""The routes behind the local gateway and a real socket, for what happens below HTTP's comfortable surface."""

import socket
import threading
from dataclasses import dataclass

from infra.local.processes import free_port
from infra.local.serve import make_server

ANSWER_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """What came back over the connection until it was closed; header names are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes
    rest: bytes


class Served:
    """The gateway over the wiring of this process, in threads of its own."""

    def __init__(self) -> None:
        self.port = free_port()
        self._server = make_server(self.port, "local").server
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), ANSWER_SECONDS)

    def send(self, head: str | bytes, body: bytes = b"") -> RawAnswer:
        """Send a request line with headers, and read what comes back; the connection is not used again."""
        head = head.encode() if isinstance(head, str) else head
        with self.connect() as connection:
            connection.sendall(head.rstrip(b"\r\n").replace(b"\n", b"\r\n") + b"\r\n\r\n" + body)
            connection.shutdown(socket.SHUT_WR)
            return parsed(received(connection))

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def received(connection: socket.socket) -> bytes:
    """Read until the other side closes; a reset ends the reading as well."""
    content = b""
    try:
        while piece := connection.recv(65536):
            content += piece
    except ConnectionResetError:
        pass
    return content


def parsed(content: bytes) -> RawAnswer:
    """Take the first answer apart; what follows its body is the rest."""
    head, _, rest = content.partition(b"\r\n\r\n")
    status_line, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    length = int(headers.get("content-length", 0))
    return RawAnswer(int(status_line.split()[1]), headers, rest[:length], rest[length:])
