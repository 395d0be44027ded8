"""Refusals that the targets share, each from both sides, and what every target is asked."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import util
from importlib.machinery import ModuleSpec

import pytest

from components import targets
from components.scope import StackScope
from components.settings import Model
from components.targets import checks, refusals
from tests.installed import CLOUDS, has, needs, only
from tests.unit.stack_settings import changed, parse
from training.errors import UserError

# Minutes until a service shows what a new version answered (docs/releases.md).
SIGNALS = only({"aws": 2, "azure": 3, "gcp": 3})


def texts(errors: Iterable[UserError]) -> list[str]:
    return [str(error) for error in errors]


def model(key: str = "gate.margin", value: object = 0) -> Model:
    return parse(**changed(key, value)).models[0]


def refused(target: str = "local", **changes: object) -> list[str]:
    """The lines of what a target refuses."""
    with pytest.raises(UserError) as error:
        checks.check(StackScope(parse(target=target, **changes), "dev"), {})
    return str(error.value).splitlines()


@pytest.mark.parametrize(
    ("value", "written"),
    [(2, "2"), (2.0, "2"), (0.25, "0.25"), ("2", "'2'"), (None, "None"), (["a"], "['a']")],
)
def test_a_value_is_told_as_people_write_it(value: object, written: str) -> None:
    of_stack = refusals.refused("a.b", value, "no")
    assert str(of_stack) == f"mlops:a.b: {written} is not allowed: no"
    of_model = refusals.refused("a.b", value, "no", model())
    assert str(of_model) == f"mlops:a.b of model 'model': {written} is not allowed: no"


def test_a_name_that_is_made_has_to_match_as_a_whole() -> None:
    for name, allowed in (("ab", True), ("abc", True), ("abcd", False), ("aB", False), ("", False)):
        errors = refusals.bad_names("prefix", "a", name, "[a-z]{1,3}", "allowed are 3")
        sentence = (
            f"mlops:prefix: 'a' is not allowed: it makes names such as {name!r}, "
            f"{len(name)} characters; allowed are 3"
        )
        assert texts(errors) == ([] if allowed else [sentence])


def test_webhooks_of_a_cloud_are_https() -> None:
    good, local, variable = "https://x.org/hook", "http://localhost:9/", "env:HOOK"
    settings = parse(alerts={"webhooks": [local, good, variable]})
    assert texts(refusals.bad_webhooks(settings, "give https")) == [
        f"mlops:alerts.webhooks: {local!r} is not allowed: give https",
        f"mlops:alerts.webhooks: {variable!r} is not allowed: give https",
    ]


# A name of 64 octets and a domain of 253 are the most there are (RFC 5321, RFC 1035).
LONGEST = ".".join(["d" * 63] * 3 + ["e" * 61])
ADDRESSES = {
    "team@example.com": True,
    "first.last+tag@mail.example.co.uk": True,
    f"{'n' * 64}@example.com": True,
    f"n@{LONGEST}": True,
    "team": False,
    "team@": False,
    "@example.com": False,
    "team@example": False,
    "team@example.": False,
    "team@.com": False,
    "a@b@example.com": False,
    "a b@example.com": False,
    "a,b@example.com": False,
    "a;b@example.com": False,
    "a:b@example.com": False,
    "<a@example.com>": False,
    "a(b)@example.com": False,
    "a[b]@example.com": False,
    "team@exam_ple.com": False,
    "team@example.com\n": False,
    f"{'n' * 65}@example.com": False,
    f"n@{LONGEST}e": False,
}


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_receiver_of_mail_is_an_address(address: str) -> None:
    settings = parse(alerts={"emails": [address]}, budget={"receivers": ["a@b.org", address]})
    sentence = f"{address!r} is not allowed: give an e-mail address, such as team@example.com"
    assert texts(refusals.bad_addresses(settings)) == (
        []
        if ADDRESSES[address]
        else [f"mlops:alerts.emails: {sentence}", f"mlops:budget.receivers: {sentence}"]
    )


LEAST = "mlops:endpoint.instances of model 'model'"
SCALED = "mlops:endpoint.maxInstances of model 'model'"


@pytest.mark.parametrize(
    ("instances", "scaled", "most", "expected"),
    [
        (3, None, None, []),
        (3, 3, None, []),
        (3, 4, None, []),
        (3, 2, None, [f"{SCALED}: 2 is not allowed: fewer than endpoint.instances, 3"]),
        (3, None, 3, []),
        (3, 3, 3, []),
        (2, 4, 3, [f"{SCALED}: 4 is not allowed: there are 3 at most"]),
        (
            4,
            3,
            3,
            [
                f"{SCALED}: 3 is not allowed: fewer than endpoint.instances, 4",
                f"{LEAST}: 4 is not allowed: there are 3 at most",
            ],
        ),
        (4, None, 3, [f"{LEAST}: 4 is not allowed: there are 3 at most"]),
    ],
)
def test_instances_are_from_the_fewest_to_the_most(
    instances: int, scaled: int | None, most: int | None, expected: list[str]
) -> None:
    settings = parse(endpoint={"instances": instances, "maxInstances": scaled})
    assert texts(refusals.bad_instances(settings.models[0], most)) == expected


def test_a_release_watches_alarms_of_its_model() -> None:
    key = "endpoint.rollbackAlarms"
    own = ["endpoint-errors", "endpoint-latency", "drift"]
    assert texts(refusals.bad_rollback_alarms(model(key, own))) == []
    (text,) = texts(refusals.bad_rollback_alarms(model(key, ["drift", "others"])))
    sentence = "'others' is not allowed: a release watches the model's alarms: "
    assert text.startswith(f"mlops:{key} of model 'model': {sentence}")
    names = text.removeprefix(f"mlops:{key} of model 'model': {sentence}").split(", ")
    assert set(own) < set(names)


def test_an_age_is_one_that_an_alarm_can_look_back_to() -> None:
    for hours in (26, 48):
        assert texts(refusals.bad_age(model("drift.maxAgeHours", hours), 48)) == []
    assert texts(refusals.bad_age(model("drift.maxAgeHours", 48.5), 48)) == [
        "mlops:drift.maxAgeHours of model 'model': 48.5 is not allowed: "
        "an alarm looks back 48 hours at most"
    ]


# What every target is asked ------------------------------------------------------------------


@pytest.mark.parametrize("target", targets.names())
def test_what_only_others_have_is_no_wish_of_settings_that_leave_it_out(target: str) -> None:
    nobody = "".join(refused(target, alerts={"emails": ["no address"]}))
    assert "has none, only" not in nobody and "shows what" not in nobody


@pytest.mark.parametrize("target", CLOUDS)
def test_no_wish_for_what_only_others_have_is_none(target: str) -> None:
    endpoint = {"workers": 1, "port": 0, "captureDurable": False}
    lines = refused(target, endpoint=endpoint, alerts={"emails": ["no address"]})
    assert not any("has none" in line for line in lines)


def test_all_that_is_refused_is_told_at_once() -> None:
    lines = refused(
        alerts={"emails": ["me"]},
        models={
            "a": {"endpoint": {"instances": 2}},
            "b": {"compute": {"image": "mine:1"}, "data": {"location": "absent.csv"}},
        },
    )
    places = ["alerts.emails"]
    places += ["endpoint.instances of model 'a'", "data.location of model 'a'"]
    places += ["compute.image of model 'b'", "data.location of model 'b'"]
    assert [line.split(": ")[0] for line in lines] == [f"mlops:{place}" for place in places]


@pytest.mark.parametrize("target", [name for name in CLOUDS if name != "aws"])
@needs("aws")
def test_each_model_is_asked_for_what_only_others_have(target: str) -> None:
    lines = refused(
        target,
        ownsJobLogs=True,
        models={"a": {}, "b": {"drift": {"instances": 4}, "endpoint": {"captureBy": "service"}}},
    )
    reason = f"is not allowed: target {target!r} has none, only 'aws' has"
    assert [line for line in lines if "has none" in line] == [
        f"mlops:ownsJobLogs: True {reason}",
        f"mlops:drift.instances of model 'b': 4 {reason}",
        f"mlops:endpoint.captureBy of model 'b': 'service' {reason}",
    ]


@pytest.mark.parametrize(("target", "minutes"), SIGNALS.items())
def test_a_watch_is_longer_than_the_service_takes_to_show_anything(
    target: str, minutes: float
) -> None:
    key = "mlops:endpoint.canaryMinutes of model 'b'"

    def lines(canary: float | None) -> list[str]:
        changes = {"models": {"a": {}, "b": {"endpoint": {"canaryMinutes": canary}}}}
        refusal = refused(target, alerts={"emails": ["no address"]}, **changes)
        return [line for line in refusal if "canaryMinutes" in line]

    assert [lines(canary) for canary in (None, 0, minutes + 0.5)] == [[], [], []]
    for canary in (minutes, 0.5):
        assert lines(canary) == [
            f"{key}: {canary:g} is not allowed: target {target!r} shows what a new version answers "
            f"after {minutes} minutes; allowed: more than {minutes}, or 0 for no canary"
        ]


def test_this_computer_shows_answers_at_once() -> None:
    lines = refused(endpoint={"canaryMinutes": 0.1})
    assert not any("canaryMinutes" in line for line in lines)


@pytest.mark.parametrize("target", targets.names())
def test_a_target_needs_its_sdk(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def find(name: str) -> ModuleSpec | None:
        return None

    monkeypatch.setattr(util, "find_spec", find)
    lines = refused(target, alerts={"emails": ["no address"]})
    sdk = targets.load(target).sdk
    if target in CLOUDS:
        assert sdk and lines == [
            f"target {target!r} needs {sdk}, which is not installed: "
            f"make .venv/.{target}, or pip install -r requirements/{target}.txt"
        ]
    else:
        assert sdk is None and not any("not installed" in line for line in lines)


@pytest.mark.parametrize("target", CLOUDS)
def test_a_target_whose_sdk_is_there_says_nothing_of_it(
    target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert has(target)
    monkeypatch.setattr(util, "find_spec", lambda name: ModuleSpec(name, None))
    lines = refused(target, alerts={"emails": ["no address"]})
    assert any("no address" in line for line in lines)
    assert not any("not installed" in line for line in lines)
