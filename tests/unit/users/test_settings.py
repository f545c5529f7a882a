"""The settings of accounts: a process that could sign with a bad key does not start."""

import pytest

from chalicelib.identity import Role
from chalicelib.platform.settings import LOCAL_KEYS, InvalidSettings, Settings
from chalicelib.users.model import User
from chalicelib.wiring import Wiring
from tests.support.shop import START

USER = User(4711, "Ann", "ann@example.com", "hash", START, Role.CUSTOMER)
KEY = "a-key-that-nobody-else-knows-0123456789"


def test_a_local_stage_needs_no_keys():
    assert Settings.from_environment({}).jwt_keys is LOCAL_KEYS


def test_tokens_and_hashes_have_the_contracts_lifetimes_and_cost():
    settings = Settings.from_environment({})

    assert settings.access_token_seconds == 15 * 60
    assert settings.refresh_token_seconds == 7 * 24 * 3600
    assert settings.bcrypt_cost == 12


@pytest.mark.parametrize("stage", ["prod", "dev", "t0123"])
def test_any_other_stage_refuses_to_start_with_the_local_key(stage: str):
    keys = "local:known-to-everybody-and-good-for-one-machine-only"
    with pytest.raises(InvalidSettings, match="needs JWT_KEYS of its own"):
        Settings.from_environment({"STAGE": stage, "JWT_KEYS": keys})


@pytest.mark.parametrize("stage", ["prod", "dev", "t0123"])
def test_a_function_that_signs_nothing_starts_without_keys_and_can_never_sign(stage: str):
    settings = Settings.from_environment({"STAGE": stage})

    with pytest.raises(InvalidSettings, match="needs JWT_KEYS of its own"):
        Wiring(settings).users.tokens.access(USER)
    with pytest.raises(InvalidSettings, match="needs JWT_KEYS of its own"):
        Wiring(settings).users.tokens.caller(Wiring(Settings()).users.tokens.access(USER))


def test_the_local_key_is_refused_elsewhere_even_behind_a_good_one_and_under_another_id():
    local = LOCAL_KEYS.signing[1].decode()
    with pytest.raises(InvalidSettings, match="of its own"):
        Settings.from_environment({"STAGE": "prod", "JWT_KEYS": f"new:{KEY},old:{local}"})


def test_another_stage_starts_with_keys_of_its_own():
    settings = Settings.from_environment({"STAGE": "prod", "JWT_KEYS": f"2026:{KEY}"})

    assert settings.jwt_keys.signing == ("2026", KEY.encode())


@pytest.mark.parametrize("stage", ["local", "prod"])
def test_a_short_key_is_refused_in_every_stage(stage: str):
    with pytest.raises(InvalidSettings, match=r"fewer than 32 bytes.*jwt_keys") as refused:
        Settings.from_environment({"STAGE": stage, "JWT_KEYS": "k:tooshort"})
    assert "tooshort" not in repr(refused.value) + repr(refused.value.__cause__)


def test_settings_show_no_key():
    settings = Settings.from_environment({"STAGE": "prod", "JWT_KEYS": f"2026:{KEY}"})

    assert KEY not in repr(settings)
    assert KEY not in str(settings)


@pytest.mark.parametrize(
    "given",
    [
        {"BCRYPT_COST": "3"},
        {"BCRYPT_COST": "17"},
        {"BCRYPT_COST": "twelve"},
        {"ACCESS_TOKEN_SECONDS": "0"},
        {"REFRESH_TOKEN_SECONDS": "-1"},
    ],
)
def test_values_out_of_range_are_refused(given: dict[str, str]):
    with pytest.raises(InvalidSettings):
        Settings.from_environment(given)
