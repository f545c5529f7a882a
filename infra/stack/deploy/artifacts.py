"""The archive and the template, in a bucket where CloudFormation reads them."""

import hashlib
import json
from pathlib import Path

import yaml
from botocore.exceptions import ClientError

from infra.clients import Client
from infra.stack.template import Template

_FUNCTION = "AWS::Serverless::Function"
_PRIVATE = {
    "BlockPublicAcls": True,
    "BlockPublicPolicy": True,
    "IgnorePublicAcls": True,
    "RestrictPublicBuckets": True,
}


def bucket_of(account: str, region: str) -> str:
    """Return the name of the bucket for an account and region, shared by its stages."""
    return f"stockroom-deploy-{account}-{region}"


def ensure_bucket(s3: Client, bucket: str, region: str) -> None:
    """Create the bucket if it is not there; nothing in it is public."""
    try:
        s3.head_bucket(Bucket=bucket)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
            raise
        # S3 refuses a LocationConstraint in its first region.
        elsewhere = {"CreateBucketConfiguration": {"LocationConstraint": region}}
        s3.create_bucket(Bucket=bucket, **({} if region == "us-east-1" else elsewhere))
        s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=_PRIVATE)


def upload(s3: Client, bucket: str, stage: str, archive: Path, template: Path) -> tuple[str, Template]:
    """Store code and template under their digests, so that older ones stay for rolling back.

    Args:
        s3: a client.
        bucket: where to.
        stage: whose package it is.
        archive, template: what `infra.stack.package` wrote.

    Returns:
        The URL of the template, and the template itself, with the functions' code in the bucket.
    """
    code = archive.read_bytes()
    key = f"{stage}/{hashlib.sha256(code).hexdigest()}.zip"
    s3.put_object(Bucket=bucket, Key=key, Body=code)
    content: Template = yaml.safe_load(template.read_text())
    for resource in content["Resources"].values():
        if resource["Type"] == _FUNCTION:
            resource["Properties"]["CodeUri"] = {"Bucket": bucket, "Key": key}
    text = json.dumps(content, sort_keys=True).encode()
    template_key = f"{stage}/{hashlib.sha256(text).hexdigest()}.json"
    s3.put_object(Bucket=bucket, Key=template_key, Body=text)
    return f"{s3.meta.endpoint_url}/{bucket}/{template_key}", content


def empty(s3: Client, bucket: str) -> int:
    """Delete all objects of a bucket, and return how many: CloudFormation deletes only empty buckets."""
    deleted = 0
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        if objects := [{"Key": item["Key"]} for item in page.get("Contents", ())]:
            s3.delete_objects(Bucket=bucket, Delete={"Objects": objects, "Quiet": True})
            deleted += len(objects)
    return deleted
