"""The one place that makes AWS clients: explicit timeouts, few retries, one session.

botocore is used without boto3, whose resource layer costs import time and is not needed here.
"""

from functools import cache
from typing import TYPE_CHECKING, Any

import botocore.session
from botocore.config import Config

if TYPE_CHECKING:
    from chalicelib.platform.settings import Settings


@cache
def _session() -> botocore.session.Session:
    return botocore.session.get_session()


def client(
    service: str,
    settings: "Settings",
    *,
    connect_seconds: float,
    read_seconds: float,
    attempts: int,
) -> Any:
    """Make a client of an AWS service.

    Args:
        service: botocore's name of the service, e.g. `sqs`.
        settings: gives the region and, for a local cloud, the endpoint.
        connect_seconds: how long one try may take to connect.
        read_seconds: how long one try may wait for data.
        attempts: tries in all, the first included.
    """
    return _session().create_client(
        service,
        region_name=settings.aws_region,
        endpoint_url=settings.aws_endpoint_url or None,
        config=Config(
            connect_timeout=connect_seconds,
            read_timeout=read_seconds,
            retries={"total_max_attempts": attempts, "mode": "standard"},
        ),
    )
