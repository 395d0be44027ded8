"""Checks of an alert policy by Cloud Monitoring, beyond the shapes of its fields.

Sources: the descriptions in the discovery document of monitoring.v3, of which the valid kinds and
values of aligners and reducers are read; https://cloud.google.com/monitoring/api/v3/filters; the
metrics of services in gcp_metrics.json, https://cloud.google.com/monitoring/api/metrics_gcp.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from pulumi_simcloud.constraints.discovery import discovery
from pulumi_simcloud.failures import Failure, excerpt
from pulumi_simcloud.kinds import Existing, Inputs, Settle
from pulumi_simcloud.platforms import table
from pulumi_simcloud.property_values import UNKNOWN
from pulumi_simcloud.rules.google_filters import FilterError, monitoring_filter, series_filter
from pulumi_simcloud.state import Row

DESCRIPTOR = "gcp:monitoring/metricDescriptor:MetricDescriptor"
LOG_METRIC = "gcp:logging/metric:Metric"
LOG_PREFIX = "logging.googleapis.com/user/"
OWN = ("custom.googleapis.com/", "external.googleapis.com/", "workload.googleapis.com/")
METRIC_TYPE = re.compile(r"[A-Za-z0-9.-]+\.[a-z]+/[A-Za-z0-9_./%-]+|agent\.googleapis\.com/.+")
VALID = re.compile(r"valid for (.*?) metrics(?: (?:with|of) (.*?)(?: value| type|\.))?")
# Monitored resources that are not called SERVICE.googleapis.com/KIND.
# https://cloud.google.com/monitoring/api/resources
RESOURCES = frozenset((
    "api", "apigee.googleapis.com", "assistant_action", "audited_resource",
    "aws_alb_load_balancer", "aws_cloudfront_distribution", "aws_dynamodb_table",
    "aws_ebs_volume", "aws_ec2_instance", "aws_elasticache_cluster", "aws_elb_load_balancer",
    "aws_emr_cluster", "aws_kinesis_stream", "aws_lambda_function", "aws_rds_database",
    "aws_redshift_cluster", "aws_s3_bucket", "aws_sns_topic", "aws_sqs_queue",
    "bigquery_biengine_model", "bigquery_dataset", "bigquery_dts_config", "bigquery_project",
    "bigquery_resource", "bigquery_table", "bigtable_cluster", "bigtable_table", "build",
    "cassandra_query", "certificate_manager_project", "client_auth_config_data",
    "cloud_composer_environment", "cloud_composer_workflow", "cloud_composer_workload",
    "cloud_dataproc_batch", "cloud_dataproc_cluster", "cloud_dataproc_job",
    "cloud_dataproc_session", "cloud_dlp_project", "cloud_function", "cloud_interconnect",
    "cloud_run_job", "cloud_run_revision", "cloud_run_service", "cloud_scheduler_job",
    "cloud_tasks_queue", "cloud_trace_project", "cloudiot_device", "cloudiot_device_registry",
    "cloudkms_cryptokey", "cloudkms_cryptokeyversion", "cloudkms_keyring", "cloudml_job",
    "cloudml_model_version", "cloudsql_database", "cloudsql_instance_database",
    "cloudvolumesgcp-api.netapp.com_NetAppVolume",
    "cloudvolumesgcp-api.netapp.com_NetAppSnapshot", "consumed_api", "consumer_quota",
    "dataflow_job", "datastore_request", "dns_query", "dns_policy", "environment",
    "external_tcp_proxy_lb_rule", "external_udp_proxy_lb_rule", "filestore_instance",
    "firebase_domain", "firebase_namespace", "firestore_instance", "gae_app", "gae_app_uptime",
    "gae_instance", "gce_autoscaler", "gce_backend_service", "gce_disk", "gce_firewall_rule",
    "gce_forwarding_rule", "gce_health_check", "gce_image", "gce_instance", "gce_instance_group",
    "gce_instance_group_manager", "gce_instance_template", "gce_network", "gce_network_region",
    "gce_node_group", "gce_node_template", "gce_operation", "gce_project", "gce_reservation",
    "gce_resource_policy", "gce_route", "gce_router", "gce_snapshot", "gce_subnetwork",
    "gce_target_http_proxy", "gce_target_https_proxy", "gce_target_pool", "gce_url_map",
    "gce_zone_network_health", "gcs_bucket", "generic_node", "generic_task", "gke_cluster",
    "gke_container", "gke_nodepool", "global", "http_external_regional_lb_rule",
    "http_load_balancer", "https_lb_rule", "identitytoolkit_project", "identitytoolkit_tenant",
    "instance", "interconnect", "interconnect_attachment", "internal_http_lb_rule",
    "internal_tcp_lb_rule", "internal_udp_lb_rule", "istio_canonical_service", "k8s_cluster",
    "k8s_container", "k8s_control_plane_component", "k8s_node", "k8s_pod", "k8s_scale",
    "k8s_service", "knative_broker", "knative_revision", "knative_trigger", "l4_proxy_rule",
    "logging_bucket", "logging_exclusion", "logging_log", "logging_sink", "managed_service",
    "metric", "metric_labels", "microsoft_ad_domain", "ml_job", "nat_gateway",
    "network_connectivity_center", "network_security_policy", "nfs_volume", "organization",
    "producer_quota", "project", "prometheus_target", "pubsub_snapshot", "pubsub_subscription",
    "pubsub_topic", "recaptchaenterprise_key", "recommender", "redis_instance", "reported_errors",
    "security_scanner_scan_config", "serverless_vpc_access_connector", "service_account",
    "spanner_instance", "spark_application", "storage_transfer_job",
    "tcp_external_regional_lb_rule", "tcp_lb_rule", "tcp_ssl_proxy_rule", "testservice_matrix",
    "threat_detector", "tpu_worker", "transfer_service_agent", "uptime_url",
    "vpc_access_connector", "vpn_gateway", "vpn_tunnel", "zone",
))  # fmt: skip
NUMERIC = ("INT64", "DOUBLE")
WORDS = {
    "numeric": NUMERIC,
    "distribution": ("DISTRIBUTION",),
    "boolean": ("BOOL",),
    "string": ("STRING",),
}
UNSPECIFIED = "EVALUATION_MISSING_DATA_UNSPECIFIED"
# A metric of one's own, where a query in MQL fetches it: FETCH::METRIC, or metric METRIC.
FETCHED = re.compile(
    r"(?:::|\bmetric\b)\s*['\"]?((?:custom\.googleapis\.com|logging\.googleapis\.com/user)/[\w./%-]+)"
)
# The widest alignment of an alert, and the longest filter.
MOST_SECONDS, LONGEST_FILTER = 90_000, 2048

Json = dict[str, Any]


def conditions(inputs: Inputs) -> Iterator[Failure]:
    """Filters, aggregations and the rules between them, of every condition."""
    for number, condition in enumerate(_items(inputs.get("conditions"))):
        path = f"conditions[{number}]"
        for key in ("conditionThreshold", "conditionAbsent"):
            part = condition.get(key)
            if isinstance(part, dict):
                yield from _series(f"{path}.{key}", part)


def ratio(inputs: Inputs) -> Iterator[Failure]:
    """A denominator is aligned as its numerator is."""
    for number, condition in enumerate(_items(inputs.get("conditions"))):
        part = condition.get("conditionThreshold")
        if not isinstance(part, dict):
            continue
        path = f"conditions[{number}].conditionThreshold"
        periods = [
            {item.get("alignmentPeriod") for item in _items(part.get(key))}
            for key in ("aggregations", "denominatorAggregations")
        ]
        if part.get("denominatorFilter") and periods[0] != periods[1]:
            yield Failure(
                f"{path}.denominatorAggregations", "the alignment period is not the numerator's"
            )
        if part.get("denominatorAggregations") and not part.get("denominatorFilter"):
            yield Failure(f"{path}.denominatorFilter", "missing: needed with its aggregations")


def log_match(inputs: Inputs) -> Iterator[Failure]:
    """A condition on log entries stands alone, and only it has a rate limit, which it needs."""
    conditions = _items(inputs.get("conditions"))
    matched = [item for item in conditions if item.get("conditionMatchedLog") is not None]
    limit = _at(inputs, "alertStrategy", "notificationRateLimit")
    if matched and len(conditions) > 1:
        yield Failure("conditions", "conditionMatchedLog has to be the only condition")
    if matched and limit is None:
        yield Failure(
            "alertStrategy.notificationRateLimit", "missing: needed with conditionMatchedLog"
        )
    if limit is not None and not matched and conditions and UNKNOWN not in conditions:
        yield Failure(
            "alertStrategy.notificationRateLimit", "only policies on log entries have one"
        )


def missing_data(inputs: Inputs) -> Iterator[Failure]:
    """What missing data means is for conditions whose duration is a minute or longer.

    https://cloud.google.com/monitoring/api/ref_v3/rest/v3/projects.alertPolicies, MetricThreshold
    and MonitoringQueryLanguageCondition: evaluationMissingData.
    """
    for number, condition in enumerate(_items(inputs.get("conditions"))):
        for key in ("conditionThreshold", "conditionMonitoringQueryLanguage"):
            part = condition.get(key)
            meaning = part.get("evaluationMissingData") if isinstance(part, dict) else None
            if not isinstance(part, dict) or meaning in (None, UNKNOWN, UNSPECIFIED):
                continue
            match = re.fullmatch(r"(\d+)(\.0*)?s", str(part.get("duration") or "0s"))
            if match and int(match[1]) < 60:
                path = f"conditions[{number}].{key}.evaluationMissingData"
                yield Failure(path, "needs a duration of 60s or more")


def channel_strategy(inputs: Inputs) -> Iterator[Failure]:
    """Channels that are told in another way are among those of the policy."""
    channels = inputs.get("notificationChannels") or []
    if channels is UNKNOWN or UNKNOWN in channels:
        return
    strategies = _items(_at(inputs, "alertStrategy", "notificationChannelStrategies"))
    for number, strategy in enumerate(strategies):
        for name in strategy.get("notificationChannelNames") or []:
            if name is not UNKNOWN and name not in channels:
                path = f"alertStrategy.notificationChannelStrategies[{number}]"
                yield Failure(path, f"{excerpt(name)} is not among notificationChannels")


def metrics_exist(inputs: Inputs, world: Existing) -> Iterator[str]:
    """The metrics of conditions exist: a service's, the stack's own, or one of logs."""
    for condition in _items(inputs.get("conditions")):
        for key in ("conditionThreshold", "conditionAbsent"):
            part = condition.get(key)
            for name in ("filter", "denominatorFilter"):
                text = part.get(name) if isinstance(part, dict) else None
                if isinstance(part, dict) and isinstance(text, str):
                    aggregations = "aggregations" if name == "filter" else "denominatorAggregations"
                    yield from _metric(text, _items(part.get(aggregations)), world)
                    if key == "conditionThreshold":
                        yield from _scalar(text, _items(part.get(aggregations)), world)
        query = _at(condition, "conditionMonitoringQueryLanguage", "query")
        # GoogleCloudPlatform/k8s-config-connector#648
        for metric in FETCHED.findall(query) if isinstance(query, str) else ():
            if _descriptor(metric, world) == {}:
                yield f"Could not find a metric named {metric!r}"


def _new_metrics(inputs: Inputs, world: Existing) -> Iterator[Row]:
    """The metrics that the program makes, of those that conditions are about."""
    for condition in _items(inputs.get("conditions")):
        for key in ("conditionThreshold", "conditionAbsent"):
            part = condition.get(key)
            text = part.get("filter") if isinstance(part, dict) else None
            try:
                metric = series_filter(text)[0] if isinstance(text, str) else ""
            except FilterError:
                continue
            yield from (row for row in world.of(DESCRIPTOR) if row.inputs.get("type") == metric)
            name = metric.removeprefix(LOG_PREFIX)
            yield from (row for row in world.of(LOG_METRIC) if row.inputs.get("name") == name)


# hashicorp/terraform-provider-google#11102, GoogleCloudPlatform/cloud-foundation-fabric#3739
NEW_METRIC = Settle(
    "conditions",
    (DESCRIPTOR, LOG_METRIC),
    "Cannot find metric(s) that match type = {id}. If a metric was created recently, it could take "
    "up to 10 minutes to become available. Please try again soon.",
    find=_new_metrics,
)


def _series(path: str, part: Json) -> Iterator[Failure]:
    for key in ("filter", "denominatorFilter"):
        text = part.get(key)
        if text is None or text is UNKNOWN:
            continue
        if len(text) > LONGEST_FILTER:
            reason = f"has {len(text)} characters, allowed are {LONGEST_FILTER}"
            yield Failure(f"{path}.{key}", reason)
        try:
            metric, resource = series_filter(text)
            comparisons = monitoring_filter(text)
        except FilterError as error:
            yield Failure(f"{path}.{key}", f"invalid filter: {error}")
            continue
        if not METRIC_TYPE.fullmatch(metric):
            yield Failure(f"{path}.{key}", f"{metric!r} is no metric type such as DOMAIN/NAME")
        if resource and not ("/" in resource or resource in RESOURCES):
            yield Failure(f"{path}.{key}", f"{resource!r} is no monitored resource type")
        if key == "filter" and not any(
            item.selector in ("resource.type", "group.id") for item in comparisons
        ):
            reason = 'must specify a restriction on "resource.type" in the filter'
            yield Failure(f"{path}.{key}", reason)
    for key in ("aggregations", "denominatorAggregations"):
        for number, item in enumerate(_items(part.get(key))):
            yield from _aggregation(f"{path}.{key}[{number}]", item)


def _aggregation(path: str, item: Json) -> Iterator[Failure]:
    aligner, reducer = item.get("perSeriesAligner"), item.get("crossSeriesReducer")
    aligned = aligner not in (None, "ALIGN_NONE")
    period = item.get("alignmentPeriod")
    if aligned and period is None:
        yield Failure(f"{path}.alignmentPeriod", f"missing: needed with {aligner}")
    if reducer not in (None, "REDUCE_NONE") and not aligned:
        yield Failure(f"{path}.perSeriesAligner", f"missing: needed with {reducer}")
    if item.get("groupByFields") and reducer in (None, "REDUCE_NONE"):
        yield Failure(f"{path}.groupByFields", "only with a crossSeriesReducer")
    match = re.fullmatch(r"(\d+)s", str(period)) if period not in (None, UNKNOWN) else None
    if period not in (None, UNKNOWN) and (match is None or not 60 <= int(match[1]) <= MOST_SECONDS):
        yield Failure(f"{path}.alignmentPeriod", f"{excerpt(period)} is not 60s to {MOST_SECONDS}s")
    # hashicorp/terraform-provider-google#10893: the API's answer to 450s.
    if match and int(match[1]) % 60:
        reason = f"{period}: alignment period must be in multiples of one minute"
        yield Failure(f"{path}.alignmentPeriod", reason)
    for field in item.get("groupByFields") or []:
        if not re.fullmatch(r"(metric|resource|metadata|project|group)\b.*", str(field)):
            yield Failure(f"{path}.groupByFields", f"{excerpt(field)} is no field of a time series")


def _metric(text: str, aggregations: list[Json], world: Existing) -> Iterator[str]:
    try:
        metric, resource = series_filter(text)
    except FilterError:
        return
    descriptor = _descriptor(metric, world)
    if descriptor is None:
        return
    if not descriptor:
        yield (
            f'Cannot find metric(s) that match type = "{metric}". If a metric was created '
            "recently, it could take up to 10 minutes to become available."
        )
        return
    if resource and descriptor.get("resource") and resource != descriptor["resource"]:
        yield f"{metric} is written for {descriptor['resource']}, not for {resource}"
    for comparison in monitoring_filter(text):
        match = re.fullmatch(r"metric\.labels?\.(\w+)", comparison.selector)
        if match and descriptor.get("labels") is not None and match[1] not in descriptor["labels"]:
            yield f"{metric} has no label {match[1]!r}, only {', '.join(descriptor['labels'])}"
    kind, value = descriptor.get("kind"), descriptor.get("value")
    for item in aggregations[:1]:
        aligner = item.get("perSeriesAligner")
        if isinstance(aligner, str) and isinstance(kind, str):
            kinds, values = valid("perSeriesAligner", aligner)
            if kind not in kinds or value not in values:
                yield (
                    f"The aligner {aligner} cannot be applied to metrics with kind {kind} and "
                    f"value type {value}"
                )


# Aggregation: aligners and reducers after which a distribution still is one.
KEEPING = (None, "ALIGN_NONE", "ALIGN_DELTA", "ALIGN_SUM", "ALIGN_NEXT_OLDER", "ALIGN_INTERPOLATE")
KEEPING_REDUCERS = (None, "REDUCE_NONE", "REDUCE_SUM")


def _scalar(text: str, aggregations: list[Json], world: Existing) -> Iterator[str]:
    """A threshold is for numbers: distributions are made ones by a percentile, say.

    https://cloud.google.com/monitoring/alerts/concepts-indepth, value types of conditions.
    """
    try:
        metric, _ = series_filter(text)
    except FilterError:
        return
    value = (_descriptor(metric, world) or {}).get("value")
    if value == "STRING":
        yield f"{metric} has value type STRING, which no threshold is for"
    steps = [
        (item.get("perSeriesAligner"), item.get("crossSeriesReducer")) for item in aggregations
    ]
    if value != "DISTRIBUTION" or any(UNKNOWN in step for step in steps):
        return
    if all(aligner in KEEPING and reducer in KEEPING_REDUCERS for aligner, reducer in steps):
        yield (
            f"{metric} stays of value type DISTRIBUTION after its aggregations: a threshold needs "
            "ALIGN_PERCENTILE_99, say"
        )


def _descriptor(metric: str, world: Existing) -> Json | None:
    """The descriptor of a metric type: None for an unknown one, empty for one that nobody made."""
    if metric.startswith(OWN):
        for row in world.of(DESCRIPTOR):
            if row.inputs.get("type") == metric:
                labels = [item["key"] for item in row.inputs.get("labels", [])]
                return {
                    "kind": row.inputs.get("metricKind"),
                    "value": row.inputs.get("valueType"),
                    "labels": labels,
                }
        return {}
    if metric.startswith(LOG_PREFIX):
        for row in world.of(LOG_METRIC):
            if row.inputs.get("name") == metric.removeprefix(LOG_PREFIX):
                descriptor = row.inputs.get("metricDescriptor") or {}
                labels = [item["key"] for item in descriptor.get("labels", [])]
                return {
                    "kind": descriptor.get("metricKind", "DELTA"),
                    "value": descriptor.get("valueType", "INT64"),
                    "labels": [*labels, "log"],
                }
        return {}
    if metric.startswith("aiplatform.googleapis.com/prediction/online/"):
        return table("gcp_metrics").get(metric, {})
    return table("gcp_metrics").get(metric)


@cache
def valid(enum: str, name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The metric kinds and value types that an aligner or reducer is valid for."""
    field = discovery("monitoring.v3")["schemas"]["Aggregation"]["properties"][enum]
    text = dict(zip(field["enum"], field["enumDescriptions"], strict=True)).get(name, "")
    match = re.search(VALID, text)
    every = (("GAUGE", "DELTA", "CUMULATIVE"), (*NUMERIC, "DISTRIBUTION", "BOOL", "STRING"))
    if match is None:
        return every
    kinds = tuple(kind for kind in every[0] if kind in match[1])
    sentence = (match[2] or "").lower()
    values = tuple(value for word, group in WORDS.items() if word in sentence for value in group)
    return kinds or every[0], values or every[1]


def _items(value: Any) -> list[Json]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _at(value: Any, *keys: str) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value
