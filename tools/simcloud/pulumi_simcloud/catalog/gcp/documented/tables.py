"""BigQuery: views, external tables, keys and who has access, as its references say.

Unless another page is named, each rule stands at the field of the type's REST reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pulumi_simcloud.catalog.gcp.bigquery import schema_errors
from pulumi_simcloud.catalog.gcp.common import DATASET, KEY_PLACES, MEMBER
from pulumi_simcloud.catalog.gcp.names import role_reason
from pulumi_simcloud.failures import Failure, excerpt
from pulumi_simcloud.kinds import Demand, Existing, Inputs, Rule
from pulumi_simcloud.property_values import UNKNOWN, select
from pulumi_simcloud.rules.basic import PathRule, between, check, one_of, parsed, pattern
from pulumi_simcloud.rules.bigquery_sql import default_error, query_errors, query_tables
from pulumi_simcloud.rules.fields import needed_with, not_with, unique
from pulumi_simcloud.rules.trust import agent_may_use

TABLE = "gcp:bigquery/table:Table"
EXTERNAL = "externalDataConfiguration"
AGENT = "bq-{project_number}@bigquery-encryption.iam.gserviceaccount.com"
ON_DATASETS = ("bigquery.datasets", "bigquery.tables", "bigquery.routines", "bigquery.models")
ACCESS_ROLES = ("READER", "WRITER", "OWNER")
# https://cloud.google.com/bigquery/quotas#standard_tables
MOST_COLUMNS = 10_000
# Formats whose files are named by a manifest, and by other addresses.
NOT_FILES = ("BIGTABLE", "GOOGLE_SHEETS", "DATASTORE_BACKUP", "ICEBERG", "DELTA_LAKE")


def _columns(inputs: Inputs) -> list[dict[str, Any]]:
    """The columns of a table's schema; none for a text that is no list of them."""
    fields = parsed(inputs.get("schema"))
    return [item for item in fields if isinstance(item, dict)] if isinstance(fields, list) else []


def _views(inputs: Inputs) -> Iterator[Failure]:
    """The query of a view parses, in the dialect that it is said to have."""
    view = inputs.get("view")
    view = view if isinstance(view, dict) else {}
    query, legacy = view.get("query"), view.get("useLegacySql")
    if isinstance(query, str) and legacy is not UNKNOWN:
        yield from (Failure("view.query", reason) for reason in query_errors(query, legacy))
    for _, query in select(inputs, "materializedView.query"):
        if isinstance(query, str):
            for reason in query_errors(query, False):
                yield Failure("materializedView.query", reason)
    # resource_bigquery_table.go: schemaHasRequiredFields.
    if view and "REQUIRED" in [column.get("mode") for column in _columns(inputs)]:
        yield Failure("schema", "Schema cannot contain required fields when creating a view")


def _schema(inputs: Inputs) -> Iterator[Failure]:
    fields = parsed(inputs.get("schema"))
    if not isinstance(fields, list):
        return
    if len(fields) > MOST_COLUMNS:
        yield Failure("schema", f"has {len(fields)} columns, allowed are {MOST_COLUMNS}")
    for number, item in enumerate(fields):
        default = item.get("defaultValueExpression") if isinstance(item, dict) else None
        reason = default_error(default, str(item.get("type")).upper()) if default else None
        if reason:
            yield Failure(f"schema[{number}].defaultValueExpression", reason)
    columns = {str(column.get("name")) for column in _columns(inputs)}
    path = "tableConstraints.foreignKeys[*].columnReferences.referencingColumn"
    for found, name in select(inputs, path):
        if isinstance(name, str) and name not in columns:
            yield Failure(found, f"{name!r} is not in the schema")


def _uri(value: Any) -> str | None:
    """One wildcard at most, after the bucket (ExternalDataConfiguration, sourceUris)."""
    match = re.fullmatch(r"gs://([^/]+)/?(.*)", str(value))
    if match and "*" in match[1]:
        return f"{excerpt(value)}: the wildcard comes after the bucket's name"
    if match and match[2].count("*") > 1:
        return f"{excerpt(value)} has {match[2].count('*')} wildcards, allowed is one"
    return None


def _external(inputs: Inputs) -> Iterator[Failure]:
    """The schema of an external table is one as of a table (ExternalDataConfiguration, schema)."""
    for path, text in select(inputs, f"{EXTERNAL}.schema"):
        fields = parsed(text)
        if text is UNKNOWN:
            continue
        if isinstance(fields, list):
            yield from schema_errors(fields, path)
            yield from _parameters(fields, path)
        else:
            yield Failure(path, f"{excerpt(text)} is not a JSON list of fields")
    # RangePartitioning, field: "whose mode is NULLABLE or REQUIRED".
    ranged = inputs.get("rangePartitioning")
    name = ranged.get("field") if isinstance(ranged, dict) else None
    for column in _columns(inputs):
        if column.get("name") == name and column.get("mode") == "REPEATED":
            yield Failure("rangePartitioning.field", f"{name!r} is REPEATED")


def _parameters(fields: list[Any], path: str) -> Iterator[Failure]:
    """Columns of files have no parameters, such as a precision, at any depth."""
    for item in fields:
        if not isinstance(item, dict):
            continue
        if any(item.get(name) for name in ("maxLength", "precision", "scale")):
            name = item.get("name")
            reason = f"Field {name} has type parameters, but it is not allowed in external table"
            yield Failure(path, reason)
        nested = item.get("fields")
        yield from _parameters(nested if isinstance(nested, list) else [], path)


def _files(inputs: Inputs) -> Iterator[Failure]:
    external = inputs.get(EXTERNAL)
    if not isinstance(external, dict) or external.get("sourceFormat") in (*NOT_FILES, UNKNOWN):
        return
    uris = [item for item in external.get("sourceUris") or [] if isinstance(item, str)]
    for number, uri in enumerate(uris):
        reason = _uri(uri)
        if reason:
            yield Failure(f"{EXTERNAL}.sourceUris[{number}]", reason)
    options = external.get("hivePartitioningOptions")
    prefix = options.get("sourceUriPrefix") if isinstance(options, dict) else None
    if isinstance(prefix, str):
        # A prefix may tell its keys: gs://bucket/path/{day:DATE}.
        fixed = prefix.split("{")[0]
        for number, uri in enumerate(uris):
            if not uri.startswith(fixed):
                reason = f"{excerpt(uri)} does not begin with the sourceUriPrefix {prefix}"
                yield Failure(f"{EXTERNAL}.sourceUris[{number}]", reason)


def _access(value: Any) -> str | None:
    """A role of datasets (Dataset, access[].role)."""
    if value in ACCESS_ROLES or not str(value).startswith("roles/"):
        return None
    return role_reason(str(value), ON_DATASETS)


def _replicated(inputs: Inputs) -> Iterator[Failure]:
    """resource_bigquery_table.go: what a replica does not go with."""
    for name in ("schema", "view", "materializedView"):
        if inputs.get("tableReplicationInfo") and inputs.get(name):
            yield Failure(name, "cannot be specified when table replication info is present")


def _read(inputs: Inputs, world: Existing) -> Iterator[str]:
    """The tables that a view reads exist (https://cloud.google.com/bigquery/docs/views)."""
    queries = [
        *(q for _, q in select(inputs, "view.query") if _is_standard(inputs.get("view"))),
        *(q for _, q in select(inputs, "materializedView.query")),
    ]
    own = world.variables["project"]
    for query in queries if world.closed else ():
        for parts in query_tables(query) if isinstance(query, str) else ():
            *project, dataset, name = parts
            known = world.find([DATASET], dataset, ("datasetId",))
            if project not in ([], [own]) or (known is None and not project):
                continue
            same = (
                row.inputs.get("datasetId") == dataset and row.inputs.get("tableId") == name
                for row in world.of(TABLE)
            )
            if not any(same):
                yield f"Not found: Table {own}:{dataset}.{name} was not found"


def _is_standard(view: Any) -> bool:
    return isinstance(view, dict) and view.get("useLegacySql") is False


def _shared(inputs: Inputs, world: Existing) -> Iterator[str]:
    """A view or dataset that is authorized exists.

    https://cloud.google.com/bigquery/docs/authorized-views, /authorized-datasets
    """
    own = world.variables["project"]
    for _, view in select(inputs, "accesses[*].view"):
        if not isinstance(view, dict) or view.get("projectId") != own or not world.closed:
            continue
        dataset, name = view.get("datasetId"), view.get("tableId")
        same = (
            row.inputs.get("datasetId") == dataset and row.inputs.get("tableId") == name
            for row in world.of(TABLE)
        )
        if not any(same):
            yield f"Not found: Table {own}:{dataset}.{name}"
    for _, shared in select(inputs, "accesses[*].dataset.dataset"):
        if not isinstance(shared, dict) or shared.get("projectId") != own or not world.closed:
            continue
        name = shared.get("datasetId")
        if world.find([DATASET], name, ("datasetId",)) is None:
            yield f"Not found: Dataset {own}:{name}"


def _key_in_place(inputs: Inputs, world: Existing) -> Iterator[str]:
    """https://cloud.google.com/bigquery/docs/customer-managed-encryption: same location."""
    dataset = world.find([DATASET], inputs.get("datasetId"), ("datasetId",))
    place = dataset.inputs.get("location") if dataset is not None else None
    for _, name in select(inputs, "encryptionConfiguration.kmsKeyName"):
        match = re.match(r"projects/[^/]+/locations/([^/]+)/", str(name))
        if match and isinstance(place, str):
            expected = KEY_PLACES.get(place.lower(), place.lower())
            if match[1] != expected:
                yield f"Cloud KMS key {name} is in {match[1]}, the dataset is in {place}"


RULES: dict[str, tuple[Rule, ...]] = {
    DATASET: (
        check("accesses[*].role", _access),
        pattern("accesses[*].iamMember", MEMBER, "such as serviceAccount:EMAIL"),
        pattern("accesses[*].domain", r"(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}", "a domain"),
        check(
            "resourceTags",
            lambda value: next(
                (f"{key!r} is no tag key such as PROJECT/NAME" for key in value if "/" not in key),
                None,
            ),
        ),
    ),
    TABLE: (
        PathRule(("view.query", "materializedView.query"), _views),
        PathRule(("schema",), _schema),
        PathRule((f"{EXTERNAL}.schema", "rangePartitioning.field"), _external),
        PathRule((f"{EXTERNAL}.sourceUris[*]",), _files),
        one_of(f"{EXTERNAL}.objectMetadata", "SIMPLE"),
        unique(f"{EXTERNAL}.decimalTargetTypes[*]"),
        PathRule(("tableReplicationInfo",), _replicated),
        not_with("view", "materializedView"),
        # https://cloud.google.com/bigquery/docs/materialized-views-manage#configure_refresh
        between("materializedView.refreshIntervalMs", 60_000, 604_800_000),
        # https://cloud.google.com/bigquery/docs/materialized-views-create#non-incremental
        needed_with("maxStaleness", "materializedView.allowNonIncrementalDefinition"),
        between("timePartitioning.expirationMs", 0, 2**63),
        one_of(f"{EXTERNAL}.hivePartitioningOptions.mode", "AUTO", "STRINGS", "CUSTOM"),
        between(f"{EXTERNAL}.maxBadRecords", 0, 2**31 - 1),
        between(f"{EXTERNAL}.csvOptions.skipLeadingRows", 0, 2**63),
        pattern(
            f"{EXTERNAL}.connectionId",
            r"projects/[^/]+/locations/[^/]+/connections/[^/]+|[\w:-]+(\.[\w-]+){2}",
            "projects/P/locations/L/connections/C or P.L.C",
        ),
        unique("tableConstraints.primaryKey.columns[*]"),
        # https://cloud.google.com/bigquery/docs/materialized-view-replicas-create
        between("tableReplicationInfo.replicationIntervalMs", 60_000, 3_600_000),
        pattern("biglakeConfiguration.storageUri", r"gs://\S+", "gs://BUCKET/PATH"),
        one_of("biglakeConfiguration.fileFormat", "PARQUET"),
        one_of("biglakeConfiguration.tableFormat", "ICEBERG"),
    ),
}

DEMANDS: dict[str, tuple[Demand, ...]] = {
    DATASET: (_shared,),
    TABLE: (
        _read,
        _key_in_place,
        agent_may_use("encryptionConfiguration.kmsKeyName", AGENT),
    ),
}
