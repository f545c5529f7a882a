"""The template that is deployed, as `make package` would write it, read before CloudFormation reads it."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from chalicelib.api import problems
from infra.stack.package.application import as_yaml, fit, package_application
from infra.stack.package.build import PROJECT
from infra.stack.package.target import ARM64, target_of
from infra.stack.template import PRODUCTION, merged

CFN_LINT = Path(sys.executable).with_name("cfn-lint")
OPERATIONS = PROJECT / "docs" / "operations.md"
FUNCTION, QUEUE, TABLE = "AWS::Serverless::Function", "AWS::SQS::Queue", "AWS::DynamoDB::Table"


def packaged(stage: str, folder: Path) -> dict[str, Any]:
    ours = folder / "ours.yaml"
    ours.write_text(as_yaml(merged(stage)))
    template, _ = package_application(PROJECT, stage, ours, folder)
    fit(template, target_of(sys.executable, ARM64))
    return template


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return packaged(PRODUCTION, tmp_path_factory.mktemp("prod"))


def resources(template: dict[str, Any], kind: str) -> dict[str, dict[str, Any]]:
    return {name: one for name, one in template["Resources"].items() if one["Type"] == kind}


def test_cfn_lint_has_nothing_to_say(production, tmp_path: Path):
    file = tmp_path / "template.yaml"
    file.write_text(as_yaml(production))
    command = [str(CFN_LINT), "--regions", "us-east-1", "eu-central-1", "--", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)

    assert (done.returncode, done.stdout) == (0, ""), done.stderr


def test_every_table_of_prod_outlives_the_stack_and_can_be_taken_back(production):
    tables = resources(production, TABLE)
    assert len(tables) == 7
    for name, table in tables.items():
        assert table["DeletionPolicy"] == table["UpdateReplacePolicy"] == "Retain", name
        properties = table["Properties"]
        assert properties["BillingMode"] == "PAY_PER_REQUEST"
        assert properties["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
        assert properties["SSESpecification"] == {"SSEEnabled": True}
        assert properties["DeletionProtectionEnabled"] == {"Fn::If": ["Production", True, False]}


@pytest.mark.parametrize("stage", ["local", "dev"])
def test_nothing_is_left_of_another_stage(stage: str):
    for name, table in resources(merged(stage) | {"Resources": typed(stage)}, TABLE).items():
        assert table["DeletionPolicy"] == table["UpdateReplacePolicy"] == "Delete", name


def typed(stage: str) -> dict[str, Any]:
    return {name: one for name, one in merged(stage)["Resources"].items() if "Type" in one}


def test_each_queue_gives_its_function_six_times_its_time_and_keeps_what_fails(production):
    queues = resources(production, QUEUE)
    fed = 0
    for name, function in resources(production, FUNCTION).items():
        for event in function["Properties"].get("Events", {}).values():
            if event["Type"] != "SQS":
                continue
            fed += 1
            source = event["Properties"]
            assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"], name
            assert source["ScalingConfig"]["MaximumConcurrency"] >= 2, name
            queue_name = source["Queue"]["Fn::Sub"].rsplit(":stockroom-prod-", 1)[1]
            (queue,) = [
                queue["Properties"]
                for queue in queues.values()
                if queue["Properties"]["QueueName"] == {"Fn::Sub": f"stockroom-${{Stage}}-{queue_name}"}
            ]
            assert queue["VisibilityTimeout"] >= 6 * function["Properties"]["Timeout"], name
            assert queue["RedrivePolicy"]["maxReceiveCount"] == 5
    assert fed == 3
    assert all(queue["Properties"]["SqsManagedSseEnabled"] for queue in queues.values())


def test_each_function_has_a_role_a_log_that_ends_and_measures_of_its_own(production):
    functions = resources(production, FUNCTION)
    assert len(functions) == 6
    for name, function in functions.items():
        properties = function["Properties"]
        assert properties["Role"] == {"Fn::GetAtt": [f"{name}Role", "Arn"]}
        assert properties["Architectures"] == ["arm64"]
        assert properties["MemorySize"] >= 512
        log = production["Resources"][f"{name}Logs"]["Properties"]
        assert log["LogGroupName"]["Fn::Sub"] == f"/aws/lambda/{properties['FunctionName']['Fn::Sub']}"
        assert log["RetentionInDays"] == {"Ref": "LogRetentionDays"}
    assert functions["APIHandler"]["Properties"]["MemorySize"] == 1769, "one core, for the hash of passwords"


def test_no_key_is_written_anywhere_in_the_template(production):
    text = json.dumps(production)
    assert "JWT_KEYS" not in text
    assert "resolve:secretsmanager" not in text, "it would stand in the function's environment"
    secret = production["Resources"]["SigningKeys"]["Properties"]
    assert "SecretString" not in secret
    assert secret["GenerateSecretString"]["PasswordLength"] >= 32


def test_what_api_gateway_answers_by_itself_has_the_shape_of_all_problems(production):
    responses = production["Resources"]["RestAPI"]["Properties"]["GatewayResponses"]
    assert {"DEFAULT_4XX", "DEFAULT_5XX", "MISSING_AUTHENTICATION_TOKEN", "THROTTLED"} <= responses.keys()
    for kind, response in responses.items():
        problem = json.loads(response["ResponseTemplates"]["application/json"])
        shaped = problems.problem(problem["status"], problem["code"], problem["detail"])
        expected = json.loads(shaped.body) | {"request_id": "$context.requestId"}
        assert problem == expected, kind
        assert response["StatusCode"] == problem["status"], kind
        headers = response["ResponseParameters"]["Headers"]
        assert headers["Content-Type"] == f"'{problems.CONTENT_TYPE}'"
        assert headers["X-Request-Id"] == "context.requestId"
        assert ("Retry-After" in headers) == (problem["status"] in (429, 503)), kind


def test_every_address_and_method_reaches_the_function(production):
    paths = production["Resources"]["RestAPI"]["Properties"]["DefinitionBody"]["paths"]
    methods = {"get", "head", "post", "put", "patch", "delete", "options"}
    assert paths["/{proxy+}"].keys() - {"parameters"} == methods
    assert paths["/"].keys() == methods


def test_the_operators_page_names_every_alarm_parameter_and_kind_of_resource(production):
    page = OPERATIONS.read_text()
    alarms = resources(production, "AWS::CloudWatch::Alarm").values()
    names = [
        alarm["Properties"]["AlarmName"]["Fn::Sub"].removeprefix("stockroom-${Stage}-") for alarm in alarms
    ]
    assert len(names) == 13
    missing = {name for name in names if f"`{name}`" not in page}
    missing |= {name for name in production["Parameters"] if f"`{name}`" not in page}
    missing |= {one["Type"] for one in production["Resources"].values() if f"`{one['Type']}`" not in page}
    assert missing == set()


def test_the_operators_page_names_what_local_clouds_go_without(production):
    left_out = {
        name for name, one in production["Resources"].items() if one.get("Condition") in ("OnAws", "HasCache")
    }
    section = re.search(r"## On local clouds\n(.*?)(?=\n## |\Z)", OPERATIONS.read_text(), re.DOTALL)[1]
    assert {name for name in left_out if f"`{name}`" not in section} == set()


def test_a_name_of_a_bucket_fits_for_the_longest_stage_and_region(production):
    pattern = production["Parameters"]["Stage"]["AllowedPattern"]
    longest = "s" * 15
    assert re.match(pattern, longest)
    assert not re.match(pattern, longest + "s")
    name = production["Resources"]["Snapshots"]["Properties"]["BucketName"]["Fn::Sub"]
    filled = name.replace("${Stage}", longest).replace("${AWS::AccountId}", "1" * 12)
    assert len(filled.replace("${AWS::Region}", "ap-southeast-1")) <= 63


def test_no_yaml_alias_is_in_the_template(production):
    assert not re.search(r"[&*]id\d+", as_yaml(production))
    assert yaml.safe_load(as_yaml(production)) == production
