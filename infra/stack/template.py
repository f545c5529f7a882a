"""The templates of `infra/stack/cloudformation`, merged; and the tables, where there is no CloudFormation."""

import copy
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from infra.clients import Client

FOLDER = Path(__file__).with_name("cloudformation")
COMMON = "common"
# What `make run` creates; its functions are processes of this machine, not of the cloud.
DATA = ("tables", "queues", "snapshots")
PRODUCTION = "prod"

# Properties of CloudFormation's tables that CreateTable does not know, or local tables do not have.
_NOT_OF_CREATE_TABLE = frozenset(
    {
        "DeletionProtectionEnabled",
        "PointInTimeRecoverySpecification",
        "SSESpecification",
        "TimeToLiveSpecification",
    }
)

Template = dict[str, Any]


def merged(stage: str) -> Template:
    """Return everything that `chalice package` does not know of a stage, as one template.

    Tables of prod are kept when the stack is deleted; those of other stages are not. CloudFormation allows no
    condition there, so this code decides.
    """
    template = _merge(sorted(file.stem for file in FOLDER.glob("*.yaml")))
    if stage != PRODUCTION:
        for resource in template["Resources"].values():
            if resource.get("Type") == "AWS::DynamoDB::Table":
                resource |= {"DeletionPolicy": "Delete", "UpdateReplacePolicy": "Delete"}
    return template


@cache
def data() -> Template:
    """Return the template of tables, queues and buckets alone."""
    return _merge((COMMON, *DATA))


def tables(stage: str) -> dict[str, dict[str, Any]]:
    """Return the properties of every table of a stage, by table name, its names resolved."""
    found = [
        _resolve(resource["Properties"], stage)
        for resource in data()["Resources"].values()
        if resource["Type"] == "AWS::DynamoDB::Table"
    ]
    return {properties["TableName"]: properties for properties in found}


def create_tables(client: Client, stage: str) -> None:
    """Create the tables of a stage without CloudFormation, for tests.

    Args:
        client: a DynamoDB client.
        stage: the stage whose names they get.
    """
    for properties in tables(stage).values():
        client.create_table(
            **{name: value for name, value in properties.items() if name not in _NOT_OF_CREATE_TABLE}
        )


def _merge(names: Iterable[str]) -> Template:
    """Merge templates: they may add to the same section, but not set the same key."""
    whole: Template = {}
    for name in names:
        _add(whole, yaml.safe_load((FOLDER / f"{name}.yaml").read_text()), name)
    return whole


def _add(whole: Template, part: Template, where: str) -> None:
    for key, value in part.items():
        if key not in whole:
            whole[key] = copy.deepcopy(value)
        elif isinstance(value, dict) and isinstance(whole[key], dict):
            _add(whole[key], value, f"{where}/{key}")
        else:
            raise ValueError(f"{where} says {key} again")


def _resolve(value: Any, stage: str) -> Any:
    match value:
        case {"Fn::Sub": text}:
            return text.replace("${Stage}", stage)
        case dict():
            return {name: _resolve(part, stage) for name, part in value.items()}
        case list():
            return [_resolve(part, stage) for part in value]
    return value
