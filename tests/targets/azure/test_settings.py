"""What Azure would refuse is refused before any resource, by the name of its key."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml
from pulumi_simcloud.platforms import table
from tzlocal.windows_tz import tz_win, win_tz

from components.config import parse
from components.pipeline.azure_compute import cluster_name
from components.scope import StackScope
from components.settings import Settings
from components.targets import checks
from components.targets.azure.machines import (
    LOCATIONS,
    TIME_ZONES,
    TRAINING_SIZES,
    windows_zone,
)
from tests.project import REPOSITORY
from training.errors import UserError

NEW_YEAR = datetime(2027, 1, 1, tzinfo=timezone.utc)
FILES = ("azure-dev", "azure-prod")


def config(name: str = "azure-dev") -> dict[str, Any]:
    return yaml.safe_load((REPOSITORY / "stacks" / f"Pulumi.{name}.yaml").read_text())["config"]


def settings(stack_config: dict[str, Any]) -> Settings:
    texts = {k.removeprefix("mlops:"): v for k, v in stack_config.items() if k.startswith("mlops:")}
    return parse({k: v if isinstance(v, str) else json.dumps(v) for k, v in texts.items()})


@pytest.mark.parametrize("name", FILES)
def test_the_stack_files_are_taken(name: str) -> None:
    checks.check(StackScope(settings(config(name)), name), config(name))


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "no location": ({"azure-native:location": None}, r"azure-native:location: None"),
    "a location that does not exist": (
        {"azure-native:location": "westeurpoe"},
        r"azure-native:location: 'westeurpoe' is not allowed: Azure ML is in .*westeurope",
    ),
    "a prefix that vaults have no room for": (
        {"mlops:prefix": "platform"},
        r"mlops:prefix: 'platform' .*'platform-azure-dev', 18 characters; allowed: 16",
    ),
    "a model that endpoints have no room for": (
        {"mlops:model": "flights-late"},
        r"mlops:model: 'flights-late' .*'mlops-azure-dev-flights-late', 28 characters; allowed: 24",
    ),
    "a registry whose name is no name": (
        {"mlops:registry": {"shared": "r/x"}},
        r"mlops:registry.shared: 'r/x' is not allowed: give a name of 3 to 33",
    ),
    "two hyphens": ({"mlops:prefix": "a-"}, r"mlops:prefix: 'a-' .*'a--azure-dev'"),
    "logs kept too short": ({"mlops:retentionDays": "7"}, r"mlops:retentionDays: 7 .* 30 to 730"),
    "a receiver in a variable": (
        {"mlops:alerts": {"webhooks": ["env:HOOK"]}},
        r"mlops:alerts.webhooks: 'env:HOOK'",
    ),
    "data that is not on Azure": (
        {"mlops:data": {"location": "s3://a/b", "target": "y"}},
        r"mlops:data.location of model 'churn': 's3://a/b'",
    ),
    "a machine of another cloud": (
        {"mlops:endpoint": {"instanceType": "ml.m5.large"}},
        r"mlops:endpoint.instanceType of model 'churn': 'ml.m5.large'",
    ),
    "a size that endpoints lack": (
        {"mlops:endpoint": {"instanceType": "Standard_B2s"}},
        r"mlops:endpoint.instanceType of model 'churn': 'Standard_B2s'",
    ),
    "a size that jobs lack": (
        {"mlops:compute": {"instanceType": "Standard_DS6_v2"}},
        r"mlops:compute.instanceType of model 'churn': 'Standard_DS6_v2' .* Standard_DS2_v2, ",
    ),
    "an alarm that no model has": (
        {"mlops:endpoint": {"rollbackAlarms": ["my-alarm"]}},
        r"mlops:endpoint.rollbackAlarms of model 'churn': 'my-alarm' .* endpoint-errors",
    ),
    "no size at all": (
        {"mlops:compute": {"instanceType": "large"}},
        r"mlops:compute.instanceType of model 'churn': 'large'",
    ),
    "more instances than a deployment has": (
        {"mlops:endpoint": {"maxInstances": 51}},
        r"mlops:endpoint.maxInstances of model 'churn': 51 .* 50",
    ),
    "fewer instances at most than at least": (
        {"mlops:endpoint": {"instances": 3, "maxInstances": 2}},
        r"mlops:endpoint.maxInstances of model 'churn': 2 .* endpoint.instances, 3",
    ),
    "a day that Azure ML would ignore": (
        {"mlops:retraining": {"schedule": "0 3 1 * *"}},
        r"mlops:retraining.schedule of model 'churn': '0 3 1 \* \*' .* ignores the day",
    ),
    "a month that Azure ML would ignore": (
        {"mlops:drift": {"schedule": "0 3 * 1 *"}},
        r"mlops:drift.schedule of model 'churn'",
    ),
    "a Sunday that Azure ML does not know": (
        {"mlops:drift": {"schedule": "0 3 * * 7"}},
        r"mlops:drift.schedule of model 'churn': '0 3 \* \* 7' .* 0 \(Sunday\) to 6",
    ),
    "an alarm that looks too far back": (
        {"mlops:drift": {"maxAgeHours": 49}},
        r"mlops:drift.maxAgeHours of model 'churn': 49 .* 48 hours",
    ),
    "a name of Microsoft's": (
        {"mlops:prefix": "xbox"},
        r"mlops:prefix: 'xbox' is not allowed: Azure takes no name of a resource with 'xbox'",
    ),
    "an address that is none": (
        {"mlops:alerts": {"emails": ["me@home"]}},
        r"mlops:alerts.emails: 'me@home'",
    ),
    "an image that is none": (
        {"mlops:compute": {"image": "My Image"}},
        r"mlops:compute.image of model 'churn': 'My Image'",
    ),
    "a tag that Azure does not take": (
        {"mlops:tags": {"a<b": "x"}},
        r"mlops:tags: 'a<b'",
    ),
    "more tags than an account takes": (
        {"mlops:tags": {f"t{number}": "x" for number in range(13)}},
        r"mlops:tags: '16 tags' .* 15 tags",
    ),
    "a time zone that Windows lacks": (
        {"mlops:timezone": "Factory"},
        r"mlops:timezone of model 'churn': 'Factory'",
    ),
}


@pytest.mark.parametrize("changed,says", BAD.values(), ids=BAD.keys())
def test_a_bad_setting_is_named(changed: dict[str, Any], says: str) -> None:
    stack_config = {
        key: value for key, value in {**config(), **changed}.items() if value is not None
    }
    with pytest.raises(UserError, match=says):
        checks.check(StackScope(settings(stack_config), "azure-dev"), stack_config)


def test_all_that_is_wrong_is_told_at_once() -> None:
    wrong = {
        "azure-native:location": "mars",
        "mlops:retentionDays": 99_999,
        "mlops:alerts": {"emails": ["me@home"], "webhooks": ["http://127.0.0.1:9"]},
        "mlops:endpoint": {"instances": 3, "maxInstances": 2, "instanceType": "Standard_X"},
        "mlops:drift": {"maxAgeHours": 99},
    }
    stack_config = {**config(), **wrong}
    with pytest.raises(UserError) as error:
        checks.check(StackScope(settings(stack_config), "azure-dev"), stack_config)
    keys = [line.split(" of model ")[0].split(": ")[0] for line in str(error.value).splitlines()]
    assert keys == [
        "azure-native:location",
        "mlops:retentionDays",
        "mlops:alerts.emails",
        "mlops:alerts.webhooks",
        "mlops:endpoint.instanceType",
        "mlops:endpoint.maxInstances",
        "mlops:drift.maxAgeHours",
    ]


def test_the_locations_are_azure_s() -> None:
    assert set(LOCATIONS) <= set(table("places")["azure"])


def test_every_time_zone_has_a_name_that_azure_ml_takes() -> None:
    from azure.ai.ml.constants import TimeZone

    known_zones = {str(zone.value) for zone in TimeZone}
    assert windows_zone("America/New_York") == "Eastern Standard Time"
    assert not [name for name in TIME_ZONES if windows_zone(name) not in known_zones]


@pytest.mark.parametrize("name", sorted(n for n, w in tz_win.items() if w != TIME_ZONES[n]))
def test_a_newer_zone_is_told_by_one_of_the_same_hours(name: str) -> None:
    """By the time zone database's own rules, for a year."""
    moments = [NEW_YEAR + timedelta(days=day) for day in range(366)]
    other = win_tz[TIME_ZONES[name]]
    offsets = [
        [moment.astimezone(ZoneInfo(zone)).utcoffset() for moment in moments]
        for zone in (name, other)
    ]
    assert offsets[0] == offsets[1], other


def test_a_cluster_of_another_size_has_another_name_that_azure_takes() -> None:
    # The longest name of a model that the check lets through: a prefix and a stack of one letter.
    model = settings({**config(), "mlops:model": "m" * 20}).models[0]
    names = {cluster_name(model, size) for size in TRAINING_SIZES}
    assert len(names) == len(TRAINING_SIZES)
    # The pattern of the service (Azure/azure-rest-api-specs, machinelearningservices, 2025-12-01).
    pattern = r"[a-zA-Z](?![a-zA-Z0-9-]*-\d+$)[a-zA-Z0-9-]{2,23}"
    assert all(re.fullmatch(pattern, name) for name in names), names
