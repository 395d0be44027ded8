"""Alarms and dashboard of a model: what fires, on time series as Cloud Monitoring writes them.

Which metrics there are, their units and labels is taken from Google's list, not from the product.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pulumi
import pytest
from pulumi_simcloud.catalog.gcp.alerts import valid
from pulumi_simcloud.constraints.discovery import check_json
from pulumi_simcloud.platforms import table
from pulumi_simcloud.rules.google_filters import log_filter, series_filter

from components.config import parse
from components.monitoring import alarm_rules
from components.monitoring.gcp_alarms import compile_alarm, failed_run, promql, series
from components.monitoring.gcp_dashboard import dashboard
from components.scope import ModelScope, StackScope
from components.targets.gcp.resources import endpoint_id
from tests.interpreters.gcp_alerts import Point, fires

SETTINGS = parse(
    {
        "model": "churn",
        "target": "gcp",
        "data": json.dumps({"location": "gs://b/c/", "target": "y"}),
        "drift": json.dumps({"schedule": "0 6 * * *"}),
    }
)
ONLINE = "aiplatform.googleapis.com/prediction/online"
RUNS = "logging.googleapis.com/user/mlops-gcp-dev-churn-failed-runs"
METRIC_PREFIX = "custom.googleapis.com/mlops_gcp_dev"


@pytest.fixture(autouse=True)
def project() -> None:
    pulumi.runtime.set_all_config({"gcp:project": "p", "gcp:region": "europe-west1"})


@pytest.fixture
def scope() -> ModelScope:
    (model,) = StackScope(SETTINGS, "gcp-dev").models
    return model


RULES = {rule.name: rule for rule in alarm_rules(SETTINGS.models[0])}
Compiled = Callable[[str], Any]


@pytest.fixture
def compiled(scope: ModelScope) -> Compiled:
    """The condition of the rule of a name."""
    return lambda name: compile_alarm(RULES[name], scope, None)  # type: ignore[arg-type]


def response_count(
    code: str, count: int, deployment: str = "100", endpoint: str | None = None
) -> Point:
    """Answers in five minutes, as `response_count` has them."""
    labels = {"response_code": code, "deployed_model_id": deployment}
    return Point(f"{ONLINE}/response_count", labels, count, {"endpoint_id": endpoint or ENDPOINT})


def took(milliseconds: float, kind: str = "total", deployment: str = "100") -> Point:
    """The 95th percentile of five minutes, in the metric's own unit."""
    labels = {"latency_type": kind, "deployed_model_id": deployment}
    return Point(f"{ONLINE}/prediction_latencies", labels, milliseconds, {"endpoint_id": ENDPOINT})


ENDPOINT = endpoint_id("mlops-gcp-dev-churn")
LIMIT, SLOW = RULES["endpoint-errors"].threshold, RULES["endpoint-latency"].threshold


@pytest.mark.parametrize("name", RULES)
def test_every_rule_is_about_one_metric_that_google_has_or_the_stack_makes(
    name: str, scope: ModelScope
) -> None:
    metric, resource = series_filter(series(RULES[name], scope))
    if metric.startswith(ONLINE):
        assert table("gcp_metrics")[metric]["resource"] == resource
    else:
        assert metric.startswith(METRIC_PREFIX) or metric == RUNS


@pytest.mark.parametrize(
    ("points", "alarm"),
    [
        ([response_count("200", 100)], False),
        ([response_count("200", 980), response_count("503", 20)], True),
        ([response_count("200", 985), response_count("500", 15)], True),
        ([response_count("200", 900), response_count("404", 100)], False),
        ([response_count("200", 900), response_count("429", 100)], False),
        # A canary of a tenth of the requests, half of which fail: 5 % of all answers, 50 % of its.
        (
            [
                response_count("200", 9000),
                response_count("200", 5, "200"),
                response_count("500", 5, "200"),
            ],
            True,
        ),
        # Another model's endpoint.
        ([response_count("200", 100), response_count("500", 100, endpoint="1")], False),
    ],
)
def test_too_many_5xx_of_any_deployment_fire(
    compiled: Compiled, points: list[Point], alarm: bool
) -> None:
    assert LIMIT == 0.01
    assert fires(compiled("endpoint-errors"), points) is alarm


def test_latency_is_in_the_unit_that_the_metric_has(compiled: Compiled) -> None:
    assert table("gcp_metrics")[f"{ONLINE}/prediction_latencies"]["unit"] == "ms"
    condition = compiled("endpoint-latency")
    assert fires(condition, [took(SLOW + 1)]) and not fires(condition, [took(SLOW - 1)])
    # A deployment of a few requests is not hidden by one of many; the model's share is not asked.
    assert fires(condition, [took(1), took(SLOW + 1, deployment="200")])
    assert not fires(condition, [took(SLOW + 1, kind="model")])
    (aggregation,) = condition.condition_threshold.aggregations
    assert "95" in aggregation.per_series_aligner
    described = table("gcp_metrics")[f"{ONLINE}/prediction_latencies"]
    kinds, values = valid("perSeriesAligner", aggregation.per_series_aligner)
    assert described["kind"] in kinds and described["value"] in values


def test_drift_fires_on_the_first_feature_of_this_model(compiled: Compiled) -> None:
    condition = compiled("drift")

    def drifted(count: float, model: str = "churn") -> Point:
        return Point(
            f"{METRIC_PREFIX}/drifted_features", {"model": model}, count, resource="global"
        )

    assert fires(condition, [drifted(1)]) and not fires(condition, [drifted(0)])
    assert not fires(condition, [drifted(3, model="other")])
    assert not fires(condition, []), "what was not checked has not drifted"


def test_an_endpoint_without_machines_is_down(compiled: Compiled) -> None:
    absent = compiled("endpoint-down").condition_absent
    metric, _ = series_filter(absent.filter)
    assert metric == f"{ONLINE}/replicas" and f'"{ENDPOINT}"' in absent.filter
    assert 120 <= int(absent.duration.removesuffix("s")) <= 600


def test_a_failed_run_of_this_model_is_matched_in_the_log(
    compiled: Compiled, scope: ModelScope
) -> None:
    condition = compiled("pipeline-failed")
    assert condition.condition_matched_log.filter == failed_run(scope)
    comparisons = {item.selector: item for item in log_filter(failed_run(scope))}
    assert comparisons["jsonPayload.state"].values == ("PIPELINE_STATE_FAILED",)
    (pattern,) = comparisons["resource.labels.pipeline_job_id"].values
    assert re.search(pattern, "mlops-gcp-dev-churn-training-20260101")
    assert re.search(pattern, "mlops-gcp-dev-churn-drift-check-20260101")
    assert not re.search(pattern, "mlops-gcp-dev-churn2-training-20260101")
    assert not re.search(pattern, "other-mlops-gcp-dev-churn-training-2026")


def test_a_missed_check_is_one_that_ran_before(compiled: Compiled) -> None:
    """Before the first release, or of a model that nobody checks, nothing is missed."""
    language = compiled("drift-check-missed").condition_prometheus_query_language
    checks = 'custom_googleapis_com:mlops_gcp_dev_drift_check_completed{model="churn"}'
    hours = SETTINGS.models[0].drift.max_age_hours
    assert language.query == (
        f"count_over_time({checks}[28d]) unless count_over_time({checks}[{hours * 60:.0f}m])"
    )
    # The metric has no values before the first release, and the service would not know it.
    assert language.disable_metric_validation is True


def test_a_metric_type_has_a_name_in_promql() -> None:
    assert promql("custom.googleapis.com/mlops_gcp_dev/drift-check") == (
        "custom_googleapis_com:mlops_gcp_dev_drift_check"
    )


def test_the_dashboard_is_what_the_service_takes() -> None:
    body = dashboard("churn", ENDPOINT, "churn", "custom.googleapis.com/a/{}".format, RUNS)
    assert not [*check_json("monitoring.v1", "Dashboard", body, "dashboard")]
    tiles = body["mosaicLayout"]["tiles"]
    places = {(tile["xPos"], tile["yPos"]) for tile in tiles}
    assert len(places) == len(tiles) == 8
    tiles[0]["widget"]["xychart"] = {}
    assert [*check_json("monitoring.v1", "Dashboard", body, "dashboard")]
