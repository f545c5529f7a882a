"""What the commands have in common: how a stage is named, what its stack made, progress, and errors."""

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.progress import Progress, ProgressColumn, SpinnerColumn, TextColumn

from chalicelib.errors import NotFound, Unavailable
from chalicelib.platform.settings import LOCAL_STAGE, InvalidSettings, Settings
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

    Values of the environment are kept. What the stack does not say, or cannot be asked for, stays empty.
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
    """Return argparse's `type` for a number from `low` to `high`."""

    def number(text: str) -> int:
        if not low <= int(text) <= high:
            raise argparse.ArgumentTypeError(f"must be from {low} to {high}")
        return int(text)

    return number


def run_on_stage(
    options: argparse.Namespace, work: Callable[[Settings], int], *, failure: str, failed_status: int = 1
) -> int:
    """Do a command's work on the stage that its options name; an error is one line on standard error.

    Args:
        options: those of `add_stage_options`.
        work: is given the stage's settings, and returns the exit status.
        failure: what an error's line begins with, e.g. `Not seeded`.
        failed_status: the exit status after an error.

    Returns:
        The exit status.
    """
    try:
        settings = stage_settings(options)
    except InvalidSettings as error:
        return fail(f"{failure}: {error}", failed_status)
    try:
        return work(settings)
    except NotFound as error:
        why = str(error)
    except Unavailable as error:
        why = f"{error}; is {settings.aws_endpoint_url or 'AWS'} reachable?"
    except Exception as error:
        why = f"{error}; do the tables of stage {settings.stage} exist?"
    return fail(f"{failure}: {why}", failed_status)


def fail(why: str, status: int = 1) -> int:
    """Say on standard error why a command failed; return its exit status."""
    print(why if why.endswith((".", "?")) else f"{why}.", file=sys.stderr)
    return status


def progress(*columns: ProgressColumn) -> Progress:
    """Return a progress line that a terminal shows while there is work, and nothing else does."""
    columns = columns or (SpinnerColumn(), TextColumn("{task.description}"))
    return Progress(*columns, transient=True, disable=not sys.stdout.isatty())


@contextmanager
def steps(line: str) -> Iterator[Callable[[str], None]]:
    """Show a line while something long goes on; a terminal shows the present step in its place.

    Args:
        line: what goes on.

    Yields:
        What is told each step.
    """
    console = Console()
    if not console.is_terminal:
        print(line, flush=True)
        yield lambda _: None
        return
    with console.status(line) as status:
        yield lambda step: status.update(f"{line} {step}")
