"""Signing keys out of Secrets Manager: read when needed, again after a while, kept while it is away."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.stub import Stubber
from moto import mock_aws

from chalicelib.errors import Unavailable
from chalicelib.platform import aws
from chalicelib.platform.runtime import Runtime
from chalicelib.platform.settings import Settings
from chalicelib.users.stored_keys import GOOD_FOR_SECONDS, StoredKeys

FIRST, SECOND = "1" * 40, "2" * 40


class Watch:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def secrets() -> Iterator[Any]:
    with mock_aws():
        yield aws.client("secretsmanager", Settings(), connect_seconds=1, read_seconds=1)


def stored(secrets: Any, text: str, watch: Watch | None = None) -> StoredKeys:
    arn = secrets.create_secret(Name="keys", SecretString=text)["ARN"]
    return StoredKeys(Settings(jwt_secret_arn=arn), Runtime(monotonic=watch or Watch()))


def test_the_first_key_of_the_secret_signs_and_all_verify(secrets):
    keys = stored(secrets, json.dumps({"new": SECOND, "old": FIRST})).current()

    assert keys.signing == ("new", SECOND.encode())
    assert keys.get("old") == FIRST.encode()


def test_a_rotated_key_is_known_after_five_minutes_and_not_read_at_every_token(secrets):
    watch = Watch()
    keys = stored(secrets, json.dumps({"old": FIRST}), watch)
    assert keys.current().signing[0] == "old"
    secrets.put_secret_value(SecretId="keys", SecretString=json.dumps({"new": SECOND, "old": FIRST}))

    watch.seconds = GOOD_FOR_SECONDS - 1
    assert keys.current().signing[0] == "old"
    watch.seconds = GOOD_FOR_SECONDS
    assert keys.current().signing[0] == "new"


@pytest.mark.parametrize("broken", ["", "plain", "{}", '{"new": "short"}', '{"new": 1}', "[]"])
def test_known_keys_outlast_a_secret_that_cannot_be_read(secrets, broken: str, caplog):
    watch = Watch()
    keys = stored(secrets, json.dumps({"old": FIRST}), watch)
    keys.current()
    if broken:
        secrets.put_secret_value(SecretId="keys", SecretString=broken)  # pragma: allowlist secret - a name
    else:
        secrets.delete_secret(SecretId="keys", ForceDeleteWithoutRecovery=True)  # pragma: allowlist secret

    watch.seconds = GOOD_FOR_SECONDS
    assert keys.current().signing == ("old", FIRST.encode())
    assert "The signing keys could not be read" in caplog.text
    assert FIRST not in caplog.text


@pytest.mark.parametrize("broken", ["a-key-that-was-written-without-its-id-at-all", '{"k": "tooshort"}'])
def test_without_any_key_ever_read_the_answer_is_to_try_again_and_shows_nothing(secrets, broken: str):
    keys = stored(secrets, broken)

    with pytest.raises(Unavailable) as refused:
        keys.current()
    assert broken not in str(refused.value)
    assert "tooshort" not in str(refused.value)


def test_a_secret_that_may_not_be_read_is_an_outage(secrets):
    keys = stored(secrets, json.dumps({"old": FIRST}))
    with Stubber(keys._secrets.client) as stub:
        stub.add_client_error("get_secret_value", "AccessDeniedException", "role x may not read secret y")
        with pytest.raises(Unavailable) as refused:
            keys.current()
    assert str(refused.value) == "The signing keys cannot be read."
