"""Every setting of the product, read once from the environment."""

import os
from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from chalicelib.platform.signing_keys import SigningKeys

Seconds = Annotated[float, Meta(gt=0)]
WholeSeconds = Annotated[int, Meta(ge=1)]
LogFormat = Literal["json", "text"]
MaxRequests = Annotated[int, Meta(ge=0, le=1_000_000)]

LOCAL_STAGE = "local"
# This key is public, so only the stage on a developer's own machine may sign with it.
LOCAL_KEYS = SigningKeys.parse("local:known-to-everybody-and-good-for-one-machine-only")


class InvalidSettings(Exception):
    """The environment holds a value that a setting cannot take."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of one process; each field is read from the variable of its name in capitals.

    The table in README.md describes them and a test holds it to these defaults.
    """

    stage: Annotated[str, Meta(pattern="^[a-z][a-z0-9-]{0,14}$")] = LOCAL_STAGE
    aws_region: str = "us-east-1"
    aws_endpoint_url: str = ""
    aws_endpoint_url_dynamodb: str = ""
    confirmation_queue_url: str = ""
    fulfilment_queue_url: str = ""
    catalog_queue_url: str = ""
    snapshot_bucket: str = ""
    redis_url: str = ""
    log_level: str = "INFO"
    log_format: LogFormat = "json"
    max_body_bytes: Annotated[int, Meta(ge=1024)] = 262_144
    order_deadline_seconds: Seconds = 3.0
    confirmation_retry_seconds: WholeSeconds = 120
    # SQS delays a message by 15 minutes at the most.
    order_processing_seconds: Annotated[int, Meta(ge=0, le=900)] = 10
    order_processing_lease_seconds: WholeSeconds = 120
    search_refresh_seconds: Seconds = 5.0
    # 0 switches it off.
    search_stock_refresh_seconds: Annotated[int, Meta(ge=0)] = 600
    # 0 switches a limit off.
    rate_limit_max_request: MaxRequests = 100
    rate_limit_window_seconds: WholeSeconds = 600
    auth_rate_limit_max_request: MaxRequests = 20
    order_rate_limit_max_request: MaxRequests = 600
    suggest_rate_limit_max_request: MaxRequests = 20
    mail_sender: str = ""
    mail_inbox: str = ""
    jwt_keys: SigningKeys = LOCAL_KEYS
    jwt_secret_arn: str = ""
    access_token_seconds: WholeSeconds = 15 * 60
    refresh_token_seconds: WholeSeconds = 7 * 24 * 3600
    # Each step doubles the work; beyond 16 a login takes several seconds on a full core.
    bcrypt_cost: Annotated[int, Meta(ge=4, le=16)] = 12

    def resource(self, name: str) -> str:
        """Return the full name of this stage's table or queue of that name."""
        return f"stockroom-{self.stage}-{name}"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Read the settings.

        A variable that is set but empty counts as not set, as in most deployment tools.

        Raises:
            InvalidSettings: a value has the wrong type or is out of its range, or a stage other than
                `local` is given the signing key of `local`.
        """
        given = {
            field: environment[field.upper()]
            for field in cls.__struct_fields__
            if environment.get(field.upper())
        }
        try:
            found = msgspec.convert(given, cls, strict=False, dec_hook=_convert)
        except msgspec.ValidationError as error:
            raise InvalidSettings(f"environment: {error}") from error
        if "jwt_keys" in given:
            found.require_keys()
        return found

    def require_keys(self) -> SigningKeys:
        """Return the keys that sign tokens.

        Most functions sign nothing and have none, so this is asked by who needs them, not at the start.

        Raises:
            InvalidSettings: a stage other than `local` has no signing keys of its own.
        """
        if self.stage != LOCAL_STAGE and self.jwt_keys.shares_a_key_with(LOCAL_KEYS):
            raise InvalidSettings(f"environment: stage {self.stage} needs JWT_KEYS of its own")
        return self.jwt_keys


def _convert(kind: type, value: Any) -> Any:
    """Convert to the one type of a setting that msgspec does not know."""
    if kind is SigningKeys:
        return SigningKeys.parse(value)
    raise NotImplementedError(kind)


@cache
def settings() -> Settings:
    """Return the settings of this process."""
    return Settings.from_environment()
