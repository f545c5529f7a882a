"""Reading the CloudFormation resources file, for tables where there is no CloudFormation."""

from pathlib import Path
from typing import Any

import yaml

RESOURCES_FILE = Path(__file__).with_name("resources.yaml")

# What CloudFormation calls a property of a table and CreateTable does not know.
_NOT_OF_CREATE_TABLE = frozenset({"TimeToLiveSpecification"})


def tables(stage: str) -> dict[str, dict[str, Any]]:
    """Return the properties of every table of a stage, by table name, its intrinsic functions resolved."""
    resources = yaml.safe_load(RESOURCES_FILE.read_text())["Resources"].values()
    found = [
        _resolve(resource["Properties"], stage)
        for resource in resources
        if resource["Type"] == "AWS::DynamoDB::Table"
    ]
    return {properties["TableName"]: properties for properties in found}


def create_tables(client: Any, stage: str) -> None:
    """Create the tables of a stage by CreateTable, where they are only wanted for a test.

    Args:
        client: a DynamoDB client.
        stage: the stage whose names they get.
    """
    for properties in tables(stage).values():
        client.create_table(
            **{name: value for name, value in properties.items() if name not in _NOT_OF_CREATE_TABLE}
        )


def _resolve(value: Any, stage: str) -> Any:
    match value:
        case {"Fn::Sub": text}:
            return text.replace("${Stage}", stage)
        case dict():
            return {name: _resolve(part, stage) for name, part in value.items()}
        case list():
            return [_resolve(part, stage) for part in value]
    return value
