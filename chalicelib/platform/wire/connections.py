"""Kept-alive HTTP/1.1 connections to one endpoint, and one request after the other over each.

A whole call by urllib3 takes 220 µs of CPU, most of it for objects that nobody here looks at; over these it
takes 56 µs (docs/decisions/0018). They know what AWS's JSON protocols need of HTTP and no more: a body of
known length goes out, one of known length or in chunks comes back.
"""

import http.client
import ssl
import weakref
from collections import deque
from dataclasses import dataclass
from functools import cache
from socket import socket
from urllib.parse import SplitResult, urlsplit

from botocore.exceptions import (
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
    SSLError,
)
from urllib3.util.wait import wait_for_read

_BLOCK = 65_536
# A head that is longer is none of AWS.
_MAX_HEAD = 65_536
_HEAD_END = b"\r\n\r\n"
_LINE_END = b"\r\n"


@dataclass(frozen=True, slots=True)
class Response:
    """What came back; the names of the headers are in small letters."""

    status: int
    headers: dict[str, str]
    body: bytes | bytearray


class Connections:
    """The connections to an endpoint, for any number of threads.

    A connection that the server has closed is noticed before a request is sent on it, and another one taken.
    Once a request was sent, nobody can tell whether it was carried out: it is never sent again here.

    Args:
        endpoint: the server's URL.
        ca_bundle: a file of the authorities to trust.
        proxy: the URL of the proxy that leads to it, if any; it is asked for a tunnel, over plain HTTP.
        connect_seconds, read_seconds: how long it may take to connect, and to wait for data.
        size: how many are kept while nobody uses them.
    """

    def __init__(
        self,
        endpoint: str,
        *,
        ca_bundle: str,
        proxy: str | None,
        connect_seconds: float,
        read_seconds: float,
        size: int,
    ) -> None:
        self._endpoint = endpoint
        self._address: SplitResult = urlsplit(endpoint)
        self._proxy = urlsplit(proxy) if proxy else None
        self._context = _trusting(ca_bundle) if self._address.scheme == "https" else None
        self._connect_seconds = connect_seconds
        self._read_seconds = read_seconds
        # The one used last is used next, so that those too many are left to the server to close.
        self._idle: deque[socket] = deque(maxlen=size)
        weakref.finalize(self, _close_all, self._idle)

    def send(self, head: bytes, body: bytes) -> Response:
        """Send a request and return its response.

        Raises:
            BotoCoreError: there was none; the request may be carried out, unless nobody was connected to.
        """
        connection = self._kept() or self._connect()
        try:
            connection.sendall(head + body)
            response, is_kept = _receive(connection)
        except TimeoutError as error:
            connection.close()
            raise ReadTimeoutError(endpoint_url=self._endpoint, error=error) from error
        except (OSError, ValueError) as error:
            connection.close()
            raise ConnectionClosedError(endpoint_url=self._endpoint, error=error) from error
        except BaseException:
            connection.close()
            raise
        if is_kept and len(self._idle) < (self._idle.maxlen or 0):
            self._idle.append(connection)
        else:
            connection.close()
        return response

    def close(self) -> None:
        """Close the connections that nobody uses."""
        _close_all(self._idle)

    def _kept(self) -> socket | None:
        while True:
            try:
                connection = self._idle.pop()
            except IndexError:
                return None
            # Nothing was asked, so what can be read is the end, or an answer that is none of ours.
            if not wait_for_read(connection, 0):
                return connection
            connection.close()

    def _connect(self) -> socket:
        """Connect to the server, through the proxy if there is one, and check who it is."""
        host = self._address.hostname or ""
        port = self._address.port or (443 if self._context else 80)
        if self._proxy:
            connection = http.client.HTTPConnection(
                self._proxy.hostname or "", self._proxy.port or 80, timeout=self._connect_seconds
            )
            connection.set_tunnel(host, port)
        else:
            connection = http.client.HTTPConnection(host, port, timeout=self._connect_seconds)
        try:
            connection.connect()
            connected: socket = connection.sock
            if self._context:
                connected = self._context.wrap_socket(connected, server_hostname=host)
        except TimeoutError as error:
            raise ConnectTimeoutError(endpoint_url=self._endpoint, error=error) from error
        except ssl.SSLError as error:
            raise SSLError(endpoint_url=self._endpoint, error=error) from error
        except OSError as error:
            raise EndpointConnectionError(endpoint_url=self._endpoint, error=error) from error
        connected.settimeout(self._read_seconds)
        return connected


@cache
def _trusting(ca_bundle: str) -> ssl.SSLContext:
    """Return what checks who servers are; reading the authorities takes some 10 ms, so it is done once."""
    return ssl.create_default_context(cafile=ca_bundle)


def _close_all(idle: deque[socket]) -> None:
    while idle:
        idle.pop().close()


def _receive(connection: socket) -> tuple[Response, bool]:
    """Return the response to the request that was just sent, and whether another may follow.

    Raises:
        OSError: the connection ended too early.
        ValueError: what came is not HTTP.
    """
    read = bytearray()
    while (end := read.find(_HEAD_END)) < 0:
        if len(read) > _MAX_HEAD:
            raise ValueError("The head of the response does not end.")
        read += _next(connection)
    version_and_status, *lines = read[:end].decode("latin-1").split("\r\n")
    version, status = version_and_status.split(" ", 2)[:2]
    headers = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    del read[: end + len(_HEAD_END)]
    is_kept = version == "HTTP/1.1" and headers.get("connection", "").lower() != "close"
    if "chunked" in headers.get("transfer-encoding", "").lower():
        body = _chunks(connection, read)
    else:
        # An AWS service always says how long its answer is; int() complains of one that does not.
        body = _of_length(connection, read, int(headers.get("content-length", "")))
    return Response(int(status), headers, body), is_kept


def _of_length(connection: socket, read: bytearray, length: int) -> bytearray:
    if length < len(read):
        raise ValueError("The response is longer than it says.")
    missing = length - len(read)
    if missing:
        place = len(read)
        read += bytes(missing)
        view = memoryview(read)
        while place < length:
            received = connection.recv_into(view[place:])
            if not received:
                raise ConnectionError("The connection ended within the response.")
            place += received
    return read


def _chunks(connection: socket, read: bytearray) -> bytearray:
    body = bytearray()
    while True:
        size = int(_line(connection, read).partition(b";")[0], 16)
        while len(read) < size + len(_LINE_END):
            read += _next(connection)
        body += read[:size]
        del read[: size + len(_LINE_END)]
        if not size:
            return body


def _line(connection: socket, read: bytearray) -> bytearray:
    while (end := read.find(_LINE_END)) < 0:
        read += _next(connection)
    line = read[:end]
    del read[: end + len(_LINE_END)]
    return line


def _next(connection: socket) -> bytes:
    block = connection.recv(_BLOCK)
    if not block:
        raise ConnectionError("The connection ended within the response.")
    return block
