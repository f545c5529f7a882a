"""What the wire makes of what comes back, and of what does not."""

import contextlib
import socket
import threading
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from botocore.credentials import RefreshableCredentials
from botocore.exceptions import (
    ChecksumError,
    ClientError,
    ConnectionClosedError,
    EndpointConnectionError,
    HTTPClientError,
    NoCredentialsError,
    ReadTimeoutError,
)

from chalicelib.errors import Unavailable
from chalicelib.platform import aws
from chalicelib.platform.aws import transient_as_unavailable
from chalicelib.platform.wire.client import WireClient

Answer = bytes | Callable[[socket.socket], None]


def http(body: bytes = b"{}", *headers: str, status: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Server:
    """Gives each connection its list of answers, and closes it after the last."""

    def __init__(self, *connections: list[Answer]) -> None:
        self.heads: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, args=(connections,), daemon=True)
        self._thread.start()

    def _serve(self, connections) -> None:
        for answers in connections:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                for answer in answers:
                    self.heads.append(self._read(connection))
                    answer(connection) if callable(answer) else connection.sendall(answer)

    def _read(self, connection: socket.socket) -> bytes:
        read = b""
        while b"\r\n\r\n" not in read:
            read += connection.recv(65536)
        head, _, body = read.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r")[0])
        while len(body) < length:
            body += connection.recv(65536)
        return head

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)


@contextlib.contextmanager
def serving(*connections: list[Answer], read_seconds: float = 2.0) -> Iterator[tuple[Server, WireClient]]:
    server = Server(*connections)
    client = WireClient("dynamodb", "us-east-1", server.url, connect_seconds=0.5, read_seconds=read_seconds)
    try:
        yield server, client
    finally:
        client.close()
        server.close()


def test_calls_share_a_connection_and_say_what_they_are():
    with serving([http(b'{"Item":{"id":{"N":"1"}}}'), http(), http()]) as (server, client):
        assert client.call("GetItem", {"TableName": "x"}) == {"Item": {"id": {"N": "1"}}}
        client.call("Query", {})
    head = server.heads[0].decode()
    assert head.startswith("POST / HTTP/1.1\r\n")
    assert "X-Amz-Target: DynamoDB_20120810.GetItem\r\n" in head
    assert "Content-Type: application/x-amz-json-1.0\r\n" in head
    assert len(server.heads) == 2


def test_a_connection_that_the_server_closed_meanwhile_is_not_used_again():
    with serving([http()], [http(b'{"Count":2}')]) as (_, client):
        client.call("Query", {})
        _until_closed(client)
        assert client.call("Query", {}) == {"Count": 2}


def test_a_connection_that_the_server_says_it_closes_is_not_used_again():
    with serving([http(b"{}", "Connection: close")], [http()]) as (server, client):
        client.call("Query", {})
        client.call("Query", {})
    assert len(server.heads) == 2


def test_a_request_is_sent_once_when_its_connection_ends_without_an_answer():
    with serving([http(), lambda _: None], [http()]) as (server, client):
        client.call("PutItem", {})
        with pytest.raises(ConnectionClosedError):
            client.call("PutItem", {})
        assert len(server.heads) == 2


@pytest.mark.parametrize(
    "answer",
    [
        http(b"{}x")[:-2],
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n{}",
        b"no HTTP\r\n\r\n",
        b"x" * 100_000,
    ],
)
def test_an_answer_that_is_cut_off_or_none_of_http_is_none(answer: bytes):
    with serving([answer], [http()]) as (_, client), pytest.raises(ConnectionClosedError):
        client.call("Query", {})


def test_an_answer_that_is_not_json_is_none():
    with serving([http(b"<html>")]) as (_, client), pytest.raises(HTTPClientError):
        client.call("Query", {})


def test_an_answer_in_chunks_and_pieces_is_read_whole():
    def in_pieces(connection: socket.socket) -> None:
        for byte in (
            b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9;x=y\r\n{"Count":\r\n2\r\n3}\r\n0\r\n\r\n'
        ):
            connection.sendall(bytes([byte]))

    with serving([in_pieces, in_pieces]) as (_, client):
        assert [client.call("Query", {}) for _ in range(2)] == [{"Count": 3}] * 2


def test_a_long_answer_is_read_whole():
    body = msgspec.json.encode({"Items": [{"title": {"S": "x" * 1000}}] * 1000})
    with serving([http(body, f"x-amz-crc32: {zlib.crc32(body)}")]) as (_, client):
        assert client.call("Query", {}) == msgspec.json.decode(body)


def test_an_answer_whose_checksum_is_another_is_none():
    with serving([http(b"{}", "x-amz-crc32: 1")]) as (_, client), pytest.raises(ChecksumError):
        client.call("Query", {})


def test_a_server_that_does_not_answer_is_given_up():
    with (
        serving([lambda connection: connection.recv(1)], read_seconds=0.1) as (_, client),
        pytest.raises(ReadTimeoutError),
    ):
        client.call("Query", {})


def test_a_port_where_nobody_listens_is_given_up():
    with serving() as (server, client):
        server.close()
        with pytest.raises(EndpointConnectionError):
            client.call("Query", {})


@pytest.mark.parametrize(
    ("status", "body", "code", "message"),
    [
        ("400 Bad Request", b'{"__type":"com.amazonaws.dynamodb.v20120810#A","message":"m"}', "A", "m"),
        ("400 Bad Request", b'{"__type":"com.amazon.coral.validate#B:http://x/","Message":"m"}', "B", "m"),
        ("503 Busy", b"<html>", "503", ""),
        ("500 Broken", b"", "500", ""),
    ],
)
def test_an_error_has_the_code_and_message_that_botocore_finds(status, body, code, message):
    with serving([http(body, status=status)]) as (_, client), pytest.raises(ClientError) as raised:
        client.call("Query", {})
    assert raised.value.response["Error"] == {"Code": code, "Message": message}
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == int(status[:3])
    assert raised.value.operation_name == "Query"


@pytest.mark.parametrize(
    "answer",
    [
        http(b"{}", "x-amz-crc32: 1"),
        http(b"<html>"),
        http(b"<html>", status="503 Busy"),
        http(b'{"__type":"x#ThrottlingException"}', status="400 Bad Request"),
        lambda _: None,
    ],
)
def test_whatever_may_go_better_the_next_time_is_unavailable(answer: Answer):
    with (
        serving([answer]) as (_, client),
        pytest.raises(Unavailable),
        transient_as_unavailable("DynamoDB"),
    ):
        client.call("Query", {})


def test_without_credentials_nothing_is_sent_and_the_next_call_looks_again(monkeypatch: pytest.MonkeyPatch):
    with serving([http()]) as (server, client):
        with monkeypatch.context() as patched:
            patched.setattr(aws.session(), "get_credentials", lambda: None)
            with pytest.raises(NoCredentialsError):
                client.call("Query", {})
        assert not server.heads
        client.call("Query", {})


def test_credentials_that_end_are_renewed(monkeypatch: pytest.MonkeyPatch):
    given = []

    def renewed() -> dict[str, str]:
        given.append(f"key{len(given)}")
        # Within the time before the end in which botocore renews them.
        end = datetime.now(UTC) + timedelta(minutes=5)
        return {
            "access_key": given[-1],
            "secret_key": "test",
            "token": f"token{len(given)}",
            "expiry_time": end.isoformat(),
        }

    credentials = RefreshableCredentials.create_from_metadata(renewed(), renewed, "test")
    monkeypatch.setattr(aws.session(), "get_credentials", lambda: credentials)
    with serving([http(), http()]) as (server, client):
        for _ in range(2):
            client.call("Query", {})
    assert [head.partition(b"Credential=")[2].partition(b"/")[0] for head in server.heads] == [
        b"key1",
        b"key2",
    ]
    assert b"X-Amz-Security-Token: token3\r\n" in server.heads[1]


@pytest.mark.parametrize(
    ("environment", "service", "region", "endpoint"),
    [
        ({}, "dynamodb", "eu-central-1", "https://dynamodb.eu-central-1.amazonaws.com"),
        ({}, "sqs", "eu-central-1", "https://sqs.eu-central-1.amazonaws.com"),
        ({}, "dynamodb", "cn-north-1", "https://dynamodb.cn-north-1.amazonaws.com.cn"),
        ({"AWS_USE_FIPS_ENDPOINT": "true"}, "sqs", "us-east-1", "https://sqs-fips.us-east-1.amazonaws.com"),
        ({"AWS_ENDPOINT_URL": "http://one"}, "dynamodb", "us-east-1", "http://one"),
        ({"AWS_ENDPOINT_URL_SQS": "http://two"}, "sqs", "us-east-1", "http://two"),
        (
            {"AWS_ENDPOINT_URL": "http://x", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"},
            "sqs",
            "us-east-1",
            "https://sqs.us-east-1.amazonaws.com",
        ),
    ],
)
def test_a_service_is_looked_for_where_botocore_looks(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], service: str, region: str, endpoint: str
):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    aws.session.cache_clear()
    try:
        client = WireClient(service, region, None, connect_seconds=1, read_seconds=1)
        theirs = aws.session().create_client(service, region_name=region)
    finally:
        aws.session.cache_clear()
    assert client.endpoint == endpoint == theirs.meta.endpoint_url


def _until_closed(client: WireClient) -> None:
    (connection,) = client._connections._idle
    connection.settimeout(2)
    assert connection.recv(1, socket.MSG_PEEK) == b""
