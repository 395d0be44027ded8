"""Settings that AWS would refuse are refused first, by the key that is wrong."""

from __future__ import annotations

import json
from typing import Any

import botocore.session
import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel
from pulumi_simcloud.platforms import table
from pulumi_simcloud.rules.schedules import schedule_expression

from components.config import parse
from components.scope import StackScope
from components.targets.aws.machines import services
from components.targets.aws.schedules import expression
from components.targets.checks import check
from tests.targets.aws.compiled import DATA, IMAGE
from training.errors import UserError

GOOD = {"target": "aws", "model": "flights", "data": DATA}
REGION = {"aws:region": "eu-central-1"}


def check_settings(stack_config: dict[str, str] = REGION, **config: Any) -> None:
    """Parse and check settings, as `pulumi up` does before anything else."""
    merged = {**GOOD, **config}
    text = {
        key: json.dumps(value) if isinstance(value, dict | list) else str(value)
        for key, value in merged.items()
    }
    check(StackScope(parse(text), "development"), stack_config)


def test_good_settings_pass() -> None:
    check_settings()
    check_settings(
        endpoint={"instanceType": "ml.g5.xlarge"}, retraining={"schedule": "*/15 9-17 * * 1-5"}
    )


@pytest.mark.parametrize(
    ("key", "config"),
    [
        ("mlops:prefix", {"prefix": "a" * 30, "model": "b"}),
        ("mlops:model", {"prefix": "a" * 20, "model": "b" * 30}),
        ("mlops:data.location", {"data": {**DATA, "location": "data/flights"}}),
        ("mlops:data.location", {"data": {**DATA, "location": "gs://data/flights"}}),
        ("mlops:compute.instanceType", {"compute": {"instanceType": "ml.m5.huge"}}),
        ("mlops:compute.instanceType", {"compute": {"instanceType": "ml.c6gd.large"}}),
        ("mlops:compute.image", {"compute": {"image": "docker.io/library/python:3.12"}}),
        ("mlops:endpoint.instanceType", {"endpoint": {"instanceType": "m5.large"}}),
        ("mlops:endpoint.capturePercent", {"endpoint": {"capturePercent": 101}}),
        ("mlops:endpoint.maxInstances", {"endpoint": {"instances": 3, "maxInstances": 2}}),
        # "AutoScaling not supported for burstable instance types" (aws/aws-cdk, lib/endpoint.ts of
        # aws-sagemaker), as the developer guide has it.
        (
            "mlops:endpoint.maxInstances",
            {"endpoint": {"instanceType": "ml.t2.medium", "maxInstances": 2}},
        ),
        ("mlops:endpoint.rollbackAlarms", {"endpoint": {"rollbackAlarms": []}}),
        ("mlops:endpoint.rollbackAlarms", {"endpoint": {"rollbackAlarms": ["a"] * 11}}),
        ("mlops:endpoint.canaryPercent", {"endpoint": {"canaryPercent": 51}}),
        ("mlops:drift.schedule", {"drift": {"schedule": "0 6 1 * 1"}}),
        ("mlops:drift.schedule", {"drift": {"schedule": "0 6 last * *"}}),
        ("mlops:retraining.schedule", {"retraining": {"schedule": "at noon"}}),
        ("mlops:drift.maxAgeHours", {"drift": {"maxAgeHours": 200}}),
        (
            "mlops:drift.minEffects",
            {"drift": {"minEffects": {f"column_{n}": 0.1 for n in range(20)}}},
        ),
        ("mlops:alerts.webhooks", {"alerts": {"webhooks": ["env:HOOK"]}}),
        ("mlops:alerts.emails", {"alerts": {"emails": ["team@example"]}}),
        ("mlops:alerts.emails", {"alerts": {"emails": ["a, b@example.com"]}}),
        # WaitIntervalInSeconds <= 3600, MaxRuntimeInSeconds <= 777600 (SageMaker API reference).
        ("mlops:endpoint.canaryMinutes", {"endpoint": {"canaryMinutes": 60.5}}),
        ("mlops:retraining.maxRunMinutes", {"retraining": {"maxRunMinutes": 12961}}),
        ("mlops:retraining.maxRunMinutes", {"retraining": {"maxRunMinutes": 0.01}}),
        ("mlops:endpoint.rollbackAlarms", {"endpoint": {"rollbackAlarms": ["none-such"]}}),
        ("mlops:endpoint.instanceType", {"endpoint": {"instanceType": "ml.c7g.large"}}),
        ("mlops:endpoint.instanceType", {"endpoint": {"instanceType": "ml.m6gd.large"}}),
        ("mlops:endpoint.instanceType", {"endpoint": {"instanceType": "ml.inf2.xlarge"}}),
        ("mlops:compute.instanceType", {"compute": {"instanceType": "ml.trn1.2xlarge"}}),
        ("mlops:compute.image", {"compute": {"image": IMAGE.replace("eu-central-1", "us-east-1")}}),
        (
            "mlops:compute.volumeGb",
            {"compute": {"volumeGb": 50, "instanceType": "ml.m5d.large"}},
        ),
        ("mlops:compute.volumeGb", {"compute": {"volumeGb": 16385}}),
        ("mlops:data.kmsKey", {"data": {**DATA, "kmsKey": "alias/data"}}),
        ("mlops:tags", {"tags": {"aws:x": "y"}}),
        ("mlops:tags", {"tags": {f"t{n}": "y" for n in range(60)}}),
        ("mlops:tags", {"tags": {"a<b": "y"}}),
        ("mlops:tags", {"tags": {"a": "y" * 257}}),
        ("mlops:model", {"model": "churn-"}),
        ("mlops:prefix", {"prefix": "xn--x"}),
        ("mlops:ci.github.provider", {"ci": {"github": {"provider": "nonsense"}}}),
        (
            "mlops:budget.receivers",
            {"budget": {"monthly": 9, "receivers": [f"a{n}@example.com" for n in range(12)]}},
        ),
    ],
)
def test_what_aws_would_refuse_names_the_key(key: str, config: dict[str, Any]) -> None:
    with pytest.raises(UserError, match=f"{key}.* is not allowed: "):
        check_settings(**config)


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(UserError) as error:
        check_settings(
            tags={"aws:x": "y"}, endpoint={"canaryMinutes": 90}, alerts={"emails": ["x"]}
        )
    keys = ("mlops:tags", "mlops:endpoint.canaryMinutes", "mlops:alerts.emails")
    assert all(key in str(error.value) for key in keys)


def test_an_image_for_the_machine_is_taken_on_graviton() -> None:
    check_settings(
        compute={"image": IMAGE, "instanceType": "ml.m5.large"},
        endpoint={"instanceType": "ml.c7g.large"},
    )
    for instance in ("ml.g5.xlarge", "ml.m5.large", "ml.c6i.large", "ml.p4d.24xlarge"):
        check_settings(endpoint={"instanceType": instance})


@pytest.mark.parametrize("stack_config", [{}, {"aws:region": "eu-central-9"}])
def test_a_region_without_the_service_is_refused(stack_config: dict[str, str]) -> None:
    with pytest.raises(UserError, match=r"aws:region: .* is not allowed"):
        check_settings(stack_config)


@pytest.mark.parametrize(
    ("cron", "scheduled"),
    [
        ("0 6 * * *", "cron(0 6 * * ? *)"),
        ("0 3 * * 1", "cron(0 3 ? * MON *)"),
        ("*/20 9-11 * * mon-fri", "cron(0,20,40 9,10,11 ? * MON,TUE,WED,THU,FRI *)"),
        ("5 4 1,15 jan-mar *", "cron(5 4 1,15 1,2,3 ? *)"),
        ("0 0 * * 5-7", "cron(0 0 ? * FRI,SAT,SUN *)"),
        ("0 0 * * 0", "cron(0 0 ? * SUN *)"),
        ("0 0 * * 7", "cron(0 0 ? * SUN *)"),
        ("0 12 10/10 * *", "cron(0 12 10,20,30 * ? *)"),
    ],
)
def test_cron_expressions_as_eventbridge_has_them(cron: str, scheduled: str) -> None:
    assert expression(cron) == scheduled
    rule = schedule_expression("it", once=True)
    assert list(rule({"it": scheduled})) == []


def test_the_table_of_services_is_that_of_the_service_model() -> None:
    session = botocore.session.get_session()
    model = ServiceModel(Loader().load_service_model("sagemaker", "service-2"), "sagemaker")

    def types(shape: str) -> set[str]:
        enumeration: Any = model.shape_for(shape)
        return set(enumeration.enum)

    regions = set(session.get_available_regions("sagemaker")) & set(table("sklearn_accounts"))
    assert services() == {
        "regions": sorted(regions),
        "jobs": sorted(types("ProcessingInstanceType") & types("TrainingInstanceType")),
        "endpoints": sorted(types("ProductionVariantInstanceType")),
    }
