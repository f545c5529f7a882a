import gzip
import json
import re
from pathlib import Path

import pytest

from chalicelib.platform.wire.client import TARGETS
from infra.stack.package.dependencies import ON_OWN_WIRE, SERVICES, trim_models

PROJECT = Path(__file__).parents[5]


def test_the_models_that_are_kept_are_those_of_the_clients_that_the_code_makes():
    code = "\n".join(path.read_text() for path in (PROJECT / "chalicelib").rglob("*.py"))
    made = set(re.findall(r'AwsService\(\s*"(\w+)"', code))

    assert len(re.findall(r"\bAwsService\(", code)) == len(re.findall(r'AwsService\(\s*"\w+"', code))
    assert made == SERVICES
    assert TARGETS.keys() == ON_OWN_WIRE


def model_of(prefix: str) -> bytes:
    return gzip.compress(json.dumps({"metadata": {"endpointPrefix": prefix}}).encode())


@pytest.fixture
def models(tmp_path: Path) -> Path:
    models = tmp_path / "botocore" / "data"
    files = {
        "partitions.json": b"{}",
        "endpoints.json": json.dumps(
            {"partitions": [{"partition": "aws", "services": {"email": {}, "iot": {}, "sns": {}, "sqs": {}}}]}
        ).encode(),
        "sesv2/2019-09-27/service-2.json.gz": model_of("email"),
        "sns/2012-11-05/service-2.json.gz": model_of("sns"),
        "sns/2012-11-05/examples-1.json": b"{}",
        "iot/2015-05-28/service-2.json.gz": model_of("iot"),
    }
    for name, content in files.items():
        (models / name).parent.mkdir(parents=True, exist_ok=True)
        (models / name).write_bytes(content)
    return models


def test_only_the_models_of_other_services_and_all_examples_are_removed(models: Path, tmp_path: Path):
    trim_models(tmp_path, {"sesv2", "sns"})

    left = {str(path.relative_to(models)) for path in models.rglob("*") if path.is_file()}
    assert left == {
        "endpoints.json",
        "partitions.json",
        "sesv2/2019-09-27/service-2.json.gz",
        "sns/2012-11-05/service-2.json.gz",
    }
    assert not (models / "iot").exists()


def test_addresses_are_kept_under_the_name_that_a_services_model_gives(models: Path, tmp_path: Path):
    trim_models(tmp_path, {"sesv2", "sns"})

    (partition,) = json.loads((models / "endpoints.json").read_text())["partitions"]
    assert partition == {"partition": "aws", "services": {"email": {}, "sns": {}, "sqs": {}}}


def test_a_file_that_shares_its_bytes_with_an_installers_cache_is_replaced(models: Path, tmp_path: Path):
    cached = tmp_path / "cached.json"
    cached.hardlink_to(models / "endpoints.json")
    before = cached.read_bytes()

    trim_models(tmp_path, {"sns"})

    assert cached.read_bytes() == before != (models / "endpoints.json").read_bytes()
