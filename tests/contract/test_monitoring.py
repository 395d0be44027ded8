"""Monitoring: what every target must do."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.contract.stacks import STACKS, Stack
from tests.installed import has, needs, only
from training.monitoring import ALARM, INSUFFICIENT, OK, drift_checks, monitoring_of, record_check
from training.platform import Platform

if TYPE_CHECKING or has("aws"):
    from tests.clouds import aws
    from training.monitoring import aws as monitoring_of_aws
    from training.monitoring.aws import dimension
if TYPE_CHECKING or has("gcp"):
    from tests.clouds import gcp

CHECK = {
    "run": "checked",
    "version": 3,
    "rows": 500,
    "verdict": "drift",
    "drifted": ["size"],
    "effects": {"size": 0.9, "age": 0.0, "new": None},
}


# Lets the service hold its alarms against its metrics; the local rules are held when asked for.
EVALUATE: dict[str, Callable[[Stack], None]] = {
    "local": lambda stack: None,
    "aws": lambda stack: aws.evaluate(stack.platform, stack.model),
    "gcp": lambda stack: gcp.evaluate(gcp.current(), stack.platform, stack.model),
}


@pytest.fixture(params=only(EVALUATE))
def stack(request: pytest.FixtureRequest) -> Stack:
    """A stack of a target whose alarms can be evaluated here."""
    return STACKS[request.param](request)


def states(stack: Stack) -> dict[str, str]:
    alarms = monitoring_of(stack.platform).alarms(stack.platform, stack.model)
    return {alarm.name: alarm.state for alarm in alarms}


def test_there_is_an_alarm_of_each_rule(stack: Stack) -> None:
    rules = stack.platform.part(stack.model, "alarms.json")["rules"]
    alarms = monitoring_of(stack.platform).alarms(stack.platform, stack.model)
    for rule, alarm in zip(rules, alarms, strict=True):
        fields = alarm.as_json()
        assert {name: fields[name] for name in ("name", "above", "says")} == {
            name: rule[name] for name in ("name", "above", "says")
        }
        assert (alarm.state, alarm.value) == (INSUFFICIENT, None)


def test_a_check_that_found_drift_raises_the_alarm(stack: Stack) -> None:
    record = record_check(stack.platform, stack.model, CHECK)
    EVALUATE[stack.platform.target](stack)
    assert states(stack)["drift"] == ALARM
    assert drift_checks(stack.platform.store, stack.model).last() == record
    (alarm,) = (
        a
        for a in monitoring_of(stack.platform).alarms(stack.platform, stack.model)
        if a.name == "drift"
    )
    assert alarm.value == 1


def test_a_check_that_found_none_is_well(stack: Stack) -> None:
    calm_check: dict[str, Any] = {**CHECK, "verdict": "no_drift", "drifted": []}
    record_check(stack.platform, stack.model, calm_check)
    EVALUATE[stack.platform.target](stack)
    assert states(stack)["drift"] == OK


def test_too_few_rows_say_nothing_of_drift(stack: Stack) -> None:
    small_check: dict[str, Any] = {**CHECK, "verdict": "insufficient_data", "drifted": []}
    record_check(stack.platform, stack.model, small_check)
    EVALUATE[stack.platform.target](stack)
    assert states(stack)["drift"] == INSUFFICIENT


# API_Dimension: "only ASCII characters", no control characters, one that is no white space, no
# colon first, 1 to 1,024.
NAMES = ("Größe", " ", "", ":first", "a\tb", "x" * 2000, "é" * 1000, "50%", "plain name", "日本")


@needs("aws")
def test_columns_of_any_name_reach_cloudwatch() -> None:
    values = [dimension(name) for name in NAMES]
    for value in values:
        assert value.isascii() and value.isprintable() and value.strip()
        assert 1 <= len(value) <= 1024 and not value.startswith(":")
    assert len(set(values)) == len(NAMES)
    assert dimension("plain name") == "plain name" and dimension("Größe") == "Gr%C3%B6%C3%9Fe"


def test_an_empty_check_sends_no_measurement(stack: Stack) -> None:
    platform, model = stack.platform, stack.model
    small_check: dict[str, Any] = {**CHECK, "verdict": "insufficient_data", "drifted": []}
    assert metric_names(platform, model, small_check) <= {
        "drift_check_completed",
        "champion_version",
    }
    if platform.target != "local":  # its metric is the record itself
        assert "drift_effect" in metric_names(platform, model, CHECK)


def metric_names(platform: Platform, model: str, check: dict[str, Any]) -> set[str]:
    """The names of the metrics that the back end of the target makes of a check."""
    stamped = {**check, "when": "2026-03-01T12:00:00Z"}
    back_end = importlib.import_module(f"training.monitoring.{platform.target}")
    if platform.target == "aws":
        parts = (back_end._values, back_end._effects)
        return {d["MetricName"] for part in parts for d in part("dev", model, stamped)}
    if platform.target == "gcp":
        return {name for name, _, _ in back_end._values(stamped)}
    return set()


@needs("azure")
def test_an_empty_check_sends_no_measurement_to_azure() -> None:
    from training.monitoring.azure import _metrics

    def names(verdict: str) -> set[str]:
        check = {**CHECK, "verdict": verdict, "when": "2026-03-01T12:00:00Z"}
        return {name for name, _, _ in _metrics("dev", "toys", check)}

    assert names("insufficient_data") == {"drift_check_completed", "champion_version"}
    assert {"drift_effect", "drifted_features"} <= names("drift")


def test_the_metric_of_each_version_is_sent(stack: Stack) -> None:
    measured = {
        "metric": "roc_auc", "status": "no_drift", "holdout": 0.7, "value": 0.68, "low": 0.66,
        "high": 0.7, "labeled": 400,
    }  # fmt: skip
    check = {**CHECK, "performance": measured, "earlier": [{**measured, "version": 2}]}
    assert ("model_metric" in metric_names(stack.platform, stack.model, check)) == (
        stack.platform.target != "local"
    )
    unknown = {**CHECK, "performance": {**measured, "value": None}}
    assert "model_metric" not in metric_names(stack.platform, stack.model, unknown)


@needs("aws")
def test_what_alarms_look_at_does_not_wait_for_the_effects(
    aws_called: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches: list[list[str]] = []

    class Client:
        def put_metric_data(self, Namespace: str, MetricData: list[Any]) -> None:  # noqa: N803
            batches.append([datum["MetricName"] for datum in MetricData])

    monkeypatch.setattr("training.monitoring.aws._client", lambda platform: Client())
    stack = Platform(Path(), {"stack": "aws-dev"})
    effects = {"Größe": 0.5, "age": float("inf"), "new": None}
    check = {**CHECK, "effects": effects, "when": "2026-03-01T12:00:00Z"}
    monitoring_of_aws.publish(stack, "toys", check)
    assert batches == [
        ["drift_check_completed", "champion_version", "drifted_features"],
        ["drift_effect"],
    ]
