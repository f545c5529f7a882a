"""What a call to AWS costs this process: by botocore, by parts of it, and over our own wire.

A server in a process of its own answers every request with what DynamoDB and SQS answered, so that nothing is
measured but what a function pays for. All ways are measured in turns within one run; compare the columns of a
run, not those of two.
"""

import argparse
import json
import os
import socket
import statistics
import threading
import time
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from multiprocessing import Process
from typing import Any

import msgspec
import urllib3
from botocore.config import Config
from botocore.credentials import ReadOnlyCredentials
from botocore.session import get_session
from rich.console import Console
from rich.table import Table

from chalicelib.inventory.storage.tables import StockItem
from chalicelib.platform.dynamodb.items import page_of
from chalicelib.platform.wire.client import TARGETS, WireClient
from chalicelib.platform.wire.signature import Signer
from infra.local.processes import accepts_connections, free_port

REGION = "us-east-1"
ROUNDS = 7


def stock_rows(number: int) -> bytes:
    """Return what DynamoDB answers to a listing."""
    rows = [
        {
            "store_id": {"N": "7"},
            "product_id": {"N": str(product)},
            "title_key": {"S": f"a cordless drill, number {product}"},
            "title": {"S": f"A cordless drill, number {product}"},
            "price": {"N": "129.9"},
            "category_name": {"S": "Tools"},
            "quantity": {"N": "41"},
            "supplied": {"N": "60"},
            "product_version": {"N": "3"},
        }
        for product in range(number)
    ]
    return msgspec.json.encode({"Items": rows, "Count": number, "ScannedCount": number})


ANSWERS = {
    "Query 320": stock_rows(320),
    "Query 20": stock_rows(20),
    "TransactWriteItems": b"{}",
    "SendMessageBatch": b'{"Successful":[{"Id":"0","MessageId":"5fea7756","MD5OfMessageBody":"a"}]}',
}
_LINE = {
    "TableName": "stockroom-local-inventory",
    "Key": {"store_id": {"N": "7"}, "product_id": {"N": "10"}},
    "UpdateExpression": "SET #0 = #0 - :0",
    "ConditionExpression": "(#0 >= :0 AND #1 = :1 AND #2 = :2)",
    "ExpressionAttributeNames": {"#0": "quantity", "#1": "title", "#2": "price"},
    "ExpressionAttributeValues": {":0": {"N": "2"}, ":1": {"S": "A cordless drill"}, ":2": {"N": "129.90"}},
    "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
}
_ORDER = {
    "id": {"N": "712345678901234"},
    "status": {"S": "confirmed"},
    "lines": {
        "L": [{"M": {"product_id": {"N": "10"}, "title": {"S": "A drill"}, "price": {"N": "129.90"}}}] * 2
    },
}
_QUERY = {
    "TableName": "stockroom-local-inventory",
    "IndexName": "by_title",
    "KeyConditionExpression": "#0 = :0",
    "ExpressionAttributeNames": {"#0": "store_id"},
    "ExpressionAttributeValues": {":0": {"N": "7"}},
    "ConsistentRead": True,
}
REQUESTS: dict[str, tuple[str, dict[str, Any]]] = {
    "Query 320": ("dynamodb", _QUERY | {"Limit": 320}),
    "Query 20": ("dynamodb", _QUERY | {"Limit": 20}),
    "TransactWriteItems": (
        "dynamodb",
        {
            "TransactItems": [
                {"Update": _LINE},
                {"Update": _LINE},
                {"Put": {"TableName": "stockroom-local-orders", "Item": _ORDER}},
            ],
            "ClientRequestToken": "0123456789abcdef",
        },
    ),
    "SendMessageBatch": (
        "sqs",
        {
            "QueueUrl": "http://localhost/000000000000/order-confirmations",
            "Entries": [{"Id": "0", "MessageBody": '{"order_id":712345678901234}', "DelaySeconds": 0}],
        },
    ),
}


def serve(port: int) -> None:
    """Answer every request, by its operation and, for a Query, its limit."""

    def answer(connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        read = b""
        while True:
            while b"\r\n\r\n" not in read:
                if not (block := connection.recv(65536)):
                    return
                read += block
            head, _, read = read.partition(b"\r\n\r\n")
            headers = dict(line.split(b": ", 1) for line in head.lower().split(b"\r\n")[1:])
            length = int(headers[b"content-length"])
            while len(read) < length:
                read += connection.recv(65536)
            body, read = read[:length], read[length:]
            operation = headers[b"x-amz-target"].rpartition(b".")[2]
            name = next(name for name in ANSWERS if name.lower().startswith(operation.decode()))
            if operation == b"query":
                name = f"Query {json.loads(body)['Limit']}"
            content = ANSWERS[name]
            lines = [
                "HTTP/1.1 200 OK", "Server: Server", "Date: Sat, 31 Jan 2026 12:00:00 GMT",
                "Content-Type: application/x-amz-json-1.0", f"Content-Length: {len(content)}",
                "Connection: keep-alive", "x-amzn-RequestId: 0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ01234567890ABCDE",
                f"x-amz-crc32: {zlib.crc32(content)}",
            ]  # fmt: skip
            connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + content)

    with socket.create_server(("127.0.0.1", port)) as listener:
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=answer, args=(connection,), daemon=True).start()


class Plain:
    """The floor of the issue: urllib3, a signature and msgspec, and nothing around them."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._pool = urllib3.HTTPConnectionPool("127.0.0.1", port, maxsize=1)
        self._signers = {service: Signer(service, REGION, "/") for service in TARGETS}
        self._credentials: Any = ReadOnlyCredentials("test", "test", None)

    def call(self, service: str, operation: str, parameters: dict[str, Any]) -> Any:
        """Carry out an operation."""
        body = msgspec.json.encode(parameters)
        headers = {
            "Host": f"127.0.0.1:{self._port}",
            "Content-Type": "application/x-amz-json-1.0",
            "X-Amz-Target": f"{TARGETS[service]}.{operation}",
        }
        now = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
        self._signers[service].sign(headers, body, self._credentials, now)
        response = self._pool.urlopen("POST", "/", body=body, headers=headers, retries=False)
        return msgspec.json.decode(response.data)


def ways(port: int) -> dict[str, Callable[[str], Any]]:
    """Return each way to make a call of `REQUESTS`."""
    url = f"http://127.0.0.1:{port}"
    config = Config(parameter_validation=False, retries={"total_max_attempts": 1})

    def botocore_clients() -> dict[str, Any]:
        return {
            service: get_session().create_client(service, region_name=REGION, endpoint_url=url, config=config)
            for service in TARGETS
        }

    whole, patched = botocore_clients(), botocore_clients()
    for client in patched.values():
        # Serializing what has its final form already, and parsing without looking at the service's model.
        client._serializer = _Serializer(client._serializer)
        client._endpoint._response_parser_factory = _Parsers()
    wire = {
        service: WireClient(service, REGION, url, connect_seconds=1, read_seconds=5) for service in TARGETS
    }
    plain, typed = Plain(port), page_of(StockItem)

    def by(call: Callable[[str, str, dict[str, Any]], Any]) -> Callable[[str], Any]:
        return lambda name: call(REQUESTS[name][0], name.split()[0], REQUESTS[name][1])

    def typed_wire(service: str, operation: str, parameters: dict[str, Any]) -> Any:
        if operation == "Query":
            return wire[service].call_typed(operation, parameters, typed)
        return wire[service].call(operation, parameters)

    return {
        "botocore": by(lambda service, *of: whole[service]._make_api_call(*of)),
        "its serializer and parser replaced": by(lambda service, *of: patched[service]._make_api_call(*of)),
        "urllib3, signature, msgspec": by(plain.call),
        "our wire": by(lambda service, *of: wire[service].call(*of)),
        "our wire, typed": by(typed_wire),
    }


class _Serializer:
    def __init__(self, theirs: Any) -> None:
        self._theirs = theirs

    def serialize_to_request(self, parameters: dict[str, Any], model: Any) -> dict[str, Any]:
        request: dict[str, Any] = self._theirs.serialize_to_request({}, model)
        request["body"] = msgspec.json.encode(parameters)
        return request


class _Parsers:
    def create_parser(self, _: str) -> "_Parsers":
        return self

    def parse(self, response: dict[str, Any], _: Any) -> dict[str, Any]:
        return {**msgspec.json.decode(response["body"]), "ResponseMetadata": {}}


def measure(way: Callable[[str], Any], name: str, calls: int) -> float:
    """Return the CPU time of a call in microseconds."""
    begin = time.process_time()
    for _ in range(calls):
        way(name)
    return (time.process_time() - begin) / calls * 1e6


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--calls", type=int, default=60, help="how many calls make one figure")
    calls = parser.parse_args().calls
    os.environ |= dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), "test")
    port = free_port()
    server = Process(target=serve, args=(port,), daemon=True)
    server.start()
    while not accepts_connections(port):
        time.sleep(0.01)
    found = ways(port)
    figures: dict[str, dict[str, list[float]]] = {way: {name: [] for name in REQUESTS} for way in found}
    for round_ in range(ROUNDS + 1):
        for way, call in found.items():
            for name in REQUESTS:
                figure = measure(call, name, calls)
                if round_:
                    figures[way][name].append(figure)
    server.terminate()
    table = Table("µs of CPU a call", *REQUESTS, title="A call to AWS")
    for way, of in figures.items():
        medians = {name: statistics.median(values) for name, values in of.items()}
        table.add_row(way, *(f"{medians[name]:.0f}" for name in REQUESTS))
    Console().print(table)


if __name__ == "__main__":
    main()
