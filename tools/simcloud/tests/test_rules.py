"""Every rule of every entry refuses something: hostile values are put at its paths in turn."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from typing import Any

import pytest
from planted import PLANTED
from planted.case import RULE, changed
from pulumi_simcloud.catalog import catalog
from pulumi_simcloud.kinds import Inputs, Kind, Rule
from pulumi_simcloud.property_values import UNKNOWN, select
from pulumi_simcloud.rules.basic import PathRule
from refusals import REFUSALS
from samples import SAMPLES
from samples.world import Filled
from stated import STATED

HOSTILE = (
    "no such thing *",
    "x" * 140_000,
    "{}",
    "",
    -1,
    10**19,
    0.0001,
    [],
    ["x"] * 3000,
    {},
    {"type": "X"},
    {f"Key {number}": "A value" for number in range(70)},
    {"a": {"runAfter": {"b": []}}},
)
# What is more than the other, in the forms that services write it in.
PAIRS = (
    (1000, 1),
    ("PT9H", "PT1M"),
    ("900s", "1s"),
    ("2032-01-01T00:00:00Z", "2031-01-01T00:00:00Z"),
    ("x", True),
    ("x", None),
)


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Filled]:
    return {package: Filled(tmp_path_factory.mktemp(package), package) for package in SAMPLES}


def put(inputs: Inputs, path: str, value: Any) -> None:
    """Puts a value at a path pattern, making what is missing on the way; None takes it away."""
    steps = re.findall(r"\[\*\]|[^.\[\]]+", path)
    place: Any = inputs
    for step, following in zip(steps, [*steps[1:], ""], strict=True):
        key = _key(place, step)
        if not following:
            place[key] = copy.deepcopy(value)
            return
        if isinstance(place, dict) and not isinstance(place.get(key), dict | list):
            place[key] = [{}] if following == "[*]" else {}
        place = place[key]


def _double(inputs: Inputs, path: str) -> None:
    """Puts every item of the last list on the way to a path twice into it."""
    above = path.rpartition("[*]")[0]
    for _, items in select(inputs, above):
        if isinstance(items, list):
            items += copy.deepcopy(items)


def _key(place: Any, step: str) -> Any:
    if step != "[*]":
        return step
    if isinstance(place, dict):
        return next(iter(place), "key")
    if not place:
        place.append({})
    return 0


def spoiled(rule: PathRule, inputs: Inputs) -> Iterator[Inputs]:
    """Inputs of which at least one should break the rule."""
    first, *other_paths = rule.paths
    for value in HOSTILE:
        variant = copy.deepcopy(inputs)
        if first:
            put(variant, first, value)
        yield variant
    if "[*]" in first:
        variant = copy.deepcopy(inputs)
        put(variant, first, "x")
        _double(variant, first)
        yield variant
    for values in (
        *PAIRS,
        *((hostile, value) for value in rule.values for hostile in ("x", {"x": "y"}, True, None)),
    ):
        if len(rule.paths) == 2:
            variant = copy.deepcopy(inputs)
            for path, value in zip(rule.paths, values, strict=True):
                put(variant, path, value)
            yield variant
    for choice in ((first, *other_paths), other_paths, (first,)):
        for value in ("x", None, {"x": "y"}):
            variant = copy.deepcopy(inputs)
            for path in filter(None, choice):
                put(variant, path, value)
            yield variant


def breaks(rule: Rule, inputs: Inputs) -> bool:
    try:
        return bool(list(rule(inputs)))
    except (TypeError, AttributeError, KeyError):
        # A hostile value of a type that the schema check, which comes first, refuses.
        return False


def planted(kind: Kind, world: Filled) -> Iterator[Inputs]:
    for refusal in REFUSALS[kind.cloud]:
        if not refusal.before and SAMPLES[kind.cloud][refusal.sample][0] == kind.token:
            yield world.filled(changed(world.inputs(refusal.sample), refusal.bad))
    for case in STATED[kind.cloud]:
        if not case.before and SAMPLES[kind.cloud][case.sample][0] == kind.token:
            yield world.filled(changed(world.inputs(case.sample), case.bad))
    for case in PLANTED[kind.cloud]:
        if case.stage == RULE and SAMPLES[kind.cloud][case.sample][0] == kind.token:
            yield changed(world.inputs(case.sample), case.change)


RULED = [kind for kind in catalog().values() if kind.rules]


@pytest.mark.parametrize("kind", RULED, ids=lambda kind: kind.token)
def test_every_rule_refuses_something(kind: Kind, worlds: dict[str, Filled]) -> None:
    world = worlds[kind.cloud]
    sample = next(name for name, (token, _) in SAMPLES[kind.cloud].items() if token == kind.token)
    inputs_of_sample = world.inputs(sample)
    for number, rule in enumerate(kind.rules):
        assert not breaks(rule, inputs_of_sample)
        variants = list(planted(kind, world))
        variants += list(spoiled(rule, inputs_of_sample)) if isinstance(rule, PathRule) else []
        refused = [inputs for inputs in variants if breaks(rule, inputs)]
        assert refused, f"rule {number} of {kind.token} refuses nothing: {rule}"
        for inputs in refused:
            assert world.cloud.check(world.urn(sample), {}, inputs)[1]


def test_a_rule_that_refuses_nothing_is_caught(worlds: dict[str, Filled]) -> None:
    lenient = PathRule(("name",), lambda inputs: iter(()))
    inputs_of_sample = worlds["aws"].inputs("topic")
    assert not any(breaks(lenient, inputs) for inputs in spoiled(lenient, inputs_of_sample))


def test_unknown_values_break_no_rule() -> None:
    for kind in RULED:
        for rule in kind.rules:
            if isinstance(rule, PathRule) and len(rule.paths) == 1 and rule.paths[0]:
                inputs: Inputs = {}
                put(inputs, rule.paths[0], UNKNOWN)
                assert not breaks(rule, inputs), (kind.token, rule.paths)
