"""Settings: every bad one is refused by its key, its value and what is allowed."""

from __future__ import annotations

import pytest

from components import config, targets
from components.monitoring import alarm_rules
from components.scope import StackScope
from components.targets import checks
from tests.installed import allowed_targets, has, needs
from tests.unit.stack_settings import changed, parse
from training.errors import UserError

# A value for each setting that not every target has.
EXCLUSIVE = {
    "endpoint.port": 8080,
    "endpoint.mirrorPercent": 10,
    "endpoint.canaryWaitMinutes": 5,
    "endpoint.captureBy": "container",
    "endpoint.captureDurable": True,
    "endpoint.workers": 2,
    "endpoint.keepPreviousMinutes": 30,
    "compute.serverless": True,
    "compute.volumeGb": 50,
    "drift.instances": 4,
    "data.kmsKey": "arn:aws:kms:eu-central-1:123456789012:key/1",
    "registry.shared": "company",
    "ownsJobLogs": True,
    "ci.github.provider": "arn:aws:iam::123456789012:oidc-provider/mine",
}
OWNERS = {key: [t.name for t in targets.every() if key in t.exclusive] for key in EXCLUSIVE}


def test_a_location_and_a_target_are_enough() -> None:
    stack_settings = parse()
    assert stack_settings.target == "local"
    assert stack_settings.models[0].name == "model"
    assert stack_settings.models[0].drift.alpha == 0.05


def test_models_take_what_stands_at_the_top_key_by_key() -> None:
    stack_settings = parse(
        drift={"alpha": 0.01, "minRows": 50},
        models={"a": {}, "b": {"drift": {"minRows": 70}, "data": {"target": "z"}}},
    )
    assert stack_settings.model("a").drift.min_rows == 50
    assert (stack_settings.model("b").drift.alpha, stack_settings.model("b").drift.min_rows) == (
        0.01,
        70,
    )
    assert (stack_settings.model("b").data.location, stack_settings.model("b").data.target) == (
        "x.csv",
        "z",
    )


def test_numbers_may_be_given_as_text_as_pulumi_config_set_does() -> None:
    stack_settings = parse(retentionDays="30", drift={"alpha": "0.1"})
    assert (stack_settings.retention_days, stack_settings.models[0].drift.alpha) == (30, 0.1)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"target": "mars"},
            "mlops:target: 'mars' is not allowed: no such target; allowed: "
            + allowed_targets("local", "aws", "azure", "gcp"),
        ),
        ({"traget": "local"}, "mlops:traget: unknown setting; did you mean target?"),
        ({"drift": {"alpah": 1}}, "mlops:drift.alpah: unknown setting; did you mean alpha?"),
        ({"drift": {"minMetricLoss": -1}}, "mlops:drift.minMetricLoss: -1 is not allowed"),
        ({"drift": {"alpha": 2}}, "mlops:drift.alpha: 2 is not allowed: input should be less"),
        ({"drift": {"schedule": "never"}}, "mlops:drift.schedule: 'never' is not allowed: not a"),
        ({"timezone": "Mars/North"}, "mlops:timezone: 'Mars/North' is not allowed: not a time z"),
        ({"retraining": {"minRows": "many"}}, "mlops:retraining.minRows: 'many' is not allowed"),
        ({"endpoint": {"capturePercent": 101}}, "mlops:endpoint.capturePercent: 101 is not"),
        ({"modelFile": "nobody"}, "mlops:modelFile: 'nobody' is not allowed: no such file"),
        ({"model": "Bad Name"}, "mlops:model: 'Bad Name' is not allowed"),
        ({"data": {"location": "x.csv"}}, "mlops:data.target: not set"),
        ({"alerts": {"webhooks": ["ftp://x"]}}, "mlops:alerts.webhooks.0: 'ftp://x' is not"),
        ({"models": {"a": {"gate": {"margin": -1}}}}, "mlops:models.a.gate.margin: -1 is not"),
        ({"budget": {"monthly": 0}}, "mlops:budget.monthly: 0 is not allowed"),
        ({"models": "a"}, "mlops:models: 'a' is not allowed: give a map"),
        ({"alerts": {"webhooks": ["http://localhost.x.org"]}}, "mlops:alerts.webhooks.0: 'http"),
        ({"alerts": {"webhooks": ["https://"]}}, "mlops:alerts.webhooks.0: 'https://' is not"),
        ({"alerts": {"webhooks": ["env:"]}}, "mlops:alerts.webhooks.0: 'env:' is not"),
        ({"retraining": {"schedule": "0 3 * * 8"}}, "mlops:retraining.schedule: '0 3 * * 8' is"),
        ({"model": "a", "models": {"b": {}}}, "mlops:model: not allowed beside mlops:models"),
        ({"models": {}}, "mlops:models: {} is not allowed: give a map"),
        ({"split": {"holdout": 1}}, "mlops:split.holdout: 1 is not allowed"),
        ({"tags": {"a": {}}}, "mlops:tags.a: {} is not allowed"),
    ],
)
def test_a_bad_setting_is_named(changes: dict, message: str) -> None:
    with pytest.raises(UserError) as error:
        parse(**changes)
    assert message in str(error.value)


def test_all_errors_are_told_at_once() -> None:
    with pytest.raises(UserError) as error:
        parse(target="mars", drift={"alpha": 2})
    assert len(str(error.value).splitlines()) == 2


def test_schedules_count_sunday_as_cron_does() -> None:
    stack_settings = parse(retraining={"schedule": "0 3 * * 7"}, drift={"schedule": "0 3 * * sun"})
    assert stack_settings.models[0].retraining.schedule == "0 3 * * 7"


def test_receivers_are_https_or_on_this_computer_or_in_the_environment() -> None:
    receivers = ["https://x.org/hook", "http://127.0.0.1:9/", "http://localhost/", "env:HOOK"]
    assert parse(alerts={"webhooks": receivers}).alerts.webhooks == receivers


def test_a_drift_check_that_is_not_scheduled_is_not_missed() -> None:
    names = [rule.name for rule in alarm_rules(parse().models[0])]
    assert "drift-check-missed" in names
    unscheduled = parse(drift={"schedule": None}).models[0]
    assert [rule.name for rule in alarm_rules(unscheduled)] == [
        n for n in names if "missed" not in n
    ]


def test_every_setting_that_not_every_target_has_is_in_the_table() -> None:
    assert EXCLUSIVE.keys() >= {key for target in targets.every() for key in target.exclusive}


@pytest.mark.parametrize("key", [key for key, owners in OWNERS.items() if owners])
def test_what_some_targets_have_is_refused_by_the_others(key: str) -> None:
    value, owners = EXCLUSIVE[key], OWNERS[key]
    owners_text = f"{', '.join(map(repr, owners))} {'has' if len(owners) == 1 else 'have'}"
    of_model = key.split(".")[0] in ("endpoint", "compute", "data", "drift")
    place = " of model 'model'" if of_model else ""
    for target in set(targets.names()) - set(owners):
        stack_settings = parse(target=target, **changed(key, value))
        reason = f"target '{target}' has none, only {owners_text}"
        message = f"(?m)^mlops:{key}{place}: {value!r} is not allowed: {reason}$"
        with pytest.raises(UserError, match=message):
            checks.check(StackScope(stack_settings, "dev"), {})


def test_a_stack_that_is_up_keeps_its_target_and_its_prefix() -> None:
    up = {"target": "local", "prefix": "mlops"}
    for outputs in ({}, {"target": "local"}, up):
        config.check_unchanged(parse(target="local"), outputs, "dev")
    for key, value, before in (("target", "local", "aws"), ("prefix", "other", "mlops")):
        message = (
            f"mlops:{key}: '{value}' is not allowed: stack 'dev' is up with '{before}'; destroy"
        )
        with pytest.raises(UserError, match=message):
            config.check_unchanged(parse(**{key: value}), {**up, key: before}, "dev")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"alerts": {"emails": ["a@b.org", "me"]}}, "mlops:alerts.emails: 'me' is not allowed"),
        ({"budget": {"monthly": 9.5}}, "mlops:budget.monthly: 9.5 is not allowed"),
        ({"ci": {"github": {"repository": "a/b"}}}, "mlops:ci.github.repository: 'a/b' is not"),
        ({"compute": {"image": "mine:1"}}, "mlops:compute.image of model 'model': 'mine:1' is not"),
        ({"endpoint": {"instances": 2}}, "mlops:endpoint.instances of model 'model': 2 is not"),
        ({"endpoint": {"maxInstances": 1}}, "mlops:endpoint.maxInstances of model 'model': 1 is"),
    ],
)
def test_what_only_a_cloud_has_is_refused_by_this_computer(changes: dict, message: str) -> None:
    with pytest.raises(UserError, match=message):
        checks.check(StackScope(parse(**changes), "dev"), {})


def owners_message(*names: str) -> str:
    """Targets that have what one lacks, as a refusal tells them: those that are there."""
    present = [repr(name) for name in names if has(name)]
    return f"only {', '.join(present)} {'has' if len(present) == 1 else 'have'}"


@pytest.mark.parametrize(
    ("target", "endpoint", "says"),
    [
        pytest.param(target, endpoint, says, marks=needs(target))
        for target, endpoint, says in (
            (
                "azure",
                {"canaryMinutes": 3},
                "endpoint.canaryMinutes of model 'model': 3 is not allowed",
            ),
            (
                "gcp",
                {"canaryMinutes": 0.5},
                "'gcp' shows what a new version answers after 3 minutes",
            ),
            ("aws", {"canaryMinutes": 2}, "allowed: more than 2, or 0 for no canary"),
            (
                "aws",
                {"canaryWaitMinutes": 5},
                f"none, {owners_message('local', 'azure', 'gcp')}",
            ),
            ("aws", {"mirrorPercent": 10}, f"has none, {owners_message('local', 'azure')}"),
            ("gcp", {"mirrorPercent": 10}, f"has none, {owners_message('local', 'azure')}"),
        )
    ],
)
def test_a_watch_that_would_see_nothing_is_refused(
    target: str, endpoint: dict[str, float], says: str
) -> None:
    stack_settings = parse(target=target, endpoint=endpoint)
    with pytest.raises(UserError, match=says):
        checks.check(StackScope(stack_settings, "dev"), {})
