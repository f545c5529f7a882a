"""The libraries that go into the package: wheels for the target, without models of unused services."""

import gzip
import json
import shutil
import sys
from collections.abc import Collection
from pathlib import Path

from infra.stack.package.programs import run
from infra.stack.package.target import Target

INSTALL_SECONDS = 600

# The services that the functions make botocore's clients of, and those that they speak to over their own
# wire, which needs no model; a test compares them with the code. botocore brings the models of more than 400,
# which are most of its size.
SERVICES = frozenset({"s3", "secretsmanager", "ses"})
ON_OWN_WIRE = frozenset({"dynamodb", "sqs"})

# Installers' own notes: they differ from run to run, and list files that are removed below.
_NOTES_OF_INSTALLERS = frozenset({"INSTALLER", "RECORD", "REQUESTED", "uv_build.json", "uv_cache.json"})


def install(requirements: Path, target: Target, folder: Path) -> None:
    """Install the pinned libraries into a folder, as wheels for the target; this machine may differ from it.

    Args:
        requirements: the file that names every library with its version.
        target: the runtime they are for.
        folder: where they go.

    Raises:
        NotPackaged: a library has no such wheel, or cannot be fetched.
    """
    command = [
        sys.executable, "-m", "uv", "pip", "install", "--quiet", "--no-config", "--no-deps",
        "--only-binary", ":all:", "--python-platform", target.platform,
        "--python-version", target.python_version, "--target", str(folder),
        "--requirements", str(requirements),
    ]  # fmt: skip
    run("uv", command, INSTALL_SECONDS)
    # The libraries' commands begin with the path of this machine's Python, so they would not run.
    shutil.rmtree(folder / "bin", ignore_errors=True)
    (folder / ".lock").unlink(missing_ok=True)
    for notes in folder.glob("*.dist-info"):
        for name in _NOTES_OF_INSTALLERS:
            (notes / name).unlink(missing_ok=True)


def trim_models(folder: Path, services: Collection[str] = SERVICES) -> None:
    """Remove from an installed botocore what describes other services, and all examples.

    Files about no single service stay: partitions, retries, defaults. endpoints.json keeps the addresses of
    these services and of those on our own wire: whole it is a megabyte that each process parses before its
    first call.

    Args:
        folder: where botocore is installed.
        services: botocore's names of the services whose models to keep.
    """
    models = folder / "botocore" / "data"
    for path in models.iterdir():
        if path.is_dir() and path.name not in services:
            shutil.rmtree(path)
    for examples in models.glob("*/*/examples-1.json"):
        examples.unlink()
    prefixes = {_endpoint_prefix(models / service) for service in services}
    _trim_endpoints(models / "endpoints.json", prefixes | ON_OWN_WIRE)


def _endpoint_prefix(service: Path) -> str:
    """Return the name of a service in endpoints.json, which is not always botocore's."""
    newest = max(service.glob("*/service-2.json.gz"))
    prefix: str = json.loads(gzip.decompress(newest.read_bytes()))["metadata"]["endpointPrefix"]
    return prefix


def _trim_endpoints(path: Path, prefixes: set[str]) -> None:
    endpoints = json.loads(path.read_text())
    for partition in endpoints["partitions"]:
        partition["services"] = {
            prefix: addresses for prefix, addresses in partition["services"].items() if prefix in prefixes
        }
    # The file may be a link into the installer's cache, so it is replaced, not overwritten.
    path.unlink()
    path.write_text(json.dumps(endpoints, separators=(",", ":")))
