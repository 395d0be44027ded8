"""Every relation of the providers' own sources refuses something, and decides what replaces.

The expectations are made of the tables' raw text, by other code than that which enforces them.
"""

from __future__ import annotations

import copy
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pulumi_simcloud import catalog as catalog_module
from pulumi_simcloud.catalog import catalog
from pulumi_simcloud.constraints import relations as relations_module
from pulumi_simcloud.constraints.checks import CHECKS, NOT_CHECKED
from pulumi_simcloud.constraints.relations import check_relations, refinements
from pulumi_simcloud.diffs import changes, is_decided
from pulumi_simcloud.kinds import Inputs, Kind
from pulumi_simcloud.property_values import UNKNOWN
from pulumi_simcloud.schema import resource_schema
from samples import SAMPLES
from samples.world import Filled
from test_rules import put

FOLDERS = {"aws": "aws", "azure-native": "azure", "gcp": "gcp"}
TABLES = {
    cloud: json.loads(
        (Path(catalog_module.__file__).parent / folder / "relations.json").read_text()
    )["types"]
    for cloud, folder in FOLDERS.items()
}
TOKENS = [token for table in TABLES.values() for token in table]
# Types that no source describes: those of the beta provider only, and an object of storage.
WITHOUT = {
    "azure-native:storage:Blob",
    "gcp:projects/serviceIdentity:ServiceIdentity",
    "gcp:vertex/aiEndpointIamMember:AiEndpointIamMember",
    "gcp:vertex/aiMetadataStore:AiMetadataStore",
}


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Filled]:
    return {package: Filled(tmp_path_factory.mktemp(package), package) for package in SAMPLES}


def stated(token: str) -> dict[str, dict[str, Any]]:
    """The table's rules, without those that the refinements drop."""
    cloud = token.split(":")[0]
    entry = TABLES[cloud][token]
    dropped = refinements(cloud).get(token, {})
    rules = {}
    for path, keys in entry["properties"].items():
        refinement = dropped.get(path)
        drops_all = refinement and not refinement.drop and refinement.replaces is None
        keys_dropped = tuple(keys) if drops_all else refinement.drop if refinement else ()
        rules[path] = {key: value for key, value in keys.items() if key not in keys_dropped}
    return rules


def around(inputs: Inputs, path: str, rules: dict[str, Any]) -> Inputs:
    """Inputs in which the object that holds a property is there, with its discriminator."""
    variant = copy.deepcopy(inputs)
    above = path.rpartition(".")[0]
    if above:
        put(variant, above, dict(rules.get("when", {})))
    return variant


def violations(path: str, rules: dict[str, Any], inputs: Inputs) -> Iterator[tuple[str, Inputs]]:
    """Inputs that break one rule each: (the rule's key, inputs)."""
    base = around(inputs, path, rules)

    def with_values(*values: tuple[str, Any]) -> Inputs:
        variant = copy.deepcopy(base)
        for place, value in values:
            put(variant, place, value)
        return variant

    if "[*]" not in path.rpartition(".")[2]:
        if rules.get("required") and not rules.get("when_any"):
            yield "required", with_values((path, None))
        for other in rules.get("conflicts", ()):
            if not (other.startswith(f"{path}.") or path.startswith(f"{other}.")):
                yield "conflicts", with_values((path, "x"), (other, "x"))
        for other in rules.get("with", ()):
            yield "with", with_values((path, "x"), (other, None))
        group = {path, *rules.get("exactly_one", ())}
        if "exactly_one" in rules:
            yield "exactly_one", with_values(*((place, "x") for place in group))
        for key in ("exactly_one", "at_least_one"):
            if key in rules:
                yield key, with_values(*((place, None) for place in {path, *rules[key]}))
    for key, value in bad_values(rules):
        yield key, with_values((path, value))


def bad_values(rules: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    if rules.get("enum") and not rules.get("open"):
        yield "enum", "no such value"
    if "range" in rules:
        lowest, highest = rules["range"]
        yield "range", lowest - 1 if lowest is not None else highest + 1
    if "len" in rules:
        lowest, highest = rules["len"]
        yield "len", "x" * (highest + 1) if highest is not None else ""
    if "pattern" in rules:
        yield "pattern", "\0 \u2603"
    if "max_items" in rules:
        yield "max_items", ["x"] * (rules["max_items"] + 1)
    if rules.get("min_items", 0) > 1:
        yield "min_items", ["x"]
    if "entries" in rules:
        yield "entries", {str(number): "x" for number in range(rules["entries"][1] + 1)}
    if "key_len" in rules:
        yield "key_len", {"x" * (rules["key_len"][1] + 1): "x"}
    if "value_len" in rules:
        yield "value_len", {"x": "x" * (rules["value_len"][1] + 1)}


def lenient(pattern: list[str]) -> bool:
    """Whether a pattern takes any text at all."""
    patterns = ("[^:].*", r"^[\s\S]{0,256}$", r"[\p{L}\p{M}\p{Z}\p{S}\p{N}\p{P}]*")
    return all(item in patterns for item in pattern)


@pytest.mark.parametrize("token", TOKENS)
def test_every_relation_of_a_type_refuses_what_breaks_it(
    token: str, worlds: dict[str, Filled]
) -> None:
    world, kind = worlds[token.split(":")[0]], catalog()[token]
    sample = next(n for n, (of, _) in SAMPLES[world.package].items() if of == token)
    inputs_of_sample = world.inputs(sample)
    assert not check_relations(kind, inputs_of_sample)
    for path, rules in stated(token).items():
        for variant in (rules, *rules.get("variants", ())):
            for key, inputs in violations(path, variant, inputs_of_sample):
                if key == "pattern" and lenient(variant["pattern"]):
                    continue
                assert check_relations(kind, inputs), f"{key} of {path} refuses nothing"


def test_a_check_that_accepts_everything_is_caught(worlds: dict[str, Filled]) -> None:
    """The generated violations are ones: with the enforcement off, nothing refuses them."""
    token = "aws:cloudwatch/metricAlarm:MetricAlarm"
    cases = [
        (key, inputs)
        for path, rules in stated(token).items()
        for key, inputs in violations(path, rules, {})
    ]
    assert {key for key, _ in cases} >= {"required", "conflicts", "with", "exactly_one", "enum"}
    assert all(check_relations(catalog()[token], inputs) for _, inputs in cases)


@pytest.mark.parametrize("token", TOKENS)
def test_unknown_values_break_no_relation(token: str) -> None:
    """What a preview does not know yet is not refused."""
    kind = catalog()[token]
    for path, rules in stated(token).items():
        inputs: Inputs = around({}, path, rules)
        put(inputs, path, UNKNOWN)
        paths = [
            item.path
            for item in check_relations(kind, inputs)
            # One that needs another needs it whatever its value is.
            if not item.reason.startswith("needs ")
        ]
        assert path.replace("[*]", "[0]") not in paths, (path, paths)


def test_the_tables_and_the_catalog_hold_the_same_types() -> None:
    assert set(TOKENS) | WITHOUT == set(catalog())
    assert not WITHOUT & set(TOKENS)


@pytest.mark.parametrize("token", TOKENS)
def test_properties_of_a_table_are_the_sdks(token: str) -> None:
    properties = resource_schema(token).properties
    for path in TABLES[token.split(":")[0]][token]["properties"]:
        assert path.split(".")[0].split("[")[0] in properties, path


@pytest.mark.parametrize("cloud", FOLDERS)
def test_each_refinement_has_a_reason_and_something_to_refine(cloud: str) -> None:
    for token, paths in refinements(cloud).items():
        for path, refinement in paths.items():
            entry = TABLES[cloud][token]
            rules = entry.get("name", {}) if path == "(name)" else entry["properties"].get(path, {})
            assert len(refinement.reason) > 20, (token, path)
            assert set(refinement.drop) <= rules.keys(), (token, path)
            assert refinement.drop or refinement.replaces is not None or rules, (token, path)


def test_every_function_of_the_sources_is_checked_or_listed() -> None:
    text = json.dumps(TABLES)
    names = {part.split('"')[0] for part in text.split('"fn": "')[1:]}
    assert names == CHECKS.keys() | NOT_CHECKED.keys()
    assert not CHECKS.keys() & NOT_CHECKED.keys()


def values(kind: Kind) -> list[str]:
    """Top-level properties of a type that hold no object or list."""
    nodes = resource_schema(kind.token).properties
    return [key for key, spec in nodes.items() if spec["node"]["t"] in ("str", "int", "bool")]


@pytest.mark.parametrize("token", TOKENS)
def test_what_replaces_is_what_the_source_says(token: str) -> None:
    kind, cloud = catalog()[token], token.split(":")[0]
    entry = TABLES[cloud][token]
    rules = stated(token)
    refined = {
        path: item.replaces
        for path, item in refinements(cloud).get(token, {}).items()
        if item.replaces is not None
    }
    for key in values(kind):
        if cloud == "azure-native":
            if "replaces" not in entry:
                continue
            expected = key in entry["replaces"] or f"{{{key}}}" in str(kind.id)
        else:
            if key not in rules:
                continue
            expected = bool(rules[key].get("replaces"))
        expected = refined.get(key, expected)
        differences = changes(kind, {key: "before"}, {key: "after"})
        assert [change.replaces for change in differences] == [expected], key


@pytest.mark.parametrize("kind", catalog().values(), ids=list(catalog()))
def test_the_catalog_says_what_replaces_only_where_the_source_is_silent(kind: Kind) -> None:
    for path in (*kind.replace, *kind.mutable):
        assert not is_decided(kind, path), (
            f"{path}: the table says it; else refine it with a source"
        )
    if kind.immutable and kind.token not in WITHOUT and ".member" not in kind.title:
        undecided = [
            key for key in resource_schema(kind.token).properties if not is_decided(kind, key)
        ]
        assert undecided or "member" in resource_schema(kind.token).properties


def test_a_block_that_comes_replaces_if_something_in_it_does() -> None:
    """endpoint.go: alarms of an automatic rollback are ForceNew, the block around is not."""
    kind = catalog()["aws:sagemaker/endpoint:Endpoint"]
    policy = {"blueGreenUpdatePolicy": {"trafficRoutingConfiguration": {"type": "ALL_AT_ONCE"}}}
    rollback = {"autoRollbackConfiguration": {"alarms": [{"alarmName": "a"}]}}
    old = {"endpointConfigName": "a", "deploymentConfig": policy}
    new = {"endpointConfigName": "a", "deploymentConfig": {**policy, **rollback}}
    assert [(c.path, c.replaces) for c in changes(kind, old, new)] == [
        ("deploymentConfig.autoRollbackConfiguration", True)
    ]
    assert [c.replaces for c in changes(kind, old, {**old, "endpointConfigName": "b"})] == [False]


def test_the_order_of_a_set_is_no_difference() -> None:
    """bigquery_dataset.go: access is a set, as are most lists of blocks at AWS."""
    kind = catalog()["gcp:bigquery/dataset:Dataset"]
    first, second = {"role": "READER", "domain": "a"}, {"role": "OWNER", "domain": "b"}
    assert not changes(kind, {"accesses": [first, second]}, {"accesses": [second, first]})
    assert changes(kind, {"accesses": [first, second]}, {"accesses": [second, second]})


def test_a_discriminator_decides_what_is_needed() -> None:
    """Datastore, 2025-12-01: AzureFile needs fileShareName, AzureBlob does not."""
    kind = catalog()["azure-native:machinelearningservices:Datastore"]
    common = {"resourceGroupName": "a", "workspaceName": "b", "name": "c"}
    blob = {"datastoreType": "AzureBlob", "credentials": {"credentialsType": "None"}}
    file = {**blob, "datastoreType": "AzureFile", "accountName": "a"}
    assert not check_relations(kind, {**common, "properties": blob})
    failures = check_relations(kind, {**common, "properties": file})
    assert [item.path for item in failures] == ["properties.fileShareName"]


# Names as the naming pages have them: (type, property, right ones, wrong ones).
NAMES: list[tuple[str, str, tuple[str, ...], tuple[str, ...]]] = [
    (
        "azure-native:machinelearningservices:Compute",
        "computeName",
        ("cpu", "gpu-cluster", "e16s"),
        ("e1-3", "Standard-D8-3", "1cpu", "ab"),
    ),
    (
        "azure-native:containerregistry:Registry",
        "registryName",
        ("churn1", "ABCDE"),
        ("abcd", "a-bcde"),
    ),
    (
        "azure-native:portal:Dashboard",
        "dashboardName",
        ("5ca1ab1e-0000-4000-8000-00000c10d000",),
        (),
    ),
]


@pytest.mark.parametrize(("token", "key", "right", "wrong"), NAMES, ids=lambda item: str(item)[:40])
def test_names(token: str, key: str, right: tuple[str, ...], wrong: tuple[str, ...]) -> None:
    def failing_paths(name: str) -> list[str]:
        return [f.path for f in check_relations(catalog()[token], {key: name}) if f.path == key]

    assert not [name for name in right if failing_paths(name)]
    assert [name for name in wrong if failing_paths(name)] == list(wrong)


def test_an_automatic_name_passes_the_same_rules(worlds: dict[str, Filled]) -> None:
    """A bucket of S3 begins with none of xn--, sthree- (Bucket naming rules)."""
    aws, gcp = worlds["aws"], worlds["gcp"]

    def failing_paths(world: Filled, urn: str, inputs: Inputs) -> list[str]:
        return [item.path for item in world.cloud.check(urn, {}, inputs, b"seed")[1]]

    bucket = "urn:pulumi:a::b::aws:s3/bucket:Bucket::"
    assert failing_paths(aws, f"{bucket}xn--x", {}) == ["bucket"]
    assert failing_paths(aws, f"{bucket}churn", {}) == []
    # The provider writes the names of buckets in lower case (pulumi-aws, AutoNameTransform).
    assert failing_paths(aws, f"{bucket}Churn", {}) == []
    inputs = {"location": "europe-west4"}
    assert failing_paths(gcp, "urn:pulumi:a::b::gcp:storage/bucket:Bucket::Churn", inputs) == [
        "name"
    ]
    # A prefix and the name made of it are not in conflict.
    role = "urn:pulumi:a::b::aws:iam/role:Role::r"
    service = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"Service": "scheduler.amazonaws.com"},
    }
    trust = json.dumps({"Version": "2012-10-17", "Statement": [service]})
    assert failing_paths(aws, role, {"namePrefix": "a", "assumeRolePolicy": trust}) == []
    assert (
        failing_paths(aws, role, {"namePrefix": "a", "name": "b", "assumeRolePolicy": trust}) != []
    )


def test_counts_of_rules() -> None:
    """The report's figures: rules by kind and cloud, as the simulated cloud enforces them."""
    counts = {cloud: Counter[str]() for cloud in TABLES}
    for token in TOKENS:
        for rules in stated(token).values():
            counts[token.split(":")[0]].update(
                key for key in rules if key not in ("open", "set", "when", "when_any")
            )
    assert counts["aws"]["conflicts"] >= 80 and counts["gcp"]["exactly_one"] >= 30
    assert counts["azure-native"]["required"] >= 400 and counts["aws"]["replaces"] >= 300
    assert relations_module.relations("aws:s3/bucket:Bucket") is not None
