"""The settings that tests run with."""

from typing import Any

from chalicelib.platform.settings import Settings
from chalicelib.platform.signing_keys import SigningKeys

KEY = "only-tests-sign-with-this-key-of-40-char"
# The lowest that bcrypt takes: a hash in a millisecond.
BCRYPT_COST = 4


def settings_of(stage: str, **given: Any) -> Settings:
    """Make the settings of a stage for tests: signing keys of its own, and cheap password hashes."""
    defaults = {"jwt_keys": SigningKeys.parse(f"test:{KEY}"), "bcrypt_cost": BCRYPT_COST}
    return Settings(stage=stage, **{**defaults, **given})
