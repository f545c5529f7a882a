"""What the operators' commands have in common: naming a stage, and numbers with limits."""

import argparse
import os
import secrets
from collections.abc import Callable

from chalicelib.settings import InvalidSettings, Settings


def add_stage_options(parser: argparse.ArgumentParser) -> None:
    """Add `--stage` and `--endpoint`."""
    parser.add_argument("--stage", help="the stage to work on; STAGE if not given, else local")
    parser.add_argument("--endpoint", help="the local cloud's URL; AWS_ENDPOINT_URL if not given, else AWS")


def stage_settings(options: argparse.Namespace) -> Settings:
    """Return the settings of the stage that the options or the environment name.

    Raises:
        InvalidSettings: the environment is not valid, or it is stage local and nobody says where it runs.
    """
    # A stage insists on signing keys of its own. Commands sign nothing, so any will do.
    environment = {"JWT_KEYS": f"command:{secrets.token_hex(32)}", **os.environ}
    if options.stage:
        environment["STAGE"] = options.stage
    if options.endpoint:
        environment["AWS_ENDPOINT_URL"] = options.endpoint
        # A local cloud takes any credentials, but botocore insists on having some.
        os.environ.setdefault("AWS_ACCESS_KEY_ID", "test")
        os.environ.setdefault("AWS_SECRET_ACCESS_KEY", "test")
    settings = Settings.from_environment(environment)
    if settings.stage == "local" and not (settings.aws_endpoint_url or settings.aws_endpoint_url_dynamodb):
        raise InvalidSettings("stage local needs --endpoint or AWS_ENDPOINT_URL; `make run` prints its own")
    return settings


def number_from(low: int, high: int) -> Callable[[str], int]:
    """Return what reads an option that is a number from `low` to `high`."""

    def number(text: str) -> int:
        if not low <= int(text) <= high:
            raise argparse.ArgumentTypeError(f"must be from {low} to {high}")
        return int(text)

    return number
