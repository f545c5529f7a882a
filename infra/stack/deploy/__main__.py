"""Deploy a stage: to AWS, or to a local cloud that speaks its interfaces.

Takes what `python -m infra.stack.package` built, and creates or updates one CloudFormation stack from it.
If that fails, CloudFormation takes back whatever it had changed.
"""

import argparse
import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.platform.settings import LOCAL_STAGE
from infra.clients import LOCAL_ENDPOINT, client
from infra.commands import ENDPOINT_HELP, fail
from infra.stack.deploy.artifacts import bucket_of, empty, ensure_bucket, upload
from infra.stack.deploy.stack import NotDeployed, Stack
from infra.stack.package.application import CODE, stages
from infra.stack.package.build import PROJECT, TEMPLATE
from infra.stack.template import PRODUCTION


def main() -> int:
    """Deploy or destroy; the exit status is 1 when that failed, 2 when the options are wrong."""
    options = _options()
    if options.endpoint:
        # What a local cloud is asked for goes to this one, whatever the environment says.
        os.environ["AWS_ENDPOINT_URL"] = options.endpoint
    stack = Stack(client("cloudformation", options.endpoint), f"stockroom-{options.stage}", _say)
    try:
        if options.destroy:
            _destroy(stack, options.endpoint)
            _say(f"Destroyed stage {options.stage}.")
        else:
            _say(f"API {_deploy(stack, options)}")
    except NotDeployed as error:
        return fail(f"Not deployed: {error}")
    except FileNotFoundError as error:
        return fail(
            f"Not deployed: {error.filename} is missing; run 'make package STAGE={options.stage}' first"
        )
    except (BotoCoreError, ClientError) as error:
        return fail(f"Not deployed: {error}. Asked was {options.endpoint or 'AWS'}")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m infra.stack.deploy", description=__doc__)
    parser.add_argument("--stage", default=LOCAL_STAGE, choices=stages(PROJECT), help="local if not given")
    parser.add_argument("--endpoint", help=ENDPOINT_HELP)
    parser.add_argument(
        "--package", type=Path, help="the package's folder; .cache/package/STAGE if not given"
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        type=_assignment,
        metavar="NAME=VALUE",
        help="a parameter of the stack, as often as needed; what is not given stays as it is",
    )
    parser.add_argument("--destroy", action="store_true", help="delete the stage and all that is in it")
    options = parser.parse_args()
    options.package = options.package or Path(".cache") / "package" / options.stage
    options.endpoint = options.endpoint or os.environ.get("AWS_ENDPOINT_URL", "")
    if options.stage == LOCAL_STAGE:
        options.endpoint = options.endpoint or LOCAL_ENDPOINT
    if options.endpoint and urlsplit(options.endpoint).scheme != "http":
        parser.error(f"--endpoint must begin with http://, not be {options.endpoint}")
    if options.destroy and options.stage == PRODUCTION:
        parser.error("prod is not destroyed by a command; docs/operations.md says how it is given up")
    return options


def _assignment(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise argparse.ArgumentTypeError(f"must be NAME=VALUE, not {text}")
    return name, value


def _deploy(stack: Stack, options: argparse.Namespace) -> str:
    """Deploy, and return the URL of the API."""
    s3, sts = client("s3", options.endpoint), client("sts", options.endpoint)
    region = s3.meta.region_name
    bucket = bucket_of(sts.get_caller_identity()["Account"], region)
    _say(f"Uploading the package to {bucket} ...")
    ensure_bucket(s3, bucket, region)
    url, template = upload(s3, bucket, options.stage, options.package / CODE, options.package / TEMPLATE)
    cloud = "local" if options.endpoint else "aws"
    parameters = {"Stage": options.stage, "Cloud": cloud, **dict(options.set)}
    _say(f"Deploying stage {options.stage} to {options.endpoint or f'AWS in {region}'} ...")
    if not stack.deploy(url, template, parameters):
        _say("Nothing has changed.")
    return _api_url(stack.outputs(), options.endpoint)


def _api_url(outputs: dict[str, str], endpoint: str) -> str:
    on_aws = outputs["EndpointURL"].rstrip("/")
    if not endpoint:
        return on_aws
    # The names of local clouds' APIs are not in every machine's DNS; this address needs none.
    return f"{endpoint.rstrip('/')}/_aws/execute-api/{outputs['RestAPIId']}{urlsplit(on_aws).path}"


def _destroy(stack: Stack, endpoint: str) -> None:
    if bucket := stack.outputs().get("SnapshotBucket"):
        _say(f"Deleted {empty(client('s3', endpoint), bucket)} snapshots.")
    stack.delete()


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
