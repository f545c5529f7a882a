"""The least that a call's requests to DynamoDB and SQS can cost: sent again by others, to recorded answers."""

import hashlib
import hmac
import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import botocore.session
import msgspec
import urllib3
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError

from benchmarks.routes.relay import Exchange
from benchmarks.routes.world import Servers
from infra.clients import CREDENTIALS, REGION

Floor = Callable[[], None]

_TARGETS = {"dynamodb": "DynamoDB_20120810", "cloud": "AmazonSQS"}
_SERVICES = {"dynamodb": "dynamodb", "cloud": "sqs"}


class Signer:
    """Signs requests to one service (AWS Signature Version 4) with nothing but what it takes.

    Args:
        service: the name that is signed for.
        host: of the endpoint, with its port.
        version: of the service's JSON protocol.
    """

    def __init__(self, service: str, host: str, version: str) -> None:
        self._service = service
        self._host = host
        self._type = f"application/x-amz-json-{version}"
        self._day = ""
        self._key = b""

    def headers(self, target: str, body: bytes, now: datetime) -> dict[str, str]:
        """Return the headers of a request with this `X-Amz-Target`."""
        moment = f"{now:%Y%m%dT%H%M%SZ}"
        if moment[:8] != self._day:
            self._day, self._key = moment[:8], self._key_of(moment[:8])
        scope = f"{self._day}/{REGION}/{self._service}/aws4_request"
        names = "content-type;host;x-amz-date;x-amz-target"
        canonical = (
            f"POST\n/\n\ncontent-type:{self._type}\nhost:{self._host}\nx-amz-date:{moment}\nx-amz-target:{target}\n"
            f"\n{names}\n{hashlib.sha256(body).hexdigest()}"
        )
        text = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        signature = hmac.digest(self._key, text.encode(), "sha256").hex()
        credential = f"Credential={CREDENTIALS['AWS_ACCESS_KEY_ID']}/{scope}"
        return {
            "Content-Type": self._type,
            "Host": self._host,
            "X-Amz-Date": moment,
            "X-Amz-Target": target,
            "Authorization": f"AWS4-HMAC-SHA256 {credential}, SignedHeaders={names}, Signature={signature}",
        }

    def _key_of(self, day: str) -> bytes:
        key = f"AWS4{CREDENTIALS['AWS_SECRET_ACCESS_KEY']}".encode()
        for part in (day, REGION, self._service, "aws4_request"):
            key = hmac.digest(key, part.encode(), "sha256")
        return key


class Floors:
    """Makes the three floors of recorded exchanges; their clients are made once."""

    def __init__(self, servers: Servers) -> None:
        session = botocore.session.get_session()
        config = Config(retries={"total_max_attempts": 1, "mode": "standard"})
        self._clients: dict[str, Any] = {}
        self._pools: dict[str, urllib3.HTTPConnectionPool] = {}
        self._signers: dict[str, Signer] = {}
        for service, url in (("dynamodb", servers.dynamodb), ("cloud", servers.cloud)):
            host, _, port = url.removeprefix("http://").partition(":")
            self._clients[service] = session.create_client(
                _SERVICES[service], region_name=REGION, endpoint_url=url, config=config
            )
            self._pools[service] = urllib3.HTTPConnectionPool(host, int(port), maxsize=1)
            self._signers[service] = Signer(_SERVICES[service], f"{host}:{port}", "1.0")

    def botocore(self, exchanges: Sequence[Exchange]) -> Floor:
        """Return what makes the same calls by botocore's clients, from parameters to parsed answers."""
        calls = [
            (getattr(self._clients[each.service], xform_name(each.operation)), json.loads(each.body))
            for each in exchanges
        ]

        def call() -> None:
            for operation, parameters in calls:
                # A cancelled transaction is an answer as good as others.
                with suppress(ClientError):
                    operation(**parameters)

        return call

    def wire(self, exchanges: Sequence[Exchange]) -> Floor:
        """Return what makes the same calls by urllib3, a signature and msgspec."""
        calls = [
            (each.service, f"{_TARGETS[each.service]}.{each.operation}", json.loads(each.body))
            for each in exchanges
        ]

        def call() -> None:
            for service, target, parameters in calls:
                body = msgspec.json.encode(parameters)
                headers = self._signers[service].headers(target, body, datetime.now(UTC))
                answer = self._pools[service].urlopen("POST", "/", body, headers, retries=False)
                msgspec.json.decode(answer.data)

        return call

    def json(self, exchanges: Sequence[Exchange]) -> Floor:
        """Return what writes the same requests and reads the same answers, by the standard library's json."""
        calls = [(json.loads(each.body), each.answer) for each in exchanges]

        def call() -> None:
            for parameters, answer in calls:
                json.dumps(parameters).encode()
                json.loads(answer)

        return call


def replayable(exchanges: Sequence[Exchange]) -> list[Exchange]:
    """Return the calls of DynamoDB and SQS among all that were recorded."""
    return [each for each in exchanges if each.service == "dynamodb" or each.operation == "SendMessageBatch"]
