"""Cloud Logging: fields of entries, the buckets that a project has, who writes what a sink sends.

Unless another page is named, each rule stands at the field of the type's REST reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pulumi_simcloud.catalog.gcp.common import BUCKET
from pulumi_simcloud.catalog.gcp.monitoring import BUILT_IN_BUCKETS
from pulumi_simcloud.kinds import Demand, Existing, Inputs, Rule
from pulumi_simcloud.property_values import UNKNOWN
from pulumi_simcloud.rules.basic import check, pattern
from pulumi_simcloud.rules.google_filters import FilterError, check_field

METRIC = "gcp:logging/metric:Metric"
SINK = "gcp:logging/projectSink:ProjectSink"
LOG_BUCKET = "gcp:logging/projectBucketConfig:ProjectBucketConfig"
POLICY = "gcp:monitoring/alertPolicy:AlertPolicy"
# https://cloud.google.com/logging/quotas: the length of a query and of an exclusion's filter.
QUERY = (r"[\s\S]{0,20000}", "at most 20000 characters")


def _extracted(value: Any) -> str | None:
    """An extractor reads a field of a log entry (LogMetric, valueExtractor)."""
    match = re.match(r"(?:REGEXP_)?EXTRACT\(\s*([^,()\s]+)", str(value))
    root = re.split(r"[.\[]", match[1])[0] if match else ""
    try:
        check_field(root)
    except FilterError as error:
        return str(error)
    return None


def _writer(inputs: Inputs, world: Existing) -> Iterator[str]:
    """An account of one's own writes outside the project alone (LogSink, customWriterIdentity)."""
    if not inputs.get("customWriterIdentity"):
        return
    destination, own = str(inputs.get("destination")), world.variables["project"]
    place = re.match(r"[a-z]+\.googleapis\.com/projects/([^/]+)", destination)
    bucket = re.match(r"storage\.googleapis\.com/(.+)", destination)
    in_cloud = bucket and world.find([BUCKET], bucket[1], ("name",)) is not None
    if in_cloud or (place and place[1] == own):
        yield "customWriterIdentity can only be set for a destination outside the sink's project"


def _built_in(inputs: Inputs, world: Existing) -> Iterator[str]:
    """A bucket that a project has by itself is acquired where it is, and can't be made elsewhere.

    https://cloud.google.com/logging/docs/routing/overview: it is in global, but for the projects of
    an organization with another default. resource_logging_project_bucket_config.go of the provider
    makes what it can't get; the answer: GoogleCloudPlatform/magic-modules#9674.
    """
    name, place = inputs.get("bucketId"), inputs.get("location")
    if world.closed and name in BUILT_IN_BUCKETS and place not in ("global", UNKNOWN):
        yield f"{name} is in global: Resource id can only start with an alphanumber character"


def _own_bucket(inputs: Inputs, world: Existing) -> Iterator[str]:
    """LogMetric, bucketName: "the bucket has to be in the same project as the metric"."""
    own = inputs.get("project") or world.variables["project"]
    place = re.match(r"projects/([^/]*[^/\d][^/]*)/", str(inputs.get("bucketName")))
    if place and own is not UNKNOWN and place[1] != own:
        yield f"bucketName: the bucket is in {place[1]}, the metric in {own}"


def _indexed(value: Any) -> str | None:
    """An index is on a field of log entries (IndexConfig, fieldPath)."""
    try:
        check_field(re.split(r"[.\[]", str(value))[0])
    except FilterError as error:
        return str(error)
    return None


RULES: dict[str, tuple[Rule, ...]] = {
    METRIC: (
        check("labelExtractors[*]", _extracted),
        check("valueExtractor", _extracted),
        pattern(
            "metricDescriptor.labels[*].key",
            r"[a-zA-Z][a-zA-Z0-9_]{0,99}",
            "letters, digits and _, at most 100",
        ),
    ),
    POLICY: (
        check("conditions[*].conditionMatchedLog.labelExtractors[*]", _extracted),
        pattern("conditions[*].conditionMatchedLog.filter", *QUERY),
    ),
    SINK: (
        # LogSink, name: "First character has to be alphanumeric"; a project has two others.
        pattern("name", r"_Default|_Required|[A-Za-z0-9][\w.-]*", "begins with a letter or digit"),
        pattern("exclusions[*].filter", *QUERY),
    ),
    LOG_BUCKET: (
        check("indexConfigs[*].fieldPath", _indexed),
        pattern("description", r"[\s\S]{0,8000}", "at most 8000 characters"),
    ),
}
DEMANDS: dict[str, tuple[Demand, ...]] = {
    SINK: (_writer,),
    METRIC: (_own_bucket,),
    LOG_BUCKET: (_built_in,),
}
