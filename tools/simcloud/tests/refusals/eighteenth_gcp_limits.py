"""The eighteenth round's second part on Google Cloud: what the pages on quotas call fixed."""

from __future__ import annotations

import json
from typing import Any

from samples.gcp import PROJECT

from refusals.case import RANGE, REFERENCE, TEXT, Refusal

LOGGING = "https://cloud.google.com/logging/quotas"
IAM = "https://cloud.google.com/iam/quotas"
WORKFLOWS = "https://cloud.google.com/workflows/quotas"
METRIC = "https://docs.datadoghq.com/infrastructure/resource_catalog/gcp_logging_log_metric/"


def _excluded(count: int, text: str = "severity<ERROR") -> dict[str, Any]:
    return {"exclusions": [{"name": f"less-{index}", "filter": text} for index in range(count)]}


def _steps(*steps: dict[str, Any]) -> dict[str, Any]:
    return {"sourceContents": json.dumps({"main": {"steps": list(steps)}})}


def _assigned(count: int) -> dict[str, Any]:
    return _steps({"set": {"assign": [{f"a{index}": index} for index in range(count)]}})


def _switched(count: int) -> dict[str, Any]:
    cases = [{"condition": f"${{1 == {index}}}", "next": "end"} for index in range(count)]
    return _steps({"choose": {"switch": cases}})


def _branched(count: int) -> dict[str, Any]:
    branches = [
        {f"b{index}": {"steps": [{f"s{index}": {"assign": [{"a": 1}]}}]}} for index in range(count)
    ]
    return _steps({"fork": {"parallel": {"branches": branches}}})


def _longest(length: int) -> dict[str, Any]:
    text = "a" * (length - 7)
    return _steps({"set": {"assign": [{"a": f'${{"{text}"+"b"}}'}]}})


SECOND_GCP = [
    Refusal(
        f"{LOGGING}#exclusions",
        RANGE,
        "sink",
        "Number of exclusion filters: 50 per sink",
        _excluded(51),
        _excluded(50),
    ),
    Refusal(
        f"{LOGGING}#exclusion",
        RANGE,
        "sink",
        "Length of a sink exclusion filter: 20,000 characters",
        _excluded(1, "severity<" + " " * 19_987 + "ERROR"),
        _excluded(1, "severity<" + " " * 19_986 + "ERROR"),
    ),
    Refusal(
        f"{LOGGING}#filter",
        RANGE,
        "metric",
        "Length of a Logging query language query: 20,000 characters",
        {"filter": "severity>=" + " " * 19_986 + "ERROR"},
        {"filter": "severity>=" + " " * 19_985 + "ERROR"},
    ),
    Refusal(
        f"{IAM}#title",
        RANGE,
        "role",
        "Title of a custom role: 100 bytes",
        {"title": "t" * 101},
        {"title": "t" * 100},
    ),
    Refusal(
        f"{IAM}#description",
        RANGE,
        "role",
        "Description of a custom role: 300 bytes",
        {"description": "d" * 301},
        {"description": "d" * 300},
    ),
    Refusal(
        f"{IAM}#id",
        RANGE,
        "role",
        "ID of a custom role: 64 bytes",
        {"roleId": "r" * 65},
        {"roleId": "r" * 64},
    ),
    Refusal(
        METRIC,
        REFERENCE,
        "metric",
        "The bucket has to be in the same project as the metric",
        {"bucketName": "projects/another/locations/global/buckets/_Default"},
        {"bucketName": f"projects/{PROJECT}/locations/global/buckets/_Default"},
    ),
    Refusal(
        f"{WORKFLOWS}#source",
        RANGE,
        "workflow",
        "Source code size: 128 KB",
        {"sourceContents": "main:\n  steps: []\n#" + "a" * 131_072 + "\n"},
        {"sourceContents": "main:\n  steps: []\n#" + "a" * 131_000 + "\n"},
    ),
    Refusal(
        f"{WORKFLOWS}#assign",
        TEXT,
        "workflow",
        "Assignments: 50 per assign step",
        _assigned(51),
        _assigned(50),
    ),
    Refusal(
        f"{WORKFLOWS}#switch",
        TEXT,
        "workflow",
        "Conditions: 50 per switch",
        _switched(51),
        _switched(50),
    ),
    Refusal(
        f"{WORKFLOWS}#branches",
        TEXT,
        "workflow",
        "Branches: 10 per parallel step",
        _branched(11),
        _branched(10),
    ),
    Refusal(
        f"{WORKFLOWS}#expression",
        TEXT,
        "workflow",
        "Expression length: 400 characters",
        _longest(420),
        _longest(380),
    ),
    Refusal(
        f"{WORKFLOWS}#variables",
        RANGE,
        "workflow",
        "User-defined environment variables: 20",
        {"userEnvVars": {f"NAME{index}": "a" for index in range(21)}},
        {"userEnvVars": {f"NAME{index}": "a" for index in range(20)}},
    ),
]
