"""The local cloud: MiniStack with our stack in it, and a Redis if the machine has one."""

import json
import os
import shutil
import subprocess
import sys
from typing import IO

from botocore.exceptions import WaiterError

from infra.clients import CREDENTIALS, REGION, client
from infra.local.processes import NotReady, Processes, accepts_connections, free_port
from infra.stack import template

STAGE = "local"
START_SECONDS = 60.0
STACK_SECONDS = 60


def start_ministack(
    processes: Processes, output: IO[bytes] | int | None = subprocess.DEVNULL, **variables: str
) -> str:
    """Start MiniStack on a free port of this machine.

    Args:
        processes: stops it in the end.
        output: where its output goes.
        variables: further environment variables.

    Returns:
        Its endpoint URL.

    Raises:
        NotReady: it did not start.
    """
    port = free_port()
    environment = os.environ | {
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        # These would listen on fixed ports, and two local clouds could not run side by side.
        "SFTP_ENABLED": "0",
        "IOT_MTLS_ENABLED": "0",
        "MINISTACK_REGION": REGION,
        **variables,
    }
    processes.start("MiniStack", [sys.executable, "-m", "ministack"], environment, output)
    processes.wait_until(lambda: accepts_connections(port), START_SECONDS)
    return f"http://127.0.0.1:{port}"


def start_redis(processes: Processes) -> str:
    """Start a redis-server that keeps nothing, if the machine has one; return its URL, or nothing."""
    program = shutil.which("redis-server")
    if not program:
        return ""
    port = free_port()
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    processes.start("redis-server", [program, *options], os.environ, subprocess.DEVNULL)
    processes.wait_until(lambda: accepts_connections(port), START_SECONDS)
    return f"redis://127.0.0.1:{port}/0"


def create_stack(endpoint: str) -> dict[str, str]:
    """Create tables, queues and buckets from the templates that are deployed.

    Returns:
        The stack's outputs.

    Raises:
        NotReady: CloudFormation refused it.
    """
    cloudformation = client("cloudformation", endpoint)
    name = f"stockroom-{STAGE}"
    cloudformation.create_stack(
        StackName=name,
        TemplateBody=json.dumps(template.data()),
        Parameters=[
            {"ParameterKey": "Stage", "ParameterValue": STAGE},
            {"ParameterKey": "Cloud", "ParameterValue": "local"},
        ],
    )
    try:
        cloudformation.get_waiter("stack_create_complete").wait(
            StackName=name, WaiterConfig={"Delay": 1, "MaxAttempts": STACK_SECONDS}
        )
    except WaiterError as error:
        raise NotReady(f"CloudFormation did not create the stack: {error}") from error
    stack = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


def verify_sender(endpoint: str, sender: str) -> None:
    """Let the local SES send from this address."""
    client("ses", endpoint).verify_email_identity(EmailAddress=sender)


def variables(endpoint: str, outputs: dict[str, str], redis_url: str) -> dict[str, str]:
    """Return the environment variables with which the product uses this local cloud."""
    return {
        "STAGE": STAGE,
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        **CREDENTIALS,
        "CONFIRMATION_QUEUE_URL": outputs["ConfirmationQueueUrl"],
        "FULFILMENT_QUEUE_URL": outputs["FulfilmentQueueUrl"],
        "CATALOG_QUEUE_URL": outputs["CatalogQueueUrl"],
        "SNAPSHOT_BUCKET": outputs["SnapshotBucket"],
        "REDIS_URL": redis_url,
        "MAIL_SENDER": os.environ.get("MAIL_SENDER") or "orders@stockroom.example",
        "MAIL_INBOX": os.environ.get("MAIL_INBOX") or "inbox@stockroom.example",
    }
