"""Cloud Storage, Artifact Registry, KMS and BigQuery: what their references say of several fields.

Unless another page is named, each rule stands at the field of the type's REST reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

from pulumi_simcloud.catalog.gcp.common import BUCKET, CRYPTO_KEY, DATASET
from pulumi_simcloud.catalog.gcp.storage import DUAL, MULTI
from pulumi_simcloud.failures import Failure, excerpt
from pulumi_simcloud.kinds import Demand, Existing, Inputs, Rule
from pulumi_simcloud.property_values import UNKNOWN, select
from pulumi_simcloud.rules.basic import (
    PathRule,
    at_most_one,
    between,
    check,
    count,
    one_of,
    parsed,
    pattern,
)
from pulumi_simcloud.rules.fields import (
    each,
    google_seconds,
    moment,
    needed_with,
    not_with,
    only_with,
    ordered,
    unique,
)

TABLE = "gcp:bigquery/table:Table"
REPOSITORY = "gcp:artifactregistry/repository:Repository"
OBJECT = "gcp:storage/bucketObject:BucketObject"
CONDITION = "lifecycleRules[*].condition"
CLASSES = (
    "STANDARD", "MULTI_REGIONAL", "REGIONAL", "NEARLINE", "COLDLINE", "ARCHIVE",
    "DURABLE_REDUCED_AVAILABILITY",
)  # fmt: skip
DATES = ("createdBefore", "customTimeBefore", "noncurrentTimeBefore")


def _places(inputs: Inputs) -> Iterator[Failure]:
    """https://cloud.google.com/storage/docs/locations#predefined, Turbo replication."""
    place = inputs.get("location")
    custom = (inputs.get("customPlacementConfig") or {}).get("dataLocations")
    place = place.lower() if isinstance(place, str) else None
    zonal = inputs.get("storageClass") == "RAPID"
    if isinstance(custom, list) and not zonal:
        if len(custom) != 2:
            yield Failure("customPlacementConfig.dataLocations", "a dual-region has two regions")
        if place not in (*MULTI, None):
            yield Failure("location", "a configurable dual-region is in US, EU or ASIA")
    rpo, dual = inputs.get("rpo"), custom or place in DUAL
    if rpo == "ASYNC_TURBO" and place and not dual:
        yield Failure("rpo", "ASYNC_TURBO is for dual-regions alone")
    if rpo == "DEFAULT" and place and not dual and place not in MULTI:
        yield Failure("rpo", "is for dual-regions and multi-regions alone")


def _autoclass(inputs: Inputs) -> Iterator[Failure]:
    """https://cloud.google.com/storage/docs/autoclass: no rules on classes beside it."""
    autoclass = inputs.get("autoclass")
    if not isinstance(autoclass, dict) or autoclass.get("enabled") is not True:
        return
    if inputs.get("storageClass", "STANDARD") not in ("STANDARD", UNKNOWN):
        yield Failure("storageClass", "is STANDARD with autoclass")
    actions = [value for _, value in select(inputs, "lifecycleRules[*].action.type")]
    classes = [value for _, value in select(inputs, f"{CONDITION}.matchesStorageClasses")]
    if "SetStorageClass" in actions or any(classes):
        yield Failure("lifecycleRules", "SetStorageClass and matchesStorageClass exclude autoclass")


def _date(value: Any) -> str | None:
    try:
        datetime.strptime(str(value), "%Y-%m-%d")
    except ValueError:
        return f"{excerpt(value)} is no date such as 2030-01-31"
    return None


def _outside(inputs: Inputs) -> Iterator[Failure]:
    """https://cloud.google.com/kms/docs/ekm: keys outside have no first version, and theirs."""
    template = inputs.get("versionTemplate")
    template = template if isinstance(template, dict) else {}
    level = template.get("protectionLevel")
    skipped = inputs.get("skipInitialVersionCreation")
    if level == "EXTERNAL_VPC" and not skipped:
        yield Failure("skipInitialVersionCreation", f"needed with protectionLevel {level}")
    if inputs.get("importOnly") and not skipped:
        yield Failure("skipInitialVersionCreation", "needed with importOnly")
    if inputs.get("importOnly") and inputs.get("rotationPeriod"):
        yield Failure("rotationPeriod", "not with importOnly")
    algorithm = template.get("algorithm")
    if isinstance(algorithm, str) and isinstance(level, str):
        outside = algorithm.startswith("EXTERNAL")
        if level.startswith("EXTERNAL") and not algorithm.startswith(("EXTERNAL", "RSA", "EC_")):
            yield Failure("versionTemplate.algorithm", f"{algorithm} is none of {level}")
        if outside and not level.startswith("EXTERNAL"):
            yield Failure("versionTemplate.algorithm", f"{algorithm} is none of {level}")


def _keeps(value: Any) -> str | None:
    """A policy has a condition, or for what is kept a number of versions (CleanupPolicy)."""
    recent = value.get("mostRecentVersions")
    if recent is not None and value.get("action") not in ("KEEP", UNKNOWN):
        return "mostRecentVersions is for the action KEEP"
    if recent is not None and value.get("condition") is not None:
        return "mostRecentVersions and condition exclude each other"
    if recent is None and value.get("condition") is None:
        return "needs a condition or mostRecentVersions"
    return None


# https://cloud.google.com/bigquery/docs/clustered-tables#cluster_column_types
CLUSTERED = {
    "BIGNUMERIC", "BOOL", "BOOLEAN", "DATE", "DATETIME", "GEOGRAPHY", "INT64", "INTEGER",
    "NUMERIC", "RANGE", "STRING", "TIMESTAMP",
}  # fmt: skip
# https://cloud.google.com/bigquery/docs/schemas#column_names
RESERVED = ("_table_", "_file_", "_partition", "_row_timestamp", "__root__", "_colidentifier")
MOST_PARTITIONS, DEEPEST, MOST_KEYS = 10_000, 15, 16


def _columns(inputs: Inputs) -> Iterator[Failure]:
    """Columns of the schema, and what partitions, clusters and keys ask of them."""
    fields = parsed(inputs.get("schema"))
    if not isinstance(fields, list):
        return
    yield from _inside(fields, "schema", 1)
    columns = {str(item.get("name")): item for item in fields if isinstance(item, dict)}
    for name in inputs.get("clusterings") or []:
        column = columns.get(name) if isinstance(name, str) else None
        if column is None:
            continue
        if str(column.get("type")).upper() not in CLUSTERED:
            yield Failure("clusterings", f"{name!r} of type {column.get('type')} does not cluster")
        if column.get("mode") == "REPEATED":
            yield Failure("clusterings", f"{name!r} is REPEATED")
    partition = inputs.get("timePartitioning")
    partition = partition if isinstance(partition, dict) else {}
    column = columns.get(str(partition.get("field")))
    if column and column.get("type") == "DATE" and partition.get("type") == "HOUR":
        yield Failure("timePartitioning.type", "a DATE is not partitioned by HOUR")
    keys = [name for _, name in select(inputs, "tableConstraints.primaryKey.columns[*]")]
    if len(keys) > MOST_KEYS:
        yield Failure("tableConstraints.primaryKey.columns", f"has {len(keys)}, allowed are 16")
    for name in keys:
        if isinstance(name, str) and name not in columns:
            yield Failure("tableConstraints.primaryKey.columns", f"{name!r} is not in the schema")


def _inside(fields: list[Any], path: str, depth: int) -> Iterator[Failure]:
    if depth > DEEPEST:
        yield Failure(path, f"is nested {depth} deep, allowed are {DEEPEST}")
        return
    for number, item in enumerate(fields):
        if not isinstance(item, dict):
            continue
        below, kind = f"{path}[{number}]", str(item.get("type")).upper()
        if str(item.get("name")).lower().startswith(RESERVED):
            yield Failure(below, f"Invalid field name {excerpt(item.get('name'))}: reserved prefix")
        if "maxLength" in item and kind not in ("STRING", "BYTES"):
            yield Failure(below, f"{kind} has no maxLength")
        if ("precision" in item or "scale" in item) and kind not in ("NUMERIC", "BIGNUMERIC"):
            yield Failure(below, f"{kind} has no precision and scale")
        yield from _sized(item, kind, below)
        if "collation" in item and kind != "STRING":
            yield Failure(below, f"{kind} has no collation")
        if kind == "RANGE" and not item.get("rangeElementType"):
            yield Failure(below, "a RANGE needs rangeElementType")
        if item.get("fields") and kind not in ("RECORD", "STRUCT"):
            yield Failure(below, f"{kind} has no fields")
        if item.get("defaultValueExpression") is not None and item.get("mode") == "REPEATED":
            yield Failure(below, "a REPEATED column has no default but []")
        yield from _inside(item.get("fields") or [], f"{below}.fields", depth + 1)


# https://cloud.google.com/bigquery/docs/reference/standard-sql/data-types#parameterized_decimal_type
DIGITS = {"NUMERIC": (29, 9), "BIGNUMERIC": (38, 38)}
TAG = re.compile(r"projects/[^/]+/locations/[^/]+/taxonomies/[^/]+/policyTags/[^/]+")


def _sized(item: dict[str, Any], kind: str, below: str) -> Iterator[Failure]:
    """Lengths, digits, descriptions and policy tags of a column (TableFieldSchema)."""
    length = item.get("maxLength")
    if length is not None and not (str(length).isdigit() and int(length) > 0):
        yield Failure(below, f"maxLength {length} is not more than 0")
    precision, scale = item.get("precision"), item.get("scale", 0)
    most, after = DIGITS.get(kind, (None, None))
    known = str(precision).isdigit() and str(scale).isdigit()
    if most is not None and after is not None and known:
        digits, places = int(str(precision)), int(str(scale))
        if places > after or not 1 <= digits - places <= most:
            yield Failure(below, f"precision {precision} and scale {scale} are too many for {kind}")
    if len(str(item.get("description") or "")) > 1024:
        yield Failure(below, "the description has more than 1024 characters")
    tags = item.get("policyTags")
    for name in tags.get("names") or [] if isinstance(tags, dict) else ():
        if not TAG.fullmatch(str(name)):
            yield Failure(below, f"{excerpt(name)} is no policy tag")


def _ranges(inputs: Inputs) -> Iterator[Failure]:
    """https://cloud.google.com/bigquery/docs/partitioned-tables#integer_range, quotas."""
    ranged = (inputs.get("rangePartitioning") or {}).get("range")
    if not isinstance(ranged, dict):
        return
    start, end, step = (ranged.get(key) for key in ("start", "end", "interval"))
    if not all(isinstance(item, int) for item in (start, end, step)):
        return
    assert isinstance(start, int) and isinstance(end, int) and isinstance(step, int)
    path = "rangePartitioning.range"
    if start >= end or step <= 0:
        yield Failure(path, f"{start} to {end} by {step} is no range")
    elif (end - start) / step > MOST_PARTITIONS:
        yield Failure(path, f"has more than {MOST_PARTITIONS} partitions")


def _partitioned(inputs: Inputs) -> Iterator[Failure]:
    """A filter on partitions needs some (Table, requirePartitionFilter)."""
    if inputs.get("requirePartitionFilter") is not True:
        return
    external = inputs.get("externalDataConfiguration") or {}
    if not (
        inputs.get("timePartitioning")
        or inputs.get("rangePartitioning")
        or external.get("hivePartitioningOptions")
    ):
        yield Failure("requirePartitionFilter", "only for a table with partitions")


def _later(value: Any) -> str | None:
    """An expiration is in the future (Table, expirationTime)."""
    now = datetime.now(timezone.utc).timestamp() * 1000
    return f"{value} is in the past" if isinstance(value, int) and 0 < value < now else None


def _upstream(value: Any) -> str | None:
    """https://cloud.google.com/artifact-registry/docs/repositories/remote-overview"""
    found = re.fullmatch(r"https?://([^/\s]+)(/\S*)?", str(value))
    if found is None:
        return f"{excerpt(value)} is not the URL of a repository"
    if found[1].endswith((".pkg.dev", ".gcr.io")):
        return "Artifact Registry repositories not supported as custom remote repository URI"
    return None


def _ended(value: Any) -> str | None:
    time = moment(value)
    return f"{value} is in the past" if time and time < datetime.now(timezone.utc) else None


def _retains(inputs: Inputs, world: Existing) -> Iterator[str]:
    """https://cloud.google.com/storage/docs/object-lock: a bucket that has it, from the start."""
    row = world.find([BUCKET], inputs.get("bucket"), ("name",))
    if row and inputs.get("retention") and row.inputs.get("enableObjectRetention") is not True:
        yield f"object retention is not enabled on {inputs['bucket']!r}"


RULES: dict[str, tuple[Rule, ...]] = {
    BUCKET: (
        PathRule(("rpo", "location", "customPlacementConfig.dataLocations"), _places),
        PathRule(("autoclass.enabled", "storageClass"), _autoclass),
        *(check(f"{CONDITION}.{name}", _date) for name in DATES),
        one_of("lifecycleRules[*].action.storageClass", *CLASSES),
        one_of(f"{CONDITION}.matchesStorageClasses[*]", *CLASSES),
        between(f"{CONDITION}.age", 0, 2**31 - 1),
        one_of("autoclass.terminalStorageClass", "NEARLINE", "ARCHIVE"),
    ),
    OBJECT: (
        needed_with("retention.retainUntilTime", "retention.mode"),
        check("retention.retainUntilTime", _ended),
        # https://cloud.google.com/storage/docs/objects#naming
        check(
            "name",
            lambda value: (
                f"has {len(str(value).encode())} bytes, allowed are 1024"
                if len(str(value).encode()) > 1024
                else None
            ),
        ),
        one_of("retention.mode", "Locked", "Unlocked"),
        not_with("retention", "eventBasedHold", True),
        at_most_one("customerEncryption", "kmsKeyName"),
        one_of("storageClass", *CLASSES),
    ),
    REPOSITORY: (
        only_with("virtualRepositoryConfig", "mode", "VIRTUAL_REPOSITORY"),
        only_with("remoteRepositoryConfig", "mode", "REMOTE_REPOSITORY"),
        needed_with("remoteRepositoryConfig", "mode", "REMOTE_REPOSITORY"),
        only_with("mavenConfig", "format", "MAVEN", "maven"),
        only_with("dockerConfig", "format", "DOCKER", "docker"),
        *(
            check(f"remoteRepositoryConfig.{kind}Repository.customRepository.uri", _upstream)
            for kind in ("docker", "maven", "npm", "python")
        ),
        check("cleanupPolicies[*]", _keeps),
        unique("cleanupPolicies[*].id"),
        # https://cloud.google.com/artifact-registry/docs/repositories/cleanup-policy
        count("cleanupPolicies", 0, 10),
        between("cleanupPolicies[*].mostRecentVersions.keepCount", 1, 2**31 - 1),
        each(
            "cleanupPolicies[*].condition",
            only_with("tagPrefixes", "tagState", "TAGGED"),
        ),
        pattern("cleanupPolicies[*].condition.olderThan", r"\d+[smhd]", "such as 30d or 86400s"),
        pattern("cleanupPolicies[*].condition.newerThan", r"\d+[smhd]", "such as 30d or 86400s"),
        pattern("description", r"[\s\S]{0,1024}", "at most 1024 characters"),
    ),
    CRYPTO_KEY: (
        PathRule(("versionTemplate.protectionLevel", "importOnly"), _outside),
        # CryptoKey, versionTemplate: the default goes with ENCRYPT_DECRYPT alone.
        needed_with("versionTemplate", "purpose", "ASYMMETRIC_SIGN", "ASYMMETRIC_DECRYPT", "MAC"),
        check(
            "rotationPeriod",
            lambda value: (
                f"{excerpt(value)} is more than 100 years"
                if (google_seconds(value) or 0) > 3_153_600_000
                else None
            ),
        ),
        pattern(
            "cryptoKeyBackend",
            r"projects/[^/]+/locations/[^/]+/ekmConnections/[^/]+",
            "projects/P/locations/L/ekmConnections/C",
        ),
        only_with("cryptoKeyBackend", "versionTemplate.protectionLevel", "EXTERNAL_VPC"),
    ),
    DATASET: (
        each(
            "accesses[*]",
            *(not_with("role", name) for name in ("view", "routine", "dataset")),
            *(
                needed_with("role", name)
                for name in ("userByEmail", "groupByEmail", "specialGroup", "iamMember", "domain")
            ),
        ),
        pattern("accesses[*].userByEmail", r"[^@\s]+@[^@\s]+", "an e-mail address"),
        pattern("accesses[*].groupByEmail", r"[^@\s]+@[^@\s]+", "an e-mail address"),
        one_of(
            "accesses[*].specialGroup",
            "projectOwners",
            "projectReaders",
            "projectWriters",
            "allAuthenticatedUsers",
        ),
        not_with("defaultTableExpirationMs", "externalDatasetReference"),
        pattern(
            "accesses[*].role",
            r"READER|WRITER|OWNER|(projects/[^/]+/|organizations/\d+/)?roles/\S+",
            "READER, WRITER, OWNER or a role",
        ),
        one_of("defaultCollation", "", "und:ci"),
    ),
    TABLE: (
        PathRule(("schema", "clusterings"), _columns),
        PathRule(("rangePartitioning.range",), _ranges),
        PathRule(("requirePartitionFilter",), _partitioned),
        check("expirationTime", _later),
        pattern("maxStaleness", r"-?\d+-\d+ -?\d+ -?\d+:\d+:\d+(\.\d+)?", "Y-M D H:M:S"),
        unique("clusterings[*]"),
        *(
            not_with(name, "view")
            for name in (
                "timePartitioning",
                "rangePartitioning",
                "clusterings",
                "externalDataConfiguration",
            )
        ),
        pattern("view.query", r"[\s\S]*\S[\s\S]*", "a query"),
        ordered("rangePartitioning.range.start", "rangePartitioning.range.end", strict=True),
        needed_with(
            "externalDataConfiguration.sourceFormat", "externalDataConfiguration.csvOptions"
        ),
        only_with(
            "externalDataConfiguration.csvOptions",
            "externalDataConfiguration.sourceFormat",
            "CSV",
        ),
        pattern(
            "externalDataConfiguration.sourceUris[*]",
            r"(gs|s3|azure|https)://\S+",
            "gs://BUCKET/OBJECT",
        ),
    ),
}

DEMANDS: dict[str, tuple[Demand, ...]] = {OBJECT: (_retains,)}
