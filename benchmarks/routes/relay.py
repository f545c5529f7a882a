"""A process between the product and its servers: the one place where requests are counted, whoever sends them.

It forwards, records, asks DynamoDB for the rows before and after each write, or answers with what was recorded, so that another
client can be measured on the same requests and answers without changing what is stored. It is told what to
do over a connection of its own.
"""

import contextlib
import itertools
import json
import re
import socket
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import astuple, dataclass, field
from multiprocessing.connection import Client, Connection, Listener
from typing import Any, BinaryIO, Literal

from benchmarks.routes.units import names, targets, write_units

# Both ends are processes of one benchmark on one machine.
_KEY = b"benchmark"
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)
_EXPECT = re.compile(rb"\r\nexpect: *100-continue", re.IGNORECASE)
_CLOSE = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)
_TARGET = re.compile(rb"\r\nx-amz-target: *[^\r]*?([A-Za-z]+)\r", re.IGNORECASE)

# A recorded answer may have been slow because the machine was busy.
LONGEST_WAIT_SECONDS = 0.02

Mode = Literal["pass", "record", "units", "replay"]
# Serves one connection: the service's name, the connection, the port of the server behind it.
Serve = Callable[[str, socket.socket, int, "_State"], None]


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request that left the process, and its answer.

    Args:
        service: which of the relay's ports it came to.
        operation: of `X-Amz-Target`, else the HTTP method.
        body: of the request.
        status: of the answer.
        answer: its body.
        sent, received: bytes of both with their heads.
        seconds: for how long the server was waited for.
        writes: the write units of its rows, in mode `units`.
    """

    service: str
    operation: str
    body: bytes
    status: int
    answer: bytes
    sent: int
    received: int
    seconds: float
    writes: float = 0.0


@dataclass
class _State:
    mode: Mode = "pass"
    exchanges: list[Exchange] = field(default_factory=list)
    answers: Iterator[tuple[float, bytes]] = field(default_factory=lambda: iter(()))


class Relay:
    """The relay as the benchmark sees it.

    Args:
        control: the port on which it takes commands.
    """

    def __init__(self, control: int) -> None:
        self._connection = Client(("127.0.0.1", control), authkey=_KEY)

    def switch(self, mode: Mode, exchanges: list[Exchange] | None = None) -> list[Exchange]:
        """Go over to another mode; return what was recorded until then.

        Args:
            mode: `pass` forwards, `record` also records, `units` also counts the units that requests
                consume, `replay` answers in turn with the answers of `exchanges`.
            exchanges: recorded ones.
        """
        self._connection.send(
            (mode, [(min(each.seconds, LONGEST_WAIT_SECONDS), _raw(each)) for each in exchanges or ()])
        )
        return [Exchange(*each) for each in self._connection.recv()]


def _raw(exchange: Exchange) -> bytes:
    """Build the answer that a client is given again, with the headers that clients look at."""
    lines = [
        f"HTTP/1.1 {exchange.status} OK",
        "Content-Type: application/x-amz-json-1.0",
        f"x-amz-crc32: {zlib.crc32(exchange.answer)}",
        f"Content-Length: {len(exchange.answer)}",
    ]
    return "\r\n".join([*lines, "", ""]).encode() + exchange.answer


def main() -> None:
    """Serve `name:port:upstream port` each, until the process is ended; the first argument is the control port."""
    control, *services = sys.argv[1:]
    state = _State()
    for service in services:
        name, port, upstream = service.split(":")
        listener = socket.create_server(("127.0.0.1", int(port)), backlog=128)
        serve = _redis if name == "redis" else _http
        threading.Thread(
            target=_accept, args=(listener, serve, name, int(upstream), state), daemon=True
        ).start()
    with Listener(("127.0.0.1", int(control)), authkey=_KEY) as commands:
        while True:
            # Whoever looks whether we are up connects and says nothing.
            with contextlib.suppress(EOFError, OSError):
                _obey(commands.accept(), state)


def _obey(commands: Connection, state: _State) -> None:
    while True:
        mode, answers = commands.recv()
        recorded, state.exchanges = state.exchanges, []
        state.answers = itertools.cycle(answers)
        state.mode = mode
        # In the other process this module has another name, and so have its classes.
        commands.send([astuple(each) for each in recorded])


def _accept(listener: socket.socket, serve: Serve, name: str, upstream: int, state: _State) -> None:
    while True:
        client, _ = listener.accept()
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=_quietly, args=(serve, name, client, upstream, state), daemon=True).start()


def _quietly(serve: Serve, name: str, client: socket.socket, upstream: int, state: _State) -> None:
    """Serve a connection until either side leaves it."""
    with client, contextlib.suppress(OSError, EOFError):
        serve(name, client, upstream, state)


def _redis(name: str, client: socket.socket, upstream: int, state: _State) -> None:
    """Forward; what comes in one piece is one round trip, for the client waits for the answer."""
    with _connect(upstream) as server:
        while request := client.recv(65536):
            server.sendall(request)
            answer = server.recv(65536)
            client.sendall(answer)
            if state.mode != "pass":
                state.exchanges.append(
                    Exchange(name, "EVALSHA", request, 200, answer, len(request), len(answer), 0.0)
                )


def _http(name: str, client: socket.socket, upstream: int, state: _State) -> None:
    requests = client.makefile("rb")
    server = _Upstream(upstream)
    with contextlib.closing(server):
        while head := _head(requests):
            if _EXPECT.search(head):
                client.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
                head = _EXPECT.sub(b"", head)
            body = _body(requests, head)
            if state.mode == "replay":
                seconds, replayed = next(state.answers)
                # A client that waits finds its caches cold, so the others have to wait as long.
                time.sleep(seconds)
                client.sendall(replayed)
                continue
            # Read before it is forwarded: the mode may change as soon as the client has its answer.
            mode = state.mode
            counted = _Counted(server, head, body) if (mode, name) == ("units", "dynamodb") else None
            asked = time.perf_counter()
            answer_head, answer = server.ask(*(counted.request if counted else (head, body)))
            seconds = time.perf_counter() - asked
            if mode in ("record", "units"):
                operation = _TARGET.search(head)
                state.exchanges.append(
                    Exchange(
                        service=name,
                        operation=operation[1].decode() if operation else head.split(b" ", 1)[0].decode(),
                        body=body,
                        status=int(answer_head.split(b" ", 2)[1]),
                        answer=answer,
                        sent=len(head) + len(body),
                        received=len(answer_head) + len(answer),
                        seconds=seconds,
                        writes=counted.writes() if counted else 0.0,
                    )
                )
            client.sendall(answer_head + answer)
            if _CLOSE.search(answer_head):
                return


class _Counted:
    """A request whose units are counted: DynamoDB is asked for its rows before and after it.

    Nobody here checks signatures, so other requests go under the client's.
    """

    def __init__(self, server: "_Upstream", head: bytes, body: bytes) -> None:
        self._server = server
        self._head = head
        self._tables: dict[str, Any] = {}
        request = json.loads(body)
        found = _TARGET.search(head)
        operation = found[1].decode() if found else ""
        self._transactional = operation.startswith("Transact")
        self._targets = list(targets(operation, request, lambda table: names(self._described(table))))
        self._before = self._rows()
        body = json.dumps({**request, "ReturnConsumedCapacity": "INDEXES"}).encode()
        self.request = self._with_length(head, body), body

    def writes(self) -> float:
        """Return the units that were written, now that the request is answered."""
        return sum(
            write_units(before, after, self._described(table), self._transactional)
            for (table, _), before, after in zip(self._targets, self._before, self._rows(), strict=True)
        )

    def _rows(self) -> list[Any]:
        return [
            self._call("GetItem", {"TableName": table, "Key": key, "ConsistentRead": True}).get("Item")
            for table, key in self._targets
        ]

    def _described(self, table: str) -> Any:
        if table not in self._tables:
            self._tables[table] = self._call("DescribeTable", {"TableName": table})["Table"]
        return self._tables[table]

    def _call(self, operation: str, request: dict[str, Any]) -> Any:
        body = json.dumps(request).encode()
        target = f"\r\nX-Amz-Target: DynamoDB_20120810.{operation}\r".encode()
        return json.loads(self._server.ask(self._with_length(_TARGET.sub(target, self._head), body), body)[1])

    @staticmethod
    def _with_length(head: bytes, body: bytes) -> bytes:
        return _LENGTH.sub(b"\r\nContent-Length: %d" % len(body), head)


class _Upstream:
    """A kept-alive connection to a server, made again when the server has closed it meanwhile."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: socket.socket | None = None

    def ask(self, head: bytes, body: bytes) -> tuple[bytes, bytes]:
        """Send a request and return head and body of the answer; the body is never chunked."""
        fresh = self._socket is None
        if self._socket is None:
            self._socket = _connect(self._port)
            self._answers = self._socket.makefile("rb")
        try:
            self._socket.sendall(head + body)
            answer_head = _head(self._answers)
        except OSError:
            answer_head = b""
        if not answer_head:
            self.close()
            if fresh:
                raise EOFError
            return self.ask(head, body)
        answer = b"" if head.startswith(b"HEAD ") else _body(self._answers, answer_head)
        if _CHUNKED.search(answer_head):
            answer_head = _CHUNKED.sub(b"\r\nContent-Length: %d" % len(answer), answer_head)
        if _CLOSE.search(answer_head):
            self.close()
        return answer_head, answer

    def close(self) -> None:
        if self._socket:
            self._answers.close()
            self._socket.close()
            self._socket = None


def _connect(port: int) -> socket.socket:
    server = socket.create_connection(("127.0.0.1", port))
    server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return server


def _head(stream: BinaryIO) -> bytes:
    """Read up to the empty line; nothing when the connection has ended."""
    lines = []
    while line := stream.readline():
        lines.append(line)
        if line == b"\r\n":
            return b"".join(lines)
    return b""


def _body(stream: BinaryIO, head: bytes) -> bytes:
    if length := _LENGTH.search(head):
        return stream.read(int(length[1]))
    pieces = []
    if _CHUNKED.search(head):
        while size := int(stream.readline().split(b";")[0], 16):
            pieces.append(stream.read(size))
            stream.readline()
        stream.readline()
    return b"".join(pieces)


if __name__ == "__main__":
    main()
