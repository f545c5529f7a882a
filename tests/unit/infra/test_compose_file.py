"""The compose file, as far as it can be checked without Docker."""

import json
import re
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from infra.stack.template import merged

PROJECT = Path(__file__).parents[3]
COMPOSE_FILE = PROJECT / "docker-compose.localstack.yml"

# What the cloud is asked for beside the template's own resources: by CloudFormation itself, by a function's
# role, and by its log.
ALWAYS_NEEDED = {"cloudformation", "iam", "lambda", "logs", "sts"}
# What CloudFormation calls a service, where that is not the name that LocalStack knows it by.
SERVICES_OF_TYPES = {"Serverless": "lambda"}
# Made on AWS only, when a Redis there is asked for.
ON_AWS_ONLY = {"ec2", "elasticache"}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load(COMPOSE_FILE.read_text())


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    found = resources.files("check_jsonschema.builtin_schemas.vendor") / "compose-spec.json"
    return json.loads(found.read_text())


def test_it_follows_the_compose_specification(compose, schema):
    validator = jsonschema.validators.validator_for(schema)
    validator.check_schema(schema)

    assert [error.message for error in validator(schema).iter_errors(compose)] == []


@pytest.mark.parametrize(
    "wrong",
    [{"health": {}}, {"ports": "4566"}, {"healthcheck": {"test": 1}}, {"restart": True}],
    ids=lambda wrong: next(iter(wrong)),
)
def test_the_specification_would_refuse_a_service_with_a_slip(wrong: dict[str, Any], compose, schema):
    broken = compose | {"services": compose["services"] | {"cloud": compose["services"]["cloud"] | wrong}}

    assert list(jsonschema.validators.validator_for(schema)(schema).iter_errors(broken))


def test_every_image_is_pinned_and_localstack_to_the_last_version_without_an_account(compose):
    images = {name: service["image"] for name, service in compose["services"].items()}

    assert images["cloud"] == "localstack/localstack:4.14.0"
    assert all(re.search(r":\d+\.\d+\.\d+", image) for image in images.values())


def test_nothing_listens_beyond_this_machine(compose):
    for service in compose["services"].values():
        assert all(port.startswith("127.0.0.1:") for port in service["ports"])
        assert not service.get("privileged")
        assert service.get("network_mode") is None


def test_every_service_has_a_health_check_with_limits(compose):
    for service in compose["services"].values():
        check = service["healthcheck"]
        assert check["test"][0] == "CMD"
        assert {"interval", "timeout", "retries"} <= check.keys()


def test_what_is_kept_is_kept_in_named_volumes(compose):
    kept = {volume.split(":")[0] for service in compose["services"].values() for volume in service["volumes"]}

    assert kept - {"/var/run/docker.sock"} == compose["volumes"].keys()


def test_functions_are_put_on_the_network_that_redis_is_on(compose):
    cloud, redis = compose["services"]["cloud"], compose["services"]["redis"]

    assert cloud["environment"]["LAMBDA_DOCKER_NETWORK"] == compose["networks"]["cloud"]["name"]
    assert cloud["networks"] == redis["networks"] == ["cloud"]


def test_every_service_that_the_template_has_resources_of_is_switched_on(compose):
    # What Chalice's own resources are has no type here: functions, and the API in front of them.
    types = {resource["Type"] for resource in merged("local")["Resources"].values() if "Type" in resource}
    names = {name.split("::")[1] for name in types}
    needed = {SERVICES_OF_TYPES.get(name, name.lower()) for name in names} | ALWAYS_NEEDED

    assert needed - ON_AWS_ONLY <= set(compose["services"]["cloud"]["environment"]["SERVICES"].split(","))
