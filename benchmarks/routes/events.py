"""Events as API Gateway (REST, proxy) makes them of a browser's requests, and what Lambda passes beside them."""

import json
import uuid
from typing import Any
from urllib.parse import parse_qs

from chalice.local import LambdaContext

Event = dict[str, Any]

# What a request through API Gateway carries at least; Chalice looks at all of them.
_HEADERS = {
    "Accept": "application/json, text/plain, */*",
    "Accept-Encoding": "gzip, deflate, br",
    "Accept-Language": "en-US,en;q=0.9",
    "CloudFront-Forwarded-Proto": "https",
    "CloudFront-Is-Desktop-Viewer": "true",
    "CloudFront-Viewer-Country": "DE",
    "Host": "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com",
    "Origin": "https://shop.example",
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36",
    "Via": "2.0 f0e1d2c3b4a5968778695a4b3c2d1e0f.cloudfront.net (CloudFront)",
    "X-Amzn-Trace-Id": "Root=1-68b1c2d3-0123456789abcdef01234567",
    "X-Forwarded-For": "203.0.113.7, 198.51.100.9",
    "X-Forwarded-Port": "443",
    "X-Forwarded-Proto": "https",
}
_STAGE = "v1"


def http_event(
    method: str,
    resource: str,
    *,
    query: str = "",
    body: object = None,
    token: str = "",
    **parameters: int | str,
) -> Event:
    """Build the event of a request.

    Args:
        method: the HTTP method.
        resource: the path as it is declared, with its parameters in braces.
        query: the query string.
        body: becomes JSON.
        token: an access token.
        parameters: of the path.
    """
    path = resource.format(**parameters)
    headers = dict(_HEADERS)
    if body is not None:
        headers["Content-Type"] = "application/json"
    if token:
        headers["Authorization"] = f"Bearer {token}"
    values = parse_qs(query)
    return {
        "resource": resource,
        "path": path,
        "httpMethod": method,
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": {name: found[-1] for name, found in values.items()} or None,
        "multiValueQueryStringParameters": values or None,
        "pathParameters": {name: str(value) for name, value in parameters.items()} or None,
        "stageVariables": None,
        "requestContext": {
            "resourceId": "a1b2c3",
            "resourcePath": resource,
            "httpMethod": method,
            "extendedRequestId": str(uuid.uuid4()),
            "requestTime": "21/Nov/2026:12:00:00 +0000",
            "path": f"/{_STAGE}{path}",
            "accountId": "123456789012",
            "protocol": "HTTP/1.1",
            "stage": _STAGE,
            "requestTimeEpoch": 1_795_262_400_000,
            "requestId": str(uuid.uuid4()),
            "identity": {"sourceIp": "203.0.113.7", "userAgent": headers["User-Agent"], "user": None},
            "domainName": headers["Host"],
            "apiId": "shopapi001",
        },
        "body": None if body is None else json.dumps(body),
        "isBase64Encoded": False,
    }


def context(seconds: int = 30) -> LambdaContext:
    """Return what Lambda tells a function of its run, which may take so many seconds."""
    return LambdaContext("stockroom", memory_size=1769, max_runtime_ms=seconds * 1000)
