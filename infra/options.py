"""What operators' commands have in common: naming a stage, what is deployed of it, numbers with limits."""

import argparse
import os
from collections.abc import Callable

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.platform.settings import LOCAL_STAGE, Settings
from infra.clients import CREDENTIALS, LOCAL_ENDPOINT, client, region

ENDPOINT_HELP = (
    "the local cloud's URL; AWS_ENDPOINT_URL if not given, "
    f"else {LOCAL_ENDPOINT} for stage local and AWS for all others"
)


def add_stage_options(parser: argparse.ArgumentParser) -> None:
    """Add `--stage` and `--endpoint`."""
    parser.add_argument("--stage", help="the stage to work on; STAGE if not given, else local")
    parser.add_argument("--endpoint", help=ENDPOINT_HELP)


def stage_settings(options: argparse.Namespace) -> Settings:
    """Return the settings of the stage that the options or the environment name.

    Raises:
        InvalidSettings: the environment is not valid.
    """
    environment = dict(os.environ)
    if options.stage:
        environment["STAGE"] = options.stage
    if options.endpoint:
        environment["AWS_ENDPOINT_URL"] = options.endpoint
    elif environment.get("STAGE", LOCAL_STAGE) == LOCAL_STAGE:
        environment["AWS_ENDPOINT_URL"] = environment.get("AWS_ENDPOINT_URL") or LOCAL_ENDPOINT
    if environment.get("AWS_ENDPOINT_URL"):
        # A local cloud takes any credentials, but botocore insists on having some.
        for name, value in CREDENTIALS.items():
            os.environ.setdefault(name, value)
    else:
        environment["AWS_REGION"] = region()
    return Settings.from_environment(environment)


def with_deployed(settings: Settings) -> Settings:
    """Return the settings with the queue and the bucket of search as the stage's stack names them.

    What the environment names stays; what cannot be found out stays empty.
    """
    try:
        cloudformation = client("cloudformation", settings.aws_endpoint_url)
        (stack,) = cloudformation.describe_stacks(StackName=f"stockroom-{settings.stage}")["Stacks"]
    except (BotoCoreError, ClientError):
        return settings
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", ())}
    return msgspec.structs.replace(
        settings,
        catalog_queue_url=settings.catalog_queue_url or outputs.get("CatalogQueueUrl", ""),
        snapshot_bucket=settings.snapshot_bucket or outputs.get("SnapshotBucket", ""),
    )


def number_from(low: int, high: int) -> Callable[[str], int]:
    """Return what reads an option that is a number from `low` to `high`."""

    def number(text: str) -> int:
        if not low <= int(text) <= high:
            raise argparse.ArgumentTypeError(f"must be from {low} to {high}")
        return int(text)

    return number
