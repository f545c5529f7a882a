"""The package as it would be uploaded: built by the command, unpacked, and used by itself."""

import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from botocore.session import get_session

from app import app
from infra.stack.package.build import LAMBDA_ROOT
from infra.stack.package.dependencies import ON_OWN_WIRE, SERVICES
from infra.stack.package.target import ARM64, X86_64, machine_architecture
from infra.stack.template import merged
from tests.support.commands import PROJECT, run

MAX_ARCHIVE_BYTES = 15_000_000
HANDLERS = {"app.app"} | {source.handler_string for source in app.event_sources}
# What ELF files say of their processor: https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html
ELF_MACHINES = {X86_64: 62, ARM64: 183}
RUNNING = f"{sys.version_info.major}.{sys.version_info.minor}"


def build(out: Path, *options: str) -> str:
    return run("infra.stack.package", "--out", str(out), *options).stdout


def sources() -> set[Path]:
    return {
        path
        for folder in (PROJECT / "chalicelib", PROJECT / "infra", PROJECT / ".chalice")
        for path in folder.rglob("*")
        if "__pycache__" not in path.parts
    }


@pytest.fixture(scope="module")
def unpacked(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("unpacked")
    with zipfile.ZipFile(package / "deployment.zip") as archive:
        archive.extractall(folder)
    # A function cannot write beside its code.
    for path in folder.rglob("*"):
        path.chmod(0o555 if path.is_dir() else 0o444)
    yield folder
    for path in folder.rglob("*"):
        if path.is_dir():
            path.chmod(0o755)


def functions(folder: Path) -> dict[str, dict[str, Any]]:
    template = yaml.safe_load((folder / "template.yaml").read_text())
    return {
        name: resource["Properties"]
        for name, resource in template["Resources"].items()
        if resource["Type"] == "AWS::Serverless::Function"
    }


def run_packaged(unpacked: Path, program: str) -> Any:
    """Run a program that sees the standard library and the package, and nothing else of this machine."""
    started = f"import sys; sys.path.insert(0, {str(unpacked)!r})\n{program}"
    environment = {"STAGE": "local", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    done = subprocess.run(
        [sys.executable, "-B", "-E", "-P", "-S", "-s", "-c", started],
        env=environment, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_archive_is_small_enough_to_start_quickly(package: Path):
    assert (package / "deployment.zip").stat().st_size <= MAX_ARCHIVE_BYTES


def test_the_template_has_every_function_on_one_archive_runtime_and_processor(package: Path):
    found = functions(package)

    assert {properties["Handler"] for properties in found.values()} == HANDLERS
    for properties in found.values():
        assert properties["CodeUri"] == "./deployment.zip"
        assert properties["Runtime"] == f"python{RUNNING}"
        assert properties["Architectures"] == [machine_architecture()]


def test_the_template_has_every_resource_of_the_merged_one(package: Path):
    template = yaml.safe_load((package / "template.yaml").read_text())
    assert template["Resources"].keys() > merged("local")["Resources"].keys()


def test_every_handler_is_found_in_the_package_alone(unpacked: Path):
    found = run_packaged(
        unpacked,
        f"""
import importlib, json
found = []
for handler in {sorted(HANDLERS)}:
    module, _, name = handler.rpartition(".")
    assert callable(getattr(importlib.import_module(module), name))
    found.append(handler)
print(json.dumps(found))""",
    )
    assert set(found) == HANDLERS


def test_everything_that_functions_load_only_when_needed_is_there_too(unpacked: Path):
    modules = sorted(
        str(path.relative_to(PROJECT).with_suffix("")).replace("/", ".").removesuffix(".__init__")
        for path in (PROJECT / "chalicelib").rglob("*.py")
    )
    assert run_packaged(
        unpacked,
        f"import importlib, json\nfor name in {modules}: importlib.import_module(name)\nprint('true')",
    )


def test_a_client_of_every_service_in_use_is_made_from_the_models_that_are_left(unpacked: Path):
    found = run_packaged(
        unpacked,
        f"""
import json
from chalicelib.platform import aws
from chalicelib.platform.settings import settings
made = {{}}
for service in {sorted(SERVICES)}:
    client = aws.client(service, settings(), connect_seconds=1, read_seconds=1)
    made[service] = [client.meta.service_model.service_name, len(client.meta.service_model.operation_names)]
print(json.dumps(made))""",
    )
    assert found.keys() == SERVICES
    assert all(name == service and operations > 10 for service, (name, operations) in found.items())


def test_every_service_in_use_has_the_addresses_that_the_whole_botocore_gives_it(unpacked: Path):
    regions = ["us-east-1", "eu-central-1", "cn-north-1", "us-gov-west-1"]
    found = run_packaged(
        unpacked,
        f"""
import json
from chalicelib.platform import aws
from chalicelib.platform.settings import Settings
from chalicelib.platform.wire.client import WireClient
found = [
    aws.client(service, Settings(aws_region=region), connect_seconds=1, read_seconds=1).meta.endpoint_url
    for service in {sorted(SERVICES)} for region in {regions}
]
found += [
    WireClient(service, region, None, connect_seconds=1, read_seconds=1).endpoint
    for service in {sorted(ON_OWN_WIRE)} for region in {regions}
]
print(json.dumps(found))""",
    )
    session = get_session()
    assert found == [
        session.create_client(service, region_name=region).meta.endpoint_url
        for service in [*sorted(SERVICES), *sorted(ON_OWN_WIRE)]
        for region in regions
    ]


def test_nothing_is_compiled_when_a_function_starts(unpacked: Path):
    loaded, compiled = run_packaged(
        unpacked,
        """
import importlib.util, json, os
import app
files = [getattr(module, "__file__", None) or "" for module in sys.modules.values()]
loaded = [file for file in files if file.startswith(sys.path[0]) and file.endswith(".py")]
missing = [file for file in loaded if not os.path.exists(importlib.util.cache_from_source(file))]
print(json.dumps([len(loaded), missing]))""",
    )
    assert loaded > 200
    assert compiled == []


def test_tracebacks_name_files_as_lambda_unpacks_them_and_no_folder_of_the_build(package: Path):
    with zipfile.ZipFile(package / "deployment.zip") as archive:
        (name,) = [name for name in archive.namelist() if name.startswith("__pycache__/app.")]
        bytecode = archive.read(name)
    assert f"{LAMBDA_ROOT}/app.py".encode() in bytecode
    assert b"stockroom-package-" not in bytecode


def test_the_package_holds_the_product_its_libraries_and_chalices_runtime_and_no_more(package: Path):
    with zipfile.ZipFile(package / "deployment.zip") as archive:
        names = archive.namelist()
    top = {name.split("/")[0] for name in names}

    assert {"app.py", "chalice", "chalicelib", "botocore", "pynamodb", "tantivy"} <= top
    assert not top & {"infra", "tests", "boto3", "bin", "pip", "moto", "cryptography"}
    assert {name for name in names if name.startswith("chalice/") and name.endswith(".py")} == {
        "chalice/__init__.py",
        "chalice/app.py",
    }
    ours = {str(path.relative_to(PROJECT)) for path in (PROJECT / "chalicelib").rglob("*.py")}
    assert {name for name in names if name.startswith("chalicelib/") and name.endswith(".py")} == ours


def test_the_same_sources_give_the_same_bytes_whoever_builds_and_leave_nothing_among_them(
    package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    before = sources()
    # Settings of the machine that builds are not the stage's.
    for name, value in (("STAGE", "prod"), ("LOG_LEVEL", "DEBUG"), ("JWT_KEYS", "mine:" + 32 * "x")):
        monkeypatch.setenv(name, value)

    said = build(tmp_path / "again", "--stage", "local")

    assert sources() == before
    for name in ("deployment.zip", "template.yaml"):
        assert (tmp_path / "again" / name).read_bytes() == (package / name).read_bytes()
    assert sorted(path.name for path in (tmp_path / "again").iterdir()) == ["deployment.zip", "template.yaml"]
    assert said.splitlines()[-1].startswith("Packaged ")


def assert_built_for(architecture: str, folder: Path) -> None:
    with zipfile.ZipFile(folder / "deployment.zip") as archive:
        binaries = {name: archive.read(name) for name in archive.namelist() if name.endswith(".so")}
    assert {name.split("/")[0] for name in binaries} >= {"bcrypt", "msgspec", "tantivy"}
    for content in binaries.values():
        assert content[:4] == b"\x7fELF"
        assert int.from_bytes(content[18:20], "little") == ELF_MACHINES[architecture]
    assert all(properties["Architectures"] == [architecture] for properties in functions(folder).values())


def test_every_binary_is_for_this_machine_where_functions_run_on_it(package: Path):
    assert_built_for(machine_architecture(), package)


def test_a_package_for_another_processor_is_built_on_this_one(tmp_path: Path):
    (other,) = {ARM64, X86_64} - {machine_architecture()}

    build(tmp_path, "--architecture", other)

    assert_built_for(other, tmp_path)
    assert (tmp_path / "deployment.zip").stat().st_size <= MAX_ARCHIVE_BYTES
