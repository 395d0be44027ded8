"""Policies and pipeline definitions for the samples."""

from __future__ import annotations

import json
from typing import Any


def statement(**more: Any) -> dict[str, Any]:
    """One statement of an AWS policy."""
    return {"Effect": "Allow", "Action": "s3:GetObject", **more}


def policy(*statements: dict[str, Any], **more: Any) -> str:
    """An AWS policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements), **more})


def trust(*services: str) -> str:
    """A trust policy for AWS services."""
    principal = {"Service": [f"{service}.amazonaws.com" for service in services]}
    return policy(statement(Action="sts:AssumeRole", Principal=principal))


KEY_POLICY = policy(
    statement(Action="kms:*", Resource="*", Principal={"AWS": "arn:aws:iam::123456789012:root"}),
    statement(
        Action="kms:Encrypt",
        Resource="*",
        Principal={"Service": "logs.eu-central-1.amazonaws.com"},
    ),
)


def definition(*steps: dict[str, Any], **more: Any) -> str:
    """A SageMaker pipeline definition."""
    return json.dumps({"Version": "2020-12-01", "Steps": list(steps), **more})


def step(name: str = "stop", kind: str = "Fail", **more: Any) -> dict[str, Any]:
    """A step of a SageMaker pipeline definition."""
    return {"Name": name, "Type": kind, "Arguments": {"ErrorMessage": "no"}, **more}


PIPELINE_SPEC = json.dumps(
    {
        "schemaVersion": "2.1.0",
        "pipelineInfo": {"name": "train"},
        "deploymentSpec": {"executors": {}},
        "components": {},
        "root": {"dag": {"tasks": {}}},
    }
)
