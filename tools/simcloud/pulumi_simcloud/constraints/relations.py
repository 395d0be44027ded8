"""Relations between properties, as the providers' own sources state them.

Each cloud has a table ``catalog/<cloud>/relations.json``, read out of the Terraform providers'
schemas (AWS, Google Cloud: pulumi-aws and pulumi-gcp run that code) and of the REST descriptions
(Azure); repository, commit and date stand in it. What of a table is not enforced, or has another
meaning in Pulumi's provider, stands in ``catalog/<cloud>/refinements.py`` with its reason.

Paths are Pulumi's, with ``[*]`` for the items of a list or the values of a map. Keys of a property:

``required``, ``exactly_one``, ``at_least_one``
    Hold wherever the object around the property is there. The properties of the latter two are
    counted with their own.
``conflicts``, ``with``
    Properties that must not, or must, be there too.
``enum`` (with ``open``: Azure may add values, and takes those in any case), ``range``, ``len``,
``pattern``, ``not_pattern``, ``multiple_of``, ``any`` (one of several), ``check`` (a function, see
`checks`)
    Of each value. Patterns are searched for, as both Go and JSON Schema do.
``min_items``, ``max_items``, ``entries``, ``key_len``, ``value_len``
    Of lists and maps.
``when``, ``variants``
    The discriminator, beside the property, with which the rest holds; further such sets.
``replaces``
    See `pulumi_simcloud.diffs`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module, resources
from typing import Any

import regex

from pulumi_simcloud.catalog import CLOUDS
from pulumi_simcloud.constraints.checks import CHECKS
from pulumi_simcloud.failures import Failure, excerpt
from pulumi_simcloud.kinds import Kind
from pulumi_simcloud.property_values import DEFAULTS, UNKNOWN, join, select

Inputs = dict[str, Any]
# Rules that hold between properties; all others are about one value.
BETWEEN = ("required", "conflicts", "with", "exactly_one", "at_least_one")


@dataclass(frozen=True)
class Refinement:
    """A difference between a table and what Pulumi's provider does.

    Attributes:
        drop: keys of the property that are not enforced (all, if none is named).
        replaces: whether a change replaces, where the table says otherwise or nothing.
        reason: why, with the source.
    """

    reason: str
    drop: tuple[str, ...] = ()
    replaces: bool | None = None


@dataclass(frozen=True)
class Relations:
    """All that the table of a cloud says of one type.

    Attributes:
        properties: path to rules.
        name: rules of the name (Azure, where the name is no property of the API's body).
        replaces: the properties that replace beside the parts of the id (Azure); None: not known.
    """

    properties: Mapping[str, Mapping[str, Any]]
    name: Mapping[str, Any] = field(default_factory=dict)
    replaces: tuple[str, ...] | None = None
    refinements: Mapping[str, Refinement] = field(default_factory=dict)


@cache
def table(cloud: str) -> dict[str, Any]:
    """The table of a cloud (`aws`, `azure-native`, `gcp`), as it is stored."""
    folder = resources.files(f"pulumi_simcloud.catalog.{CLOUDS[cloud][0]}")
    return json.loads(folder.joinpath("relations.json").read_text())


@cache
def refinements(cloud: str) -> dict[str, dict[str, Refinement]]:
    """Type token to path to refinement."""
    module = import_module(f"pulumi_simcloud.catalog.{CLOUDS[cloud][0]}.refinements")
    return module.REFINEMENTS


@cache
def relations(token: str) -> Relations | None:
    """The relations of a type; None if the table has none."""
    cloud = token.split(":")[0]
    entry = table(cloud)["types"].get(token)
    refined = refinements(cloud).get(token, {})
    if entry is None:
        return None
    properties = {
        path: _refined(rules, refined.get(path)) for path, rules in entry["properties"].items()
    }
    name = _refined(entry.get("name", {}), refined.get("(name)"))
    replaces = entry.get("replaces")
    replacing = None if replaces is None else tuple(replaces)
    return Relations(properties, name, replacing, refined)


def _refined(rules: dict[str, Any], refinement: Refinement | None) -> dict[str, Any]:
    if refinement is None or (refinement.replaces is not None and not refinement.drop):
        return rules
    dropped = refinement.drop or tuple(key for key in rules if key != "replaces")
    return {key: value for key, value in rules.items() if key not in dropped}


def check_relations(kind: Kind, inputs: Inputs) -> list[Failure]:
    """Failures of the inputs by the table of the type's cloud."""
    related = relations(kind.token)
    if related is None:
        return []
    failures: dict[Failure, None] = {}
    for path, rules in related.properties.items():
        for variant in (rules, *rules.get("variants", ())):
            for failure in _of_property(path, variant, inputs):
                failures[failure] = None
    name = name_property(kind)
    if related.name and name and isinstance(inputs.get(name), str):
        for failure in _of_value(related.name, inputs[name], name):
            failures[failure] = None
    return list(failures)


def name_property(kind: Kind) -> str | None:
    """The property that names a resource: as the catalog says, or the last part of its id."""
    if kind.name is not None:
        return kind.name.property
    parts = regex.findall(r"\{(\w+)\}", kind.id) if isinstance(kind.id, str) else []
    return parts[-1] if parts else None


def _of_property(path: str, rules: Mapping[str, Any], inputs: Inputs) -> Iterator[Failure]:
    if not rules:
        return
    above, _, key = path.rpartition(".")
    for owner_path, around in select(inputs, above) if above else [("", inputs)]:
        if around is UNKNOWN or not isinstance(around, dict):
            continue
        if not _applies(rules.get("when"), around):
            continue
        own = join(owner_path, key.removesuffix("[*]"))
        yield from _between(path, own, rules, around, inputs)
        for step, value in select(around, key):
            deeper = f"{owner_path}.{step}" if owner_path else step
            yield from _of_value(rules, value, deeper)


def _applies(condition: Mapping[str, Any] | None, around: Inputs) -> bool:
    return all(around.get(key) == value for key, value in (condition or {}).items())


def _between(
    path: str, own: str, rules: Mapping[str, Any], around: Inputs, inputs: Inputs
) -> Iterator[Failure]:
    key = path.rpartition(".")[2]
    if key.endswith("[*]"):
        return
    is_present = is_given(around.get(key))
    if rules.get("required") and not rules.get("when_any") and around.get(key) is None:
        yield Failure(own, f"missing required property {key!r}")
    if is_present and around[key] is not UNKNOWN:
        for other_path in rules.get("conflicts", ()):
            if _stands(inputs, other_path):
                yield Failure(own, f"conflicts with {other_path}")
    if is_present:
        for other_path in rules.get("with", ()):
            if not _stands(inputs, other_path, unknown=True):
                yield Failure(own, f"needs {other_path}")
    for word in ("exactly_one", "at_least_one"):
        if word in rules:
            yield from _one_of_several(word, {path, *rules[word]}, own, inputs)


def _one_of_several(word: str, paths: set[str], own: str, inputs: Inputs) -> Iterator[Failure]:
    group = sorted(paths)
    text = ", ".join(group)
    present = [path for path in group if _stands(inputs, path)]
    # An empty list is enough to be there, not to be one too many.
    maybe = any(value is not None for path in group for _, value in select(inputs, path))
    if word == "exactly_one" and len(present) > 1:
        yield Failure(own, f"exactly one of {text} is needed, got {' and '.join(present)}")
    elif not maybe:
        amount = "exactly" if word == "exactly_one" else "at least"
        yield Failure(own, f"{amount} one of {text} is needed, got none")


def _stands(inputs: Inputs, path: str, unknown: bool = False) -> bool:
    """True if there is a value at a path; one that is not known yet counts if `unknown`."""
    return any(
        is_given(value) and (unknown or value is not UNKNOWN) for _, value in select(inputs, path)
    )


def is_given(value: Any) -> bool:
    """True for a value that is set: most providers take an empty list for none."""
    return value is not None and value != []


def _of_value(rules: Mapping[str, Any], value: Any, path: str) -> Iterator[Failure]:
    if value is UNKNOWN or value is None:
        return
    if isinstance(value, list):
        yield from _sized(value, (rules.get("min_items"), rules.get("max_items")), path, "items")
    if isinstance(value, dict):
        yield from _of_map(rules, value, path)
    if isinstance(value, str | bool | int | float):
        yield from _of_scalar(rules, value, path)
    for check in rules.get("check", ()):
        yield from _checked(check, value, path)
    if "any" in rules:
        attempts = [list(_of_value(option, value, path)) for option in rules["any"]]
        if attempts and all(attempts):
            yield min(attempts, key=len)[0]


def _of_map(rules: Mapping[str, Any], value: Inputs, path: str) -> Iterator[Failure]:
    entries = {key: item for key, item in value.items() if key != DEFAULTS}
    if "entries" in rules:
        yield from _sized(entries, rules["entries"], path, "entries")
    for key, item in entries.items():
        if "key_len" in rules:
            yield from _sized(key, rules["key_len"], join(path, key), "characters")
        if "value_len" in rules and isinstance(item, str):
            yield from _sized(item, rules["value_len"], join(path, key), "characters")


def _of_scalar(rules: Mapping[str, Any], value: Any, path: str) -> Iterator[Failure]:
    members = rules.get("enum")
    if members and not _is_member(value, members, bool(rules.get("open"))):
        yield Failure(path, f"{excerpt(value)} is not one of {', '.join(map(str, members))}")
    if "range" in rules and not isinstance(value, str | bool):
        lowest, highest = rules["range"]
        if (lowest is not None and value < lowest) or (highest is not None and value > highest):
            yield Failure(path, f"{value} is out of range, allowed are {lowest} to {highest}")
    if (
        "multiple_of" in rules
        and not isinstance(value, str | bool)
        and value % rules["multiple_of"]
    ):
        yield Failure(path, f"{value} is not a multiple of {rules['multiple_of']}")
    if not isinstance(value, str):
        return
    if "len" in rules:
        yield from _sized(value, rules["len"], path, "characters")
    for pattern in rules.get("pattern", ()):
        if not _compiled(pattern).search(value):
            yield Failure(path, f"{excerpt(value)} does not match {pattern}")
    for pattern in rules.get("not_pattern", ()):
        if _compiled(pattern).search(value):
            yield Failure(path, f"{excerpt(value)} must not match {pattern}")


def _is_member(value: Any, members: Sequence[Any], is_open: bool) -> bool:
    """Whether a value is on a list; of an open one, in any case and with spaces after commas."""
    if value in members or not is_open:
        return value in members
    return _plain(value) in map(_plain, members)


def _plain(value: Any) -> str:
    return str(value).lower().replace(", ", ",")


def _checked(check: Mapping[str, Any], value: Any, path: str) -> Iterator[Failure]:
    function = CHECKS.get(check["fn"])
    reason = function(value, check) if function else None
    if reason:
        yield Failure(path, f"{excerpt(value)} {reason}")


def _sized(value: Any, limits: Sequence[int | None], path: str, unit: str) -> Iterator[Failure]:
    lowest, highest = limits
    if (lowest and len(value) < lowest) or (highest is not None and len(value) > highest):
        yield Failure(path, f"has {len(value)} {unit}, allowed are {lowest or 0} to {highest}")


@cache
def _compiled(pattern: str) -> regex.Pattern[str]:
    return regex.compile(pattern)


def paths_that_replace(token: str) -> Iterable[str]:
    """The properties of which the table says that a change replaces the resource."""
    related = relations(token)
    if related is None:
        return ()
    stated = {path for path, rules in related.properties.items() if rules.get("replaces")}
    stated |= set(related.replaces or ())
    for path, refinement in related.refinements.items():
        if refinement.replaces is not None:
            (stated.add if refinement.replaces else stated.discard)(path)
    return stated
