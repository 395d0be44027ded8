"""Names that the provider makes: of a resource's name, of a prefix, and how long they are."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from pulumi_simcloud.catalog import catalog
from pulumi_simcloud.kinds import Kind, Name
from pulumi_simcloud.naming import is_automatic, with_name
from pulumi_simcloud.property_values import DEFAULTS, UNKNOWN


@pytest.mark.parametrize(
    ("token", "longest"),
    [
        ("aws:sns/topic:Topic", 256),
        ("aws:sqs/queue:Queue", 80),
        ("aws:cloudwatch/eventRule:EventRule", 64),
    ],
)
def test_a_prefix_leaves_room(token: str, longest: int) -> None:
    kind = catalog()[token]
    for length, wrong in ((longest - 26, []), (longest - 25, ["name"])):
        inputs = {"namePrefix": "a" * length}
        _, failures = with_name(kind, "r", {}, inputs, b"")
        assert [failure.path for failure in failures] == wrong


def named(
    rule: Name | None,
    new: dict[str, Any],
    old: dict[str, Any] | None = None,
    cloud: str = "aws",
    seed: bytes = b"seed",
    proposed: str | None = None,
) -> tuple[dict[str, Any], list[str]]:
    """The inputs with a name, and what is wrong with it."""
    kind = Kind(f"{cloud}:x/y:Z", name=rule)
    inputs, failures = with_name(kind, "My-Res", old or {}, new, seed, proposed)
    return inputs, [f"{failure.path}: {failure.reason}" for failure in failures]


@pytest.mark.parametrize(
    ("cloud", "pattern"),
    # pulumi-terraform-bridge, AutoName: a dash, and seven digits. azure-native has no dash.
    [
        ("aws", "My-Res-[0-9a-f]{7}"),
        ("gcp", "My-Res-[0-9a-f]{7}"),
        ("azure-native", "My-Res[0-9a-f]{8}"),
    ],
)
def test_a_name_that_is_left_out_is_made_of_the_resource_s(cloud: str, pattern: str) -> None:
    inputs, failures = named(Name(), {"size": 1}, cloud=cloud)
    assert re.fullmatch(pattern, inputs["name"]) and failures == []
    assert inputs == {"size": 1, "name": inputs["name"], DEFAULTS: ["name"]}
    assert named(Name(), {"size": 1}, cloud=cloud)[0] == inputs, "the same of the same seed"
    assert named(Name(), {"size": 1}, cloud=cloud, seed=b"other")[0]["name"] != inputs["name"]
    # Without a seed, by the name itself.
    unseeded = named(Name(), {}, cloud=cloud, seed=b"")[0]["name"]
    assert unseeded == named(Name(), {}, cloud=cloud, seed=b"")[0]["name"] != inputs["name"]
    assert unseeded[-7:] != named(Name(stem="s"), {}, cloud=cloud, seed=b"")[0]["name"][-7:]


def test_a_name_that_is_given_or_that_nobody_makes_is_left() -> None:
    assert named(None, {"size": 1}) == ({"size": 1}, [])
    assert named(Name(auto=False), {"size": 1}) == ({"size": 1}, [])
    assert named(Name(), {"name": "mine"}) == ({"name": "mine"}, [])
    kept = {"name": UNKNOWN}
    assert named(Name(), kept) == (kept, [])


def test_a_name_stays_as_long_as_it_begins_as_it_should() -> None:
    old, _ = named(Name(), {})
    assert named(Name(), {"size": 1}, old, seed=b"other")[0]["name"] == old["name"]
    for earlier in ({"name": old["name"]}, {"name": "else-0000000", DEFAULTS: ["name"]},
                    {"name": UNKNOWN, DEFAULTS: ["name"]}, {DEFAULTS: ["name"]}):  # fmt: skip
        name = named(Name(), {}, earlier, seed=b"other")[0]["name"]
        assert name.startswith("My-Res-") and name != old["name"]
    assert is_automatic(Kind("aws:x/y:Z", name=Name()), old)
    assert not is_automatic(Kind("aws:x/y:Z", name=Name()), {"name": "x"})
    assert not is_automatic(Kind("aws:x/y:Z"), old)
    assert not is_automatic(Kind("aws:x/y:Z", name=Name("title")), old)


def test_a_prefix_is_followed_by_more_digits() -> None:
    rule = Name(prefix="namePrefix")
    for cloud, digits in (("aws", 26), ("gcp", 7)):
        inputs, _ = named(rule, {"namePrefix": "p"}, cloud=cloud)
        assert re.fullmatch(f"p[0-9a-f]{{{digits}}}", inputs["name"])
        assert inputs["namePrefix"] == "p" and inputs[DEFAULTS] == ["name"]
    assert named(rule, {"namePrefix": UNKNOWN, "size": 1}) == (
        {"namePrefix": UNKNOWN, "size": 1, "name": UNKNOWN}, []
    )  # fmt: skip
    assert named(rule, {})[0]["name"].startswith("My-Res-")
    assert named(Name(), {"namePrefix": "p"})[0]["name"].startswith("My-Res-")


def test_forms_of_a_name() -> None:
    assert named(Name(stem="s-", lower=True), {})[0]["name"].startswith("s-my-res-")
    assert named(Name(), {}, proposed="chosen")[0]["name"] == "chosen"
    ending = Name(ending=("fifo", ".fifo"))
    assert re.fullmatch(r"My-Res-[0-9a-f]{7}\.fifo", named(ending, {"fifo": True})[0]["name"])
    assert named(ending, {"fifo": True}, proposed="a.fifo")[0]["name"] == "a.fifo"
    for value in (False, "true", UNKNOWN, None):
        assert not named(ending, {"fifo": value})[0]["name"].endswith(".fifo")
    old, _ = named(Name(uuid=True), {})
    assert uuid.UUID(old["name"]).version == 4
    assert named(Name(uuid=True), {}, seed=b"other")[0]["name"] != old["name"]
    assert named(Name(uuid=True), {}, old, seed=b"other")[0]["name"] == old["name"]
    assert named(Name(uuid=True), {}, seed=b"") == named(Name(uuid=True), {}, seed=b"")


def test_a_name_that_is_too_long_is_told() -> None:
    assert named(Name(longest=14), {})[1] == []
    inputs, failures = named(Name("title", longest=13), {"size": 1})
    assert inputs == {"size": 1}
    (failure,) = failures
    assert re.fullmatch(
        r"title: the automatic name 'My-Res-[0-9a-f]{7}' is longer than 13 characters", failure
    )
