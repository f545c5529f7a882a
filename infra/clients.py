"""The AWS clients of our own tools; those of the product are made in `chalicelib.platform.aws`."""

import os
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from localstack_client.session import Session

# boto3 makes a class for each service while it runs, so there is no type to name.
Client = Any

REGION = "us-east-1"
# Local clouds accept any credentials; these belong to their one account.
CREDENTIALS = dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), "test")
LOCAL_ENDPOINT = "http://localhost:4566"

_CONFIG = Config(connect_timeout=5, read_timeout=60, retries={"total_max_attempts": 3, "mode": "standard"})


def region() -> str:
    """Return the region of AWS: the environment's, else that of its profile, else `REGION`."""
    return os.environ.get("AWS_REGION") or boto3.Session().region_name or REGION


def client(service: str, endpoint: str = "") -> Client:
    """Make a client of a service.

    Args:
        service: botocore's name of it, e.g. `s3`.
        endpoint: the URL of a local cloud; if empty, AWS with the environment's credentials.
    """
    if not endpoint:
        return boto3.client(service, region_name=region(), config=_CONFIG)
    session = Session(
        aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=None,
        region_name=REGION,
        localstack_host=urlsplit(endpoint).netloc,
    )
    return session.client(service, config=_CONFIG)
