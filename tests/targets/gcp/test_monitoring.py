"""Alarms and dashboard of a model are what Cloud Monitoring takes, about what is measured."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pulumi_simcloud.constraints.discovery import check_json

from components.config import parse
from components.monitoring import alarm_rules
from components.monitoring.gcp_alarms import Alarms, promql
from components.monitoring.gcp_dashboard import dashboard

RUNS = "logging.googleapis.com/user/mlops-gcp-dev-churn-failed-runs"
ENDPOINT = "1234567890"
MODEL = parse(
    {"model": "churn", "data": json.dumps({"location": "gs://b/c/", "target": "y"})}
).models[0]
ALARMS = Alarms("churn", ENDPOINT, "custom.googleapis.com/mlops_gcp_dev/{}".format, RUNS)
RULES = {rule.name: rule for rule in alarm_rules(MODEL)}


@pytest.mark.parametrize("name", RULES)
def test_every_rule_is_about_time_series(name: str) -> None:
    assert ALARMS.filter(RULES[name]).startswith('metric.type="')


def test_a_missed_check_is_one_that_ran_before() -> None:
    """Before the first release, or of a model that nobody checks, nothing is missed."""
    condition: Any = ALARMS.condition(RULES["drift-check-missed"])
    series = 'custom_googleapis_com:mlops_gcp_dev_drift_check_completed{model="churn"}'
    assert condition.condition_prometheus_query_language.query == (
        f"count_over_time({series}[28d]) unless count_over_time({series}[1560m])"
    )


def test_the_share_of_errors_is_of_all_answers_of_the_endpoint() -> None:
    condition: Any = ALARMS.condition(RULES["endpoint-errors"])
    threshold = condition.condition_threshold
    assert threshold.filter == (
        f'{threshold.denominator_filter} AND metric.labels.response_code=starts_with("5")'
    )
    assert f'resource.labels.endpoint_id="{ENDPOINT}"' in threshold.filter
    assert threshold.threshold_value == MODEL.endpoint.max_error_share


def test_a_metric_type_has_a_name_in_promql() -> None:
    assert promql("custom.googleapis.com/mlops_gcp_dev/drift-check") == (
        "custom_googleapis_com:mlops_gcp_dev_drift_check"
    )


def test_the_dashboard_is_what_the_service_takes() -> None:
    body = dashboard("churn", ENDPOINT, "churn", "custom.googleapis.com/a/{}".format, RUNS)
    assert not [*check_json("monitoring.v1", "Dashboard", body, "dashboard")]
    tiles = body["mosaicLayout"]["tiles"]
    places = {(tile["xPos"], tile["yPos"]) for tile in tiles}
    assert len(places) == len(tiles) == 7
    tiles[0]["widget"]["xychart"] = {}
    assert [*check_json("monitoring.v1", "Dashboard", body, "dashboard")]
