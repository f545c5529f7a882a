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
# What local clouds take for the owner of their one account.
CREDENTIALS = dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), "test")
LOCAL_ENDPOINT = "http://localhost:4566"

_CONFIG = Config(connect_timeout=5, read_timeout=60, retries={"total_max_attempts": 3, "mode": "standard"})


def region() -> str:
    """Return the region that is meant on AWS: the environment's, or that of its profile."""
    return os.environ.get("AWS_REGION") or boto3.Session().region_name or REGION


def client(service: str, endpoint: str = "") -> Client:
    """Make a client of a service.

    Args:
        service: botocore's name of it.
        endpoint: the URL of a local cloud; AWS, as the environment says, if it is empty.
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
