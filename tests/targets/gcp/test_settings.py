"""What Google Cloud would refuse is refused before any resource, by the name of its key."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from pulumi_simcloud.constraints.discovery import discovery

from components.config import parse
from components.scope import StackScope
from components.settings import Settings
from components.targets import checks
from components.targets.gcp.machines import REGIONS, continent, machine
from tests.project import REPOSITORY
from training.errors import UserError

FILES = ("gcp-dev", "gcp-prod")


def config(name: str = "gcp-dev") -> dict[str, Any]:
    return yaml.safe_load((REPOSITORY / "stacks" / f"Pulumi.{name}.yaml").read_text())["config"]


def settings(stack_config: dict[str, Any]) -> Settings:
    import json

    texts = {k.removeprefix("mlops:"): v for k, v in stack_config.items() if k.startswith("mlops:")}
    return parse({k: v if isinstance(v, str) else json.dumps(v) for k, v in texts.items()})


@pytest.mark.parametrize("name", FILES)
def test_the_stack_files_are_taken(name: str) -> None:
    checks.check(StackScope(settings(config(name)), name), config(name))


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "no project": ({"gcp:project": None}, r"gcp:project: not set"),
    "an alarm to no address": (
        {"mlops:alerts": {"emails": ["me@home"]}},
        r"mlops:alerts.emails: 'me@home'",
    ),
    "a project that cannot be": ({"gcp:project": "Bad_Project"}, r"gcp:project: 'Bad_Project'"),
    "a prefix that no bucket has": ({"mlops:prefix": "google"}, r"mlops:prefix: 'google'"),
    "a prefix close to it": ({"mlops:prefix": "ml-g00gl3"}, r"mlops:prefix: 'ml-g00gl3'"),
    "logs for ever": ({"mlops:retentionDays": 99999}, r"mlops:retentionDays: 99999 .* 3650"),
    "an image from elsewhere": (
        {"mlops:compute": {"image": "nonsense"}},
        r"mlops:compute.image of model 'churn': 'nonsense' .* Artifact Registry",
    ),
    "a budget for many": (
        {"mlops:budget": {"monthly": 1, "receivers": [f"{n}@example.com" for n in range(6)]}},
        r"mlops:budget.receivers: .* 1 to 5",
    ),
    "a budget for a webhook alone": (
        {
            "mlops:budget": {"monthly": 1},
            "mlops:alerts": {"webhooks": ["https://example.com/hook"]},
        },
        r"mlops:budget.receivers: \[\] .* e-mail addresses",
    ),
    "a region without Vertex AI": (
        {"gcp:region": "northamerica-south1"},
        r"gcp:region: 'northamerica-south1' is not allowed",
    ),
    "a prefix that accounts have no room for": (
        {"mlops:prefix": "the-churn-platform"},
        r"mlops:prefix: 'the-churn-platform' .* at most 22 characters",
    ),
    "a label in capitals": ({"mlops:tags": {"team": "ML"}}, r"mlops:tags.team: 'ML'"),
    "a label key with a digit first": ({"mlops:tags": {"1st": "a"}}, r"mlops:tags.1st: 'a'"),
    "a receiver in a variable": (
        {"mlops:alerts": {"webhooks": ["env:HOOK"]}},
        r"mlops:alerts.webhooks: 'env:HOOK'",
    ),
    "a receiver on this computer": (
        {"mlops:alerts": {"webhooks": ["http://localhost:8080/"]}},
        r"mlops:alerts.webhooks: 'http://localhost:8080/' .* https",
    ),
    "a repository without its number": (
        {"mlops:ci": {"github": {"repository": "a/b"}}},
        r"mlops:ci.github.repositoryId: not set",
    ),
    "data that is not on Google Cloud": (
        {"mlops:data": {"location": "s3://a/b", "target": "y"}},
        r"mlops:data.location of model 'churn': 's3://a/b'",
    ),
    "an alarm that the model lacks": (
        {"mlops:endpoint": {"rollbackAlarms": ["my-alarm"]}},
        r"mlops:endpoint.rollbackAlarms of model 'churn': 'my-alarm' .* endpoint-errors",
    ),
    "a machine of another cloud": (
        {"mlops:endpoint": {"instanceType": "ml.m5.large"}},
        r"mlops:endpoint.instanceType of model 'churn': 'ml.m5.large'",
    ),
    "a size that the family lacks": (
        {"mlops:compute": {"instanceType": "n1-standard-3"}},
        r"mlops:compute.instanceType of model 'churn': 'n1-standard-3'",
    ),
    "a schedule that only another scheduler reads": (
        {"mlops:drift": {"schedule": "0 6 * * mon-fri/2"}},
        r"mlops:drift.schedule of model 'churn': '0 6 \* \* mon-fri/2'",
    ),
    "fewer instances at most than at least": (
        {"mlops:endpoint": {"instances": 3, "maxInstances": 2}},
        r"mlops:endpoint.maxInstances of model 'churn': 2 .* endpoint.instances, 3",
    ),
}


@pytest.mark.parametrize("changed,says", BAD.values(), ids=BAD.keys())
def test_a_bad_setting_is_named(changed: dict[str, Any], says: str) -> None:
    stack_config = {
        key: value for key, value in {**config(), **changed}.items() if value is not None
    }
    with pytest.raises(UserError, match=says):
        checks.check(StackScope(settings(stack_config), "gcp-dev"), stack_config)


def test_all_that_is_wrong_is_told_at_once() -> None:
    wrong = {
        "gcp:region": "mars",
        "mlops:retentionDays": 99_999,
        "mlops:alerts": {"emails": ["me@home"], "webhooks": ["http://127.0.0.1:9"]},
        "mlops:endpoint": {"instances": 3, "maxInstances": 2, "port": 80},
    }
    with pytest.raises(UserError) as error:
        checks.check(StackScope(settings({**config(), **wrong}), "gcp-dev"), {**config(), **wrong})
    keys = [line.split(" of model ")[0].split(": ")[0] for line in str(error.value).splitlines()]
    assert keys == [
        "mlops:endpoint.port",
        "gcp:region",
        "mlops:retentionDays",
        "mlops:alerts.emails",
        "mlops:alerts.webhooks",
        "mlops:endpoint.maxInstances",
    ]


def test_the_regions_are_those_of_the_service() -> None:
    locations = {place["location"] for place in discovery("aiplatform.v1")["endpoints"]}
    assert set(REGIONS) <= locations
    assert {continent(region) for region in REGIONS} == {"us", "europe", "asia"}


def test_a_machine_is_its_processors_and_memory() -> None:
    assert machine("n1-standard-4") == (4.0, 15.0)
    assert machine("e2-highmem-2") == (2.0, 16.0)
    assert machine("n1-standard") is None
