"""BigQuery. What replaces: Terraform's `ForceNew`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pulumi_simcloud.catalog.gcp.common import (
    DATASET,
    NEW_ROLE,
    key,
    key_beside,
    labels,
    location,
    member,
)
from pulumi_simcloud.catalog.gcp.names import grantable
from pulumi_simcloud.failures import Failure, excerpt
from pulumi_simcloud.kinds import Api, Inputs, Kind, Ref
from pulumi_simcloud.property_values import UNKNOWN
from pulumi_simcloud.rules.basic import (
    at_most_one,
    between,
    check,
    each_exactly_one,
    one_of,
    parsed,
    pattern,
)
from pulumi_simcloud.rules.trust import agent_may_use

# Who or what an entry of a dataset's access is for.
GRANTEES = (
    "userByEmail",
    "groupByEmail",
    "domain",
    "specialGroup",
    "iamMember",
    "view",
    "routine",
    "dataset",
)
# iam_bigquery_member_dataset.go of the provider, iamMemberToAccessForIamMember.
MEMBER = (
    r"(user|group|serviceAccount|domain|iamMember):\S+|allAuthenticatedUsers"
    r"|project(Owners|Readers|Writers)"
)
# https://cloud.google.com/bigquery/docs/reference/rest/v2/tables#TableFieldSchema
TYPES = frozenset(
    [
        "STRING",
        "BYTES",
        "INTEGER",
        "INT64",
        "FLOAT",
        "FLOAT64",
        "BOOLEAN",
        "BOOL",
        "TIMESTAMP",
        "DATE",
        "TIME",
        "DATETIME",
        "GEOGRAPHY",
        "NUMERIC",
        "BIGNUMERIC",
        "JSON",
        "RECORD",
        "STRUCT",
        "RANGE",
        "INTERVAL",
    ]
)
MODES = ("NULLABLE", "REQUIRED", "REPEATED")
PARTITIONED = ("DATE", "TIMESTAMP", "DATETIME")
MOST_CLUSTERED = 4


def _grantee(value: Any) -> str | None:
    if re.fullmatch(MEMBER, str(value)):
        return None
    return f"Failed to parse BigQuery Dataset IAM member type: {value}"


def _table(inputs: Inputs) -> Iterator[Failure]:
    """The schema, and the columns by which the table is partitioned and clustered."""
    text = inputs.get("schema")
    if text is UNKNOWN:
        return
    fields = parsed(text) if text is not None else []
    if not isinstance(fields, list):
        yield Failure("schema", f"{excerpt(text)} is not a JSON list of fields")
        return
    yield from schema_errors(fields, "schema")
    columns = {
        str(item.get("name")): item
        for item in fields
        if isinstance(item, dict) and text is not None
    }
    partitioning = inputs.get("timePartitioning")
    field = partitioning.get("field") if isinstance(partitioning, dict) else None
    if isinstance(field, str):
        column = columns.get(field)
        if column is None:
            yield Failure("timePartitioning.field", f"{field!r} is not in the schema")
        elif str(column.get("type")).upper() not in PARTITIONED:
            yield Failure("timePartitioning.field", f"{field!r} is not {' or '.join(PARTITIONED)}")
        elif column.get("mode") == "REPEATED":
            yield Failure("timePartitioning.field", f"{field!r} is REPEATED")
    ranged = inputs.get("rangePartitioning")
    number = ranged.get("field") if isinstance(ranged, dict) else None
    if isinstance(number, str) and text is not None:
        kind = str((columns.get(number) or {}).get("type")).upper()
        if kind not in ("INTEGER", "INT64"):
            yield Failure("rangePartitioning.field", f"{number!r} is no column of integers")
    clustered = inputs.get("clusterings") or []
    if isinstance(clustered, list):
        if len(clustered) > MOST_CLUSTERED:
            yield Failure("clusterings", f"has {len(clustered)}, allowed are {MOST_CLUSTERED}")
        for name in clustered:
            if isinstance(name, str) and name not in columns:
                yield Failure("clusterings", f"{name!r} is not in the schema")


def schema_errors(fields: list[Any], path: str) -> Iterator[Failure]:
    """What is wrong with the fields of a schema."""
    names: set[str] = set()
    for number, item in enumerate(fields):
        item_path = f"{path}[{number}]"
        if not isinstance(item, dict) or "name" not in item or "type" not in item:
            yield Failure(item_path, f"{excerpt(item)} lacks name or type")
            continue
        name = str(item["name"])
        # https://cloud.google.com/bigquery/docs/schemas#flexible-column-names
        if not re.fullmatch(r"[^\W\d][\w &%=+:'<>#|\t-]{0,299}|_\w{0,299}", name):
            yield Failure(item_path, f"{name!r} is not allowed: letters, digits and _, at most 300")
        if name.lower() in names:
            yield Failure(item_path, f"{name!r} stands twice")
        names.add(name.lower())
        if str(item["type"]).upper() not in TYPES:
            yield Failure(item_path, f"{item['type']!r} is no type of BigQuery")
        if item.get("mode", "NULLABLE") not in MODES:
            yield Failure(item_path, f"{item['mode']!r} is not one of {', '.join(MODES)}")
        nested = item.get("fields")
        if str(item["type"]).upper() in ("RECORD", "STRUCT"):
            if not nested:
                yield Failure(item_path, f"{name!r} has no fields")
            yield from schema_errors(nested or [], f"{item_path}.fields")


BIGQUERY = (
    Kind(
        DATASET,
        id="projects/{project}/datasets/{datasetId}",
        api=Api("bigquery.v2:Dataset"),
        refs=(key("defaultEncryptionConfiguration.kmsKeyName"),),
        rules=(
            pattern("datasetId", r"\w{1,1024}", "letters, digits and _"),
            # cloud.google.com/bigquery/docs/reference/rest/v2/datasets: access[].
            each_exactly_one("accesses[*]", *GRANTEES),
            # Of other clouds those of BigQuery Omni.
            # https://cloud.google.com/bigquery/docs/locations#omni-loc
            location(
                "location",
                "us",
                "eu",
                "aws-us-east-1",
                "aws-us-west-2",
                "aws-ap-northeast-2",
                "aws-ap-southeast-2",
                "aws-eu-west-1",
                "aws-eu-central-1",
                "azure-eastus2",
                any_case=True,
            ),
            between("defaultTableExpirationMs", 3600000, 2**63),
            between("defaultPartitionExpirationMs", 1, 2**63),
            pattern("maxTimeTravelHours", r"48|72|96|120|144|168", "48 to 168 in days"),
            key_beside("defaultEncryptionConfiguration.kmsKeyName"),
            *labels(),
        ),
        demands=(
            agent_may_use(
                "defaultEncryptionConfiguration.kmsKeyName",
                "bq-{project_number}@bigquery-encryption.iam.gserviceaccount.com",
            ),
        ),
        computed={
            "selfLink": "https://bigquery.googleapis.com/bigquery/v2/projects/{project}"
            "/datasets/{datasetId}",
        },
        handles=("id", "datasetId"),
        unique="{project}/{datasetId}",
        contents="bq/{datasetId}",
        force="deleteContentsOnDestroy",
    ),
    member(
        "gcp:bigquery/datasetIamMember:DatasetIamMember",
        Ref("datasetId", (DATASET,), ("datasetId",)),
        "projects/{project}/datasets/{datasetId}",
        roles=grantable(
            "bigquery.datasets",
            "bigquery.tables",
            "bigquery.routines",
            "bigquery.models",
            basic=False,
        ),
        settles=(NEW_ROLE,),
        members=check("member", _grantee),
    ),
    Kind(
        "gcp:bigquery/table:Table",
        id="projects/{project}/datasets/{datasetId}/tables/{tableId}",
        refs=(Ref("datasetId", (DATASET,), ("datasetId",)),),
        rules=(
            pattern("tableId", r"[\w -]{1,1024}", "letters, digits, _ and -"),
            at_most_one("rangePartitioning", "timePartitioning"),
            one_of("timePartitioning.type", "DAY", "HOUR", "MONTH", "YEAR"),
            _table,
            *labels(),
        ),
        handles=("id",),
        unique="{project}/{datasetId}/{tableId}",
        protected=("deletionProtection", True),
    ),
)
