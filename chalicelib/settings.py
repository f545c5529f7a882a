"""Every setting of the product, read once from the environment."""

import os
from collections.abc import Mapping
from functools import cache
from typing import Annotated

import msgspec
from msgspec import Meta

Seconds = Annotated[float, Meta(gt=0)]


class InvalidSettings(Exception):
    """The environment holds a value that a setting cannot take."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of one process; each field is read from the variable of its name in capitals.

    The table in README.md describes them and a test holds it to these defaults.
    """

    stage: Annotated[str, Meta(pattern="^[a-z][a-z0-9-]{0,30}$")] = "local"
    aws_region: str = "us-east-1"
    aws_endpoint_url: str = ""
    aws_endpoint_url_dynamodb: str = ""
    confirmation_queue_url: str = ""
    redis_url: str = ""
    log_level: str = "INFO"
    max_body_bytes: Annotated[int, Meta(ge=1024)] = 262_144
    order_deadline_seconds: Seconds = 3.0
    confirmation_retry_seconds: Annotated[int, Meta(ge=1)] = 120
    mail_sender: str = ""
    mail_inbox: str = ""

    def resource(self, name: str) -> str:
        """Return the full name of this stage's table or queue of that name."""
        return f"stockroom-{self.stage}-{name}"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Read the settings.

        A variable that is set but empty counts as not set, as in most deployment tools.

        Raises:
            InvalidSettings: a value has the wrong type or is out of its range.
        """
        given = {
            field: environment[field.upper()]
            for field in cls.__struct_fields__
            if environment.get(field.upper())
        }
        try:
            return msgspec.convert(given, cls, strict=False)
        except msgspec.ValidationError as error:
            raise InvalidSettings(f"environment: {error}") from error


@cache
def settings() -> Settings:
    """Return the settings of this process."""
    return Settings.from_environment()
