"""Our signatures are those of botocore's signer."""

import re
from unittest import mock

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.compat import get_current_datetime
from botocore.credentials import ReadOnlyCredentials
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.platform.wire.signature import Signer

words = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/+=", min_size=1)
credentials = st.builds(ReadOnlyCredentials, words, words, st.none() | words)
moments = st.datetimes(min_value=get_current_datetime().replace(year=2020))
TIME = "%Y%m%dT%H%M%SZ"


@given(
    credentials,
    moments,
    st.binary(),
    st.sampled_from(["/", "/a%20path/"]),
    st.sampled_from(["dynamodb", "sqs"]),
    st.sampled_from(["us-east-1", "eu-central-1"]),
)
def test_a_signature_is_the_one_that_botocore_makes(who, moment, body, path, service, region):
    headers = {"Host": "localhost:8000", "X-Amz-Target": "DynamoDB_20120810.Query"}
    Signer(service, region, path).sign(headers, body, who, moment.strftime(TIME))

    theirs = AWSRequest(
        "POST",
        f"http://localhost:8000{path}",
        {"X-Amz-Target": "DynamoDB_20120810.Query"},
        body,
    )
    with mock.patch("botocore.auth.get_current_datetime", return_value=moment):
        SigV4Auth(who, service, region).add_auth(theirs)

    assert headers["Authorization"] == theirs.headers["Authorization"]
    assert headers["X-Amz-Date"] == theirs.headers["X-Amz-Date"]
    assert headers.get("X-Amz-Security-Token") == theirs.headers.get("X-Amz-Security-Token")


def test_the_signing_key_follows_the_day_and_the_credentials():
    signer = Signer("dynamodb", "us-east-1", "/")

    def signature(secret: str, time: str) -> str:
        headers = {"Host": "localhost", "X-Amz-Target": "DynamoDB_20120810.Query"}
        signer.sign(headers, b"{}", ReadOnlyCredentials("key", secret, None), time)
        return re.search("Signature=(.*)", headers["Authorization"])[1]

    first, last = "20260131T235959Z", "20260201T000000Z"
    found = [
        signature("one", first),
        signature("two", first),
        signature("two", last),
        signature("one", first),
    ]

    assert found[0] == found[3]
    assert len(set(found)) == 3
