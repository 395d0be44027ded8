"""Kinds of settings: schedules, time zones, receivers, targets, files, names, repositories."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from components import targets
from tests.unit.stack_settings import changed, parse, read, refusal
from training import models


@pytest.mark.parametrize("key", ["drift.schedule", "retraining.schedule"])
def test_a_schedule_has_the_five_fields_of_cron_or_is_null(key: str) -> None:
    for value in ("*/15 * * * *", "0 6 * * mon-fri", "59 23 31 12 *", None):
        assert read(parse(**changed(key, value)), key) == value
    for value, why in (
        ("0 6 * *", "has 4 fields"),
        ("0 6 * * * *", "has 6 fields"),
        ("60 6 * * *", "minute '60'"),
        ("0 6 30 2 *", "never fires"),
    ):
        (line,) = refusal(**changed(key, value))
        assert line.startswith(f"  mlops:{key}: {value!r} is not allowed: not a cron expression (")
        assert why in line
        assert line.endswith("); allowed: minute hour day month weekday, such as '0 6 * * *'")


@pytest.mark.parametrize("name", ["UTC", "America/New_York", "Asia/Kathmandu", "Etc/GMT+5"])
def test_a_time_zone_is_one_of_iana(name: str) -> None:
    assert parse(timezone=name).models[0].timezone == name


@pytest.mark.parametrize("name", ["", "Mars", "America", "../UTC", "/etc/passwd", "UTC+2", "a\0b"])
def test_another_time_zone_is_refused(name: str) -> None:
    assert refusal(timezone=name) == [
        f"  mlops:timezone: {name!r} is not allowed: "
        "not a time zone; allowed: an IANA name such as UTC or America/New_York"
    ]


@pytest.mark.parametrize(
    "address",
    [
        "https://x.org",
        "https://user:word@x.org:8443/a?b=c",
        "https://[2001:db8::1]/hook",
        "http://127.0.0.1:9000/hook",
        "http://localhost",
        "env:HOOK",
        "env:_hook2",
    ],
)
def test_a_receiver_is_asked_for_safely(address: str) -> None:
    assert parse(alerts={"webhooks": [address]}).alerts.webhooks == [address]


@pytest.mark.parametrize(
    "address",
    [
        "",
        "x.org",
        "ftp://x.org",
        "https:x.org",
        "https://",
        "https:///hook",
        "https://[::1",
        "http://x.org",
        "http://127.0.0.2",
        "http://localhost.x.org",
        "http://localhost@x.org",
        "env:",
        "env:2HOOK",
        "env:MY-HOOK",
        "env:A:B",
        "mailto:a@b.org",
    ],
)
def test_another_receiver_is_refused(address: str) -> None:
    assert refusal(alerts={"webhooks": ["https://x.org", address]}) == [
        f"  mlops:alerts.webhooks.1: {address!r} is not allowed: not a receiver; "
        "allowed: an https URL, or env:NAME for a URL with a secret in it"
    ]


def test_a_target_is_one_of_those_there_are() -> None:
    for name in targets.names():
        assert parse(target=name).target == name
    for name in ("", "mars", "Local", "local "):
        assert refusal(target=name) == [
            f"  mlops:target: {name!r} is not allowed: no such target; "
            f"allowed: {', '.join(targets.names())}"
        ]


def test_a_model_file_is_one_of_those_there_are() -> None:
    for name in models.names():
        assert parse(modelFile=name).models[0].model_file == name
    assert "default" in models.names()
    for name in ("", "nobody", "Default", "default.py", "../default"):
        assert refusal(modelFile=name) == [
            f"  mlops:modelFile: {name!r} is not allowed: no such file in training/models; "
            f"allowed: {', '.join(models.names())}"
        ]


def test_settings_do_not_change() -> None:
    settings = parse()
    with pytest.raises(ValidationError, match="frozen"):
        settings.prefix = "other"
    with pytest.raises(ValidationError, match="frozen"):
        settings.models[0].gate.margin = 1


@pytest.mark.parametrize("text", ["true", "false"])
def test_a_switch_may_be_given_as_text(text: str) -> None:
    assert parse(allowModelDeletion=text).allow_model_deletion is (text == "true")
    assert parse(**changed("retraining.onDrift", text)).models[0].retraining.on_drift is (
        text == "true"
    )


NAMES = {
    "a": True,
    "a" * 30: True,
    "churn-2": True,
    "z9-": True,
    "": False,
    "a" * 31: False,
    "2churn": False,
    "-churn": False,
    "Churn": False,
    "churn_2": False,
    "churn\n": False,
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("key", ["model", "prefix"])
def test_a_name_is_30_small_letters_digits_and_hyphens_at_most(key: str, name: str) -> None:
    if NAMES[name]:
        settings = parse(**{key: name})
        assert (settings.models[0].name if key == "model" else settings.prefix) == name
    else:
        (line,) = refusal(**{key: name})
        sentence = f"mlops:{key}: {name!r} is not allowed: string should match pattern"
        assert line == f"  {sentence} '^[a-z][a-z0-9-]{{0,29}}$'"


@pytest.mark.parametrize("name", ["company/churn", "a.b_c-d/E.f_g-h"])
def test_a_repository_is_told_by_its_owner_and_its_name(name: str) -> None:
    assert parse(ci={"github": {"repository": name}}).ci.github.repository == name
    for wrong in (name.replace("/", ""), f"{name}/x", f"/{name}", f"{name} x", f"{name}/"):
        (line,) = refusal(ci={"github": {"repository": wrong}})
        assert line.startswith(f"  mlops:ci.github.repository: {wrong!r} is not allowed: string")
