"""Defaults and limits of settings: the limit itself is allowed, what is beyond it is refused.

The tables are made by hand. Where a page tells a value, or a service sets a limit, it is named.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import pytest

from components.setting_types import Section
from components.settings import Model, Settings
from tests.unit.stack_settings import changed, parse, read, refusal

DEFAULTS: dict[str, object] = {
    "target": "local",  # README: the default, which needs no account
    "prefix": "mlops",
    "alerts.webhooks": [],
    "alerts.emails": [],
    "budget.monthly": None,
    "budget.receivers": [],  # docs/cost.md: then alerts.emails
    "ci.github.repository": None,
    "ci.github.ownerId": None,
    "ci.github.repositoryId": None,
    "ci.github.branch": "main",
    "ci.github.environment": None,
    "ci.github.provider": None,
    "registry.shared": None,
    "retentionDays": 90,
    "allowModelDeletion": False,  # docs/stacks.md: unless it is set
    "ownsJobLogs": False,  # docs/stacks.md: one stack per account and region can
    "tags": {},
    "name": "model",
    "modelFile": "default",  # README: without a file of your own
    "data.task": None,
    "data.columns": {},
    "data.key": None,
    "data.timeColumn": None,
    "data.kmsKey": None,
    "split.method": "hash",
    "split.by": None,
    "split.holdout": 0.2,
    "gate.margin": 0.0,
    "approval": "manual",  # docs/aws.md: with automatic it is released, else by promote
    "drift.schedule": "0 6 * * *",
    "drift.alpha": 0.05,  # docs/drift.md, as the next ones
    "drift.minEffect": 0.02,
    "drift.minEffects": {},
    "drift.minRows": 500,
    "drift.block": None,
    "drift.minMetricLoss": 0.01,
    "drift.maxAgeHours": 26,
    "drift.instances": None,
    "retraining.schedule": "0 3 * * 1",
    "retraining.onDrift": True,
    "retraining.cooldownHours": 24,
    "retraining.minRows": 1000,
    "retraining.maxRunMinutes": 120,
    "endpoint.instanceType": None,
    "endpoint.instances": 1,
    "endpoint.maxInstances": None,
    "endpoint.rollbackAlarms": ["endpoint-errors", "endpoint-latency"],
    "endpoint.canaryPercent": 10,
    "endpoint.canaryMinutes": None,
    "endpoint.canaryMinRequests": 20,
    "endpoint.canaryWaitMinutes": 0,
    "endpoint.mirrorPercent": 0,
    "endpoint.keepPreviousMinutes": 60,  # docs/releases.md
    "endpoint.capturePercent": 100,  # docs/serving.md: every answered request
    "endpoint.captureBy": None,
    "endpoint.captureDurable": False,
    "endpoint.workers": 1,
    "endpoint.port": 0,
    "endpoint.maxErrorShare": 0.01,
    "endpoint.maxLatencyMs": 500,
    "compute.instanceType": None,
    "compute.image": None,
    "compute.serverless": False,
    "compute.volumeGb": None,
    "timezone": "UTC",
}
REQUIRED = {"data.location", "data.target"}

# What a number is at least.
LEAST: dict[str, float] = {
    "gate.margin": 0,
    "drift.minEffect": 0,
    "drift.minEffects.x": 0,
    "drift.minRows": 2,
    "drift.minMetricLoss": 0,
    "drift.instances": 1,  # CreateProcessingJob: InstanceCount is 1 to 100
    "retraining.cooldownHours": 0,
    "retraining.minRows": 0,
    "endpoint.instances": 1,
    "endpoint.maxInstances": 1,
    "endpoint.canaryPercent": 1,
    "endpoint.canaryMinutes": 0,  # docs/releases.md: 0 is no canary
    "endpoint.canaryMinRequests": 1,
    "endpoint.canaryWaitMinutes": 0,
    "endpoint.mirrorPercent": 0,
    "endpoint.keepPreviousMinutes": 0,
    "endpoint.capturePercent": 0,
    "endpoint.workers": 1,
    "endpoint.port": 0,
    "endpoint.maxErrorShare": 0,
    "compute.volumeGb": 1,  # CreateProcessingJob: VolumeSizeInGB is 1 at least
    "retentionDays": 1,
}
# What a number is at most.
MOST: dict[str, float] = {
    "drift.minEffect": 1,
    "drift.minEffects.x": 1,
    "drift.instances": 100,  # CreateProcessingJob, as above
    "endpoint.canaryPercent": 50,  # TrafficRoutingConfig of SageMaker's API, CanarySize
    "endpoint.mirrorPercent": 50,  # Azure ML, "Perform safe rollout": at most half
    "endpoint.capturePercent": 100,
    "endpoint.workers": 64,
    "endpoint.port": 65535,  # a port has 16 bits
    "endpoint.maxErrorShare": 1,
}
# What a number is above, and below.
ABOVE: dict[str, float] = {
    "split.holdout": 0,
    "drift.alpha": 0,
    "drift.maxAgeHours": 0,
    "retraining.maxRunMinutes": 0,
    "endpoint.maxLatencyMs": 0,
    "budget.monthly": 0,
    "ci.github.ownerId": 0,
    "ci.github.repositoryId": 0,
}
BELOW: dict[str, float] = {"split.holdout": 1, "drift.alpha": 1}
WHOLE = {
    "drift.minRows",
    "drift.instances",
    "retraining.minRows",
    "endpoint.instances",
    "endpoint.maxInstances",
    "endpoint.canaryPercent",
    "endpoint.canaryMinRequests",
    "endpoint.mirrorPercent",
    "endpoint.capturePercent",
    "endpoint.workers",
    "endpoint.port",
    "compute.volumeGb",
    "retentionDays",
    "ci.github.ownerId",
    "ci.github.repositoryId",
}
CHOICES = {
    "approval": ("automatic", "manual"),
    "data.task": ("classification", "regression"),
    "data.columns.x": ("text", "number", "time", "boolean", "ignore"),
    "split.method": ("hash", "time"),
    "endpoint.captureBy": ("container", "service"),
}


def _settings(section: type[Section]) -> Iterator[tuple[str, Any]]:
    """Each setting of a section by its dotted key, with its type."""
    for field in section.model_fields.values():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, Section):
            yield from ((f"{field.alias}.{key}", inner) for key, inner in _settings(kind))
        elif field.alias != "models":
            yield str(field.alias), kind


def _leaves(kind: Any) -> set[Any]:
    """The plain types that a type is made of."""
    if get_origin(kind) is Annotated:
        return _leaves(get_args(kind)[0])
    if get_origin(kind) in (Union, UnionType, dict, list):
        return set().union(*map(_leaves, get_args(kind)))
    return {kind}


ALL = dict([*_settings(Settings), *_settings(Model)])


def test_each_setting_stands_in_the_table_of_defaults() -> None:
    assert DEFAULTS.keys() | REQUIRED == ALL.keys()


def test_each_number_stands_in_the_table_of_its_limits() -> None:
    numbers = {key for key, kind in ALL.items() if _leaves(kind) & {int, float}}
    limited = {key.removesuffix(".x") for key in LEAST | ABOVE}
    assert numbers == limited
    assert {key for key, kind in ALL.items() if int in _leaves(kind)} == WHOLE


@pytest.mark.parametrize("key", DEFAULTS)
def test_a_setting_that_is_left_out_has_its_default(key: str) -> None:
    value = read(parse(), key)
    assert (value, type(value) is bool) == (DEFAULTS[key], type(DEFAULTS[key]) is bool)


@pytest.mark.parametrize("key", sorted(REQUIRED))
def test_a_setting_without_a_default_has_to_be_given(key: str) -> None:
    name = key.partition(".")[2]
    others = {"location": "x.csv", "target": "y"}
    del others[name]
    assert refusal(data=others) == [f"  mlops:{key}: not set; it has no default"]


def _sides() -> Iterator[tuple[str, float, float, str]]:
    """Of each limit its setting, what is just allowed and just not, and what the error says."""
    for key, limit in LEAST.items():
        step = 1 if key in WHOLE else 0.001
        yield key, limit, limit - step, f"greater than or equal to {limit:g}"
    for key, limit in MOST.items():
        step = 1 if key in WHOLE else 0.001
        yield key, limit, limit + step, f"less than or equal to {limit:g}"
    for key, limit in ABOVE.items():
        yield key, limit + (1 if key in WHOLE else 0.001), limit, f"greater than {limit:g}"
    for key, limit in BELOW.items():
        yield key, limit - 0.001, limit, f"less than {limit:g}"


SIDES = list(_sides())


@pytest.mark.parametrize(
    ("key", "allowed", "refused", "says"),
    SIDES,
    ids=[f"{key}: {says}" for key, _, _, says in SIDES],
)
def test_a_limit_is_allowed_and_what_is_beyond_is_refused(
    key: str, allowed: float, refused: float, says: str
) -> None:
    assert read(parse(**changed(key, allowed)), key) == allowed
    given = repr(str(refused)) if key == "retentionDays" else repr(refused)
    sentence = f"  mlops:{key}: {given} is not allowed: input should be {says}"
    assert refusal(**changed(key, refused)) == [sentence]


@pytest.mark.parametrize("key", sorted(LEAST.keys() | ABOVE.keys()))
def test_a_number_is_finite_and_whole_where_it_counts(key: str) -> None:
    for text in ("nan", "inf", "-inf"):
        (line,) = refusal(**changed(key, text))
        assert line.startswith(f"  mlops:{key}: '{text}' is not allowed: input should be a")
    if key in WHOLE:
        (line,) = refusal(**changed(key, "5.5"))
        assert line.startswith(f"  mlops:{key}: '5.5' is not allowed: input should be a valid int")
    else:
        assert read(parse(**changed(key, "0.5")), key) == 0.5


@pytest.mark.parametrize("key", CHOICES)
def test_a_choice_is_one_of_those(key: str) -> None:
    for value in CHOICES[key]:
        assert read(parse(**changed(key, value)), key) == value
    *first, last = [repr(value) for value in CHOICES[key]]
    allowed = f"{', '.join(first)} or {last}"
    sentence = f"  mlops:{key}: 'other' is not allowed: input should be {allowed}"
    assert refusal(**changed(key, "other")) == [sentence]


def test_a_release_watches_one_alarm_to_ten() -> None:
    """As AutoRollbackConfig of SageMaker's API takes: "Maximum number of 10 items"."""
    key = "endpoint.rollbackAlarms"
    for count in (1, 10):
        alarms = [f"a{n}" for n in range(count)]
        assert read(parse(**changed(key, alarms)), key) == alarms
    for count, says in ((0, "at least 1 item"), (11, "at most 10 items")):
        alarms = [f"a{n}" for n in range(count)]
        sentence = f"  mlops:{key}: {alarms!r} is not allowed: list should have {says} after"
        (line,) = refusal(**changed(key, alarms))
        assert line.startswith(sentence)
