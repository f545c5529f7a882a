import yaml

from infra.stack.package.application import as_yaml, fit
from infra.stack.package.target import ARM64, Target

TARGET = Target(python="python3.13", python_version="3.13", architecture=ARM64)


def test_every_function_runs_the_packages_code_on_the_target_and_nothing_else_changes():
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "q"}}
    function = {"Handler": "app.app", "Runtime": "python3.11", "Architectures": ["x86_64"], "CodeUri": "x"}
    template = {
        "Resources": {"Q": dict(queue), "F": {"Type": "AWS::Serverless::Function", "Properties": function}}
    }

    fit(template, TARGET)

    assert template["Resources"]["Q"] == queue
    assert template["Resources"]["F"]["Properties"] == {
        "Handler": "app.app",
        "Runtime": "python3.13",
        "Architectures": ["arm64"],
        "CodeUri": "./deployment.zip",
    }


def test_what_stands_twice_in_a_template_is_written_out_because_cloudformation_reads_no_aliases():
    statement = {"Effect": "Allow"}
    text = as_yaml({"one": statement, "two": statement})

    assert "&" not in text
    assert yaml.safe_load(text) == {"one": statement, "two": statement}
