"""The product in a local cloud, packaged and put there by its commands."""

import json
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from infra.clients import client
from infra.local import cloud, pump
from infra.local.processes import Processes
from tests.e2e.client import Client, eventually
from tests.support.commands import run

STACK = "stockroom-local"
SENDER = "orders@stockroom.example"


class Deployed(Client):
    """One deployment, and the cloud that it is in.

    Args:
        endpoint: the cloud's.
        package: the folder that `infra.stack.package` wrote.
        redis_url: a Redis for the functions, if there is one.
    """

    def __init__(self, endpoint: str, package: Path, redis_url: str) -> None:
        self.endpoint = endpoint
        self.package = package
        self.redis_url = redis_url
        self.output = self.deploy(
            f"MailSender={SENDER}",
            f"MailIdentity={SENDER}",
            "MailInbox=inbox@stockroom.example",
            "OrderProcessingSeconds=1",
            "ScheduleExpression=rate(1 minute)",
            f"Redis={redis_url or 'none'}",
        )
        super().__init__(self.output.splitlines()[-1].removeprefix("API "))

    def deploy(self, *parameters: str, package: Path | None = None) -> str:
        """Run the command that deploys; return what it prints."""
        given = [part for parameter in parameters for part in ("--set", parameter)]
        folder = str(package or self.package)
        return run("infra.stack.deploy", "--package", folder, *given, endpoint=self.endpoint).stdout

    def seed(self, *options: str) -> None:
        """Run the command that seeds."""
        run("infra.ops.seed", "--stage", "local", *options, endpoint=self.endpoint)

    def open_for_business(self) -> None:
        """Seed, and wait until products are found."""
        self.seed()
        assert eventually(lambda: self.call("GET", "/api/search/products")[0] == 200, 60)

    def client(self, service: str) -> Any:
        """Return a client of the cloud, as its owner has it."""
        return client(service, self.endpoint)

    def invoke(self, function: str) -> Any:
        """Run a function that the schedule runs, at once; return its answer."""
        answer = self.client("lambda").invoke(
            FunctionName=f"{STACK}-{function}", Payload=json.dumps(pump.schedule_event())
        )
        assert "FunctionError" not in answer, answer["Payload"].read()
        return json.loads(answer["Payload"].read())

    def mails(self) -> list[dict[str, Any]]:
        """Return the e-mails that the cloud's SES has sent."""
        with urllib.request.urlopen(f"{self.endpoint}/_ministack/ses/messages", timeout=10) as answer:
            return [mail for account in json.load(answer)["messages"].values() for mail in account]

    def log_of(self, function: str) -> str:
        """Return what a function has logged."""
        pages = self.client("logs").get_paginator("filter_log_events")
        found = pages.paginate(logGroupName=f"/aws/lambda/{STACK}-{function}")
        return "\n".join(event["message"] for page in found for event in page["events"])


@contextmanager
def deployed(package: Path, **variables: str) -> Iterator[Deployed]:
    """Start a local cloud, and a Redis if the machine has one, and deploy into it.

    Args:
        package: the folder that `infra.stack.package` wrote.
        variables: of the cloud's environment.
    """
    # The cloud unpacks the functions there, once for each that runs at the same time.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, Processes() as processes:
        endpoint = cloud.start_ministack(processes, TMPDIR=folder, **variables)
        cloud.verify_sender(endpoint, SENDER)
        yield Deployed(endpoint, package, cloud.start_redis(processes))
