"""Access and refresh tokens: JSON Web Tokens (RFC 7519), signed with HS256 and nothing else."""

import secrets
from collections.abc import Callable
from typing import Literal

import jwt
import msgspec

from chalicelib.errors import InvalidToken, TokenExpired
from chalicelib.identity import Caller, Role
from chalicelib.ids import parse_number
from chalicelib.platform.clock import Clock
from chalicelib.platform.signing_keys import SigningKeys
from chalicelib.users.model import Session, User

ALGORITHM = "HS256"
# Ours have about 250 characters; what is much longer is not worth parsing.
MAX_TOKEN_LENGTH = 4096
JTI_BYTES = 16

Kind = Literal["access", "refresh"]


class _Claims(msgspec.Struct, frozen=True):
    sub: str
    type: Kind
    jti: str
    iat: int
    exp: int
    role: Role


class Tokens:
    """Makes and reads the tokens of users.

    Args:
        keys: gives the keys of this moment; the first signs, all verify.
        clock: the time.
        access_seconds: how long an access token is good.
        refresh_seconds: how long a refresh token is good.
    """

    def __init__(
        self, keys: Callable[[], SigningKeys], clock: Clock, access_seconds: int, refresh_seconds: int
    ) -> None:
        self._keys = keys
        self._clock = clock
        self._access_seconds = access_seconds
        self._refresh_seconds = refresh_seconds

    def access(self, user: User) -> str:
        """Make an access token, which says who its bearer is and what they may do."""
        return self._sign(user, "access", self._access_seconds)

    def refresh(self, user: User) -> str:
        """Make a refresh token, which is good for new access tokens and nothing else."""
        return self._sign(user, "refresh", self._refresh_seconds)

    def caller(self, token: str) -> Caller:
        """Read an access token.

        Raises:
            InvalidToken: it is not an access token of ours.
            TokenExpired: its time is up.
        """
        claims = self._read(token, "access")
        return Caller(_user_id(claims), claims.role)

    def session(self, token: str) -> Session:
        """Read a refresh token; whether it is revoked is not written in it.

        Raises:
            InvalidToken: it is not a refresh token of ours.
            TokenExpired: its time is up.
        """
        claims = self._read(token, "refresh")
        return Session(claims.jti, _user_id(claims), claims.exp)

    def _sign(self, user: User, kind: Kind, seconds: int) -> str:
        now = self._now()
        claims = _Claims(
            sub=str(user.id),
            type=kind,
            jti=secrets.token_urlsafe(JTI_BYTES),
            iat=now,
            exp=now + seconds,
            role=user.role,
        )
        key_id, key = self._keys().signing
        return jwt.encode(msgspec.to_builtins(claims), key, ALGORITHM, {"kid": key_id})

    def _read(self, token: str, kind: Kind) -> _Claims:
        if len(token) > MAX_TOKEN_LENGTH or not token.isascii():
            raise InvalidToken("This is not a token of ours.")
        try:
            key = self._keys().get(jwt.get_unverified_header(token).get("kid"))
            if key is None:
                raise InvalidToken("This token is signed with a key that is not in use.")
            # The claims' presence and types are checked by the struct, and the time below by our own clock.
            payload = jwt.decode(
                token, key, algorithms=[ALGORITHM], options={"verify_exp": False, "verify_iat": False}
            )
            claims = msgspec.convert(payload, _Claims)
        except (jwt.PyJWTError, msgspec.ValidationError) as error:
            raise InvalidToken("This is not a token of ours.") from error
        if claims.type != kind:
            raise InvalidToken(f"This is not the {kind} token.")
        if claims.exp <= self._now():
            raise TokenExpired(f"The {kind} token has expired.")
        return claims

    def _now(self) -> int:
        return int(self._clock().timestamp())


def _user_id(claims: _Claims) -> int:
    user_id = parse_number(claims.sub)
    if user_id is None:
        raise InvalidToken("This is not a token of ours.")
    return user_id
