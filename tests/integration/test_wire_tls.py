"""The wire over TLS, straight and through a proxy, against a server of our own authority."""

import contextlib
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from botocore.exceptions import EndpointConnectionError, SSLError
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from chalicelib.platform.wire.client import WireClient

ANSWER = b'HTTP/1.1 200 OK\r\nContent-Length: 17\r\n\r\n{"TableNames":[]}'


def certificate(folder: Path, host: str) -> Path:
    """Make a certificate of a host that signs itself; return the file that has it and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName(
                [x509.DNSName(host), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
            )
            if host == "localhost"
            else x509.SubjectAlternativeName([x509.DNSName(host)]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / f"{host}.pem"
    file.write_bytes(
        signed.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return file


@contextlib.contextmanager
def listening(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    """Serve each connection in a thread of its own; yield the port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=serve, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


class TlsServer:
    """Answers every request over TLS, and counts connections and requests."""

    def __init__(self, pem: Path) -> None:
        self.connections = 0
        self.requests = 0
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(pem)

    def serve(self, plain: socket.socket) -> None:
        with contextlib.suppress(OSError), self._context.wrap_socket(plain, server_side=True) as connection:
            self.connections += 1
            read = b""
            while block := connection.recv(65536):
                read += block
                head, end, body = read.partition(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r")[0] or 0)
                if end and len(body) >= length:
                    self.requests += 1
                    read = b""
                    connection.sendall(ANSWER)


def proxy_to(port: int, asked: list[bytes]) -> Callable[[socket.socket], None]:
    """Make a proxy that opens a tunnel to a port of this machine, whatever host it is asked for."""

    def pump(source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while block := source.recv(65536):
                target.sendall(block)
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_WR)

    def serve(client: socket.socket) -> None:
        with client, socket.create_connection(("127.0.0.1", port)) as server:
            asked.append(client.recv(65536).partition(b"\r\n")[0])
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=pump, args=(server, client), daemon=True)
            back.start()
            pump(client, server)
            back.join(5)

    return serve


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a certificate of `localhost` that this process trusts, and no other."""
    pem = certificate(tmp_path, "localhost")
    monkeypatch.setenv("AWS_CA_BUNDLE", str(pem))
    for name in ("HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    return pem


def client_of(port: int) -> WireClient:
    endpoint = f"https://localhost:{port}"
    return WireClient("dynamodb", "us-east-1", endpoint, connect_seconds=2.0, read_seconds=5.0)


def test_calls_over_tls_share_a_connection(trusted: Path):
    server = TlsServer(trusted)
    with listening(server.serve) as port, contextlib.closing(client_of(port)) as client:
        for _ in range(5):
            assert client.call("ListTables", {}) == {"TableNames": []}

    assert (server.connections, server.requests) == (1, 5)


def test_a_server_of_an_unknown_authority_is_told_nothing(trusted: Path, tmp_path: Path):
    (tmp_path / "other").mkdir()
    server = TlsServer(certificate(tmp_path / "other", "localhost"))
    with listening(server.serve) as port, pytest.raises(SSLError):
        client_of(port).call("ListTables", {})

    assert server.requests == 0


def test_a_server_with_the_certificate_of_another_host_is_told_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    pem = certificate(tmp_path, "other.example")
    monkeypatch.setenv("AWS_CA_BUNDLE", str(pem))
    server = TlsServer(pem)
    with listening(server.serve) as port, pytest.raises(SSLError):
        client_of(port).call("ListTables", {})

    assert server.requests == 0


def test_a_server_that_speaks_no_tls_is_told_nothing(trusted: Path):
    received: list[bytes] = []

    def serve(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            received.append(connection.recv(65536))
            connection.sendall(ANSWER)

    with listening(serve) as port, pytest.raises(SSLError):
        client_of(port).call("ListTables", {})
    assert not any(b"ListTables" in block for block in received)


def test_a_proxy_is_asked_for_a_tunnel_through_which_only_tls_goes(
    trusted: Path, monkeypatch: pytest.MonkeyPatch
):
    server, asked = TlsServer(trusted), list[bytes]()
    with listening(server.serve) as port, listening(proxy_to(port, asked)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy}")
        monkeypatch.setenv("NO_PROXY", "")
        with contextlib.closing(client_of(port)) as client:
            for _ in range(3):
                assert client.call("ListTables", {}) == {"TableNames": []}

    assert [line.split()[:2] for line in asked] == [[b"CONNECT", f"localhost:{port}".encode()]]
    assert (server.connections, server.requests) == (1, 3)


def test_a_proxy_that_is_not_there_is_no_connection(trusted: Path, monkeypatch: pytest.MonkeyPatch):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
    with pytest.raises(EndpointConnectionError):
        client_of(443).call("ListTables", {})
