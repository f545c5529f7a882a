"""A client of AWS's JSON protocols that does what our hot calls need and nothing else (docs/decisions/0018).

Who we are, where a service is and whom to trust still comes from botocore's session, so that roles, profiles,
containers and the variables of the AWS tools work as everywhere. Errors are botocore's own.
"""

import copy
import time
import zlib
from binascii import a2b_base64
from collections.abc import Mapping
from threading import Lock
from typing import Any, TypeVar
from urllib.parse import urlsplit

import msgspec
from botocore.awsrequest import AWSPreparedRequest
from botocore.configprovider import ConfiguredEndpointProvider
from botocore.exceptions import (
    ChecksumError,
    ClientError,
    HTTPClientError,
    NoCredentialsError,
    UnknownEndpointError,
)
from botocore.httpsession import get_cert_path
from botocore.regions import EndpointResolver
from botocore.session import Session
from botocore.utils import get_environ_proxies

from chalicelib.platform.aws import session
from chalicelib.platform.wire.connections import Connections, Response
from chalicelib.platform.wire.signature import Signer

POOL_SIZE = 50

# How each service is named in requests.
TARGETS = {"dynamodb": "DynamoDB_20120810", "sqs": "AmazonSQS"}
_CONTENT_TYPE = "application/x-amz-json-1.0"
_USER_AGENT = "stockroom"

_encode = msgspec.json.Encoder().encode
_ANYTHING = msgspec.json.Decoder[dict[str, Any]](dict[str, Any])

T = TypeVar("T")


class WireClient:
    """One service, and one attempt a call.

    Each request passes botocore's event `before-send.<service>.<operation>` of the session's emitter, of
    which `events` is a copy, signed and ready: what answers it there, answers the call. Tests stand there.

    Args:
        service: `dynamodb` or `sqs`.
        region: whose service.
        endpoint: where it is, if it is not where AWS's own tools would look for it.
        connect_seconds, read_seconds: how long an attempt may take to connect, and may wait for data.
    """

    def __init__(
        self, service: str, region: str, endpoint: str | None, *, connect_seconds: float, read_seconds: float
    ) -> None:
        self._service = service
        self._session = session()
        self.events = copy.copy(self._session.get_component("event_emitter"))
        self.endpoint = endpoint or _endpoint(self._session, service, region)
        address = urlsplit(self.endpoint)
        path = address.path or "/"
        self._url = f"{address.scheme}://{address.netloc}{path}"
        self._host = address.netloc
        self._request_line = f"POST {path} HTTP/1.1\r\n"
        self._signer = Signer(service, region, path)
        self._connections = Connections(
            self.endpoint,
            ca_bundle=str(get_cert_path(self._session.get_config_variable("ca_bundle") or True)),
            proxy=get_environ_proxies(self.endpoint).get(address.scheme),
            connect_seconds=connect_seconds,
            read_seconds=read_seconds,
            size=POOL_SIZE,
        )
        self._credentials: Any = None
        self._finding_credentials = Lock()

    def call(self, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Carry out an operation, and return its answer as botocore would.

        Raises:
            ClientError: the service refused it.
            BotoCoreError: there was no answer; the operation may or may not be carried out.
        """
        body = self._exchange(operation, parameters).body
        answer = _decode(_ANYTHING, body)
        # Only values of these types are not what they look like in JSON, and our tables have none.
        if b'"B"' in body or b'"BS"' in body:
            answer = _with_bytes(answer)
        return answer

    def call_typed(self, operation: str, parameters: Mapping[str, Any], answer: msgspec.json.Decoder[T]) -> T:
        """Carry out an operation, and return its answer as this decoder reads it; see `call`."""
        return _decode(answer, self._exchange(operation, parameters).body)

    def close(self) -> None:
        """Close the connections that nobody uses."""
        self._connections.close()

    def _exchange(self, operation: str, parameters: Mapping[str, Any]) -> Response:
        body = _encode(parameters)
        headers = {
            "Host": self._host,
            "User-Agent": _USER_AGENT,
            "Content-Type": _CONTENT_TYPE,
            "Content-Length": str(len(body)),
            "X-Amz-Target": f"{TARGETS[self._service]}.{operation}",
        }
        now = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        self._signer.sign(headers, body, self._frozen_credentials(), now)
        response = self._answered(operation, headers, body)
        if response is None:
            lines = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
            response = self._connections.send(f"{self._request_line}{lines}\r\n".encode("latin-1"), body)
        expected = response.headers.get("x-amz-crc32")
        if expected is not None and (actual := str(zlib.crc32(response.body))) != expected:
            raise ChecksumError(checksum_type="crc32", expected_checksum=expected, actual_checksum=actual)
        if response.status >= 300:
            raise _error(operation, response)
        return response

    def _answered(self, operation: str, headers: Any, body: bytes) -> Response | None:
        """Return the answer of whoever stands between us and the network, if there is anybody."""
        request = AWSPreparedRequest("POST", self._url, headers, body, False)
        for _, answer in self.events.emit(f"before-send.{self._service}.{operation}", request=request):
            if answer is not None:
                of = {name.lower(): value for name, value in answer.headers.items()}
                return Response(answer.status_code, of, answer.content)
        return None

    def _frozen_credentials(self) -> Any:
        """Return who we are now; credentials that end are renewed by botocore, before they do."""
        if self._credentials is None:
            with self._finding_credentials:
                self._credentials = self._session.get_credentials()
            if self._credentials is None:
                raise NoCredentialsError
        return self._credentials.get_frozen_credentials()


def _endpoint(session: Session, service: str, region: str) -> str:
    """Return where a service is, as botocore's clients find it but for endpoints of single accounts."""
    variable = session.get_config_variable
    if not variable("ignore_configured_endpoint_urls"):
        provider = ConfiguredEndpointProvider(session.full_config, session.get_scoped_config(), service)
        if configured := provider.provide():
            return str(configured)
    found = EndpointResolver(session.get_data("endpoints")).construct_endpoint(
        service,
        region,
        use_dualstack_endpoint=bool(variable("use_dualstack_endpoint")),
        use_fips_endpoint=bool(variable("use_fips_endpoint")),
    )
    if found is None:
        raise UnknownEndpointError(service_name=service, region_name=region)
    return f"https://{found['hostname']}"


def _decode(decoder: msgspec.json.Decoder[T], body: bytes | bytearray) -> T:
    try:
        return decoder.decode(body or b"{}")
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError as error:
        raise HTTPClientError(error=error) from error


def _with_bytes(value: Any) -> Any:
    """Return what was decoded with the values of the types B and BS as bytes."""
    if isinstance(value, list):
        return [_with_bytes(entry) for entry in value]
    if not isinstance(value, dict):
        return value
    match value:
        case {"B": str(encoded)} if len(value) == 1:
            return {"B": a2b_base64(encoded)}
        case {"BS": [str(), *_] as encoded} if len(value) == 1:
            return {"BS": [a2b_base64(entry) for entry in encoded]}
    return {name: _with_bytes(entry) for name, entry in value.items()}


def _error(operation: str, response: Response) -> ClientError:
    """Make what botocore raises; PynamoDB reads it."""
    try:
        content = _with_bytes(_ANYTHING.decode(response.body))
    except msgspec.DecodeError:
        content = {}
    code = str(content.pop("__type", None) or content.get("code") or response.status)
    message = content.get("message") or content.get("Message") or ""
    # `com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException`, and some add a colon and a URL.
    content["Error"] = {"Code": code.rpartition("#")[2].partition(":")[0], "Message": message}
    content["ResponseMetadata"] = {"HTTPStatusCode": response.status, "HTTPHeaders": response.headers}
    return ClientError(content, operation)
