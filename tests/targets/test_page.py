"""The page of the targets: a row per target and capability, made of an exported state."""

from __future__ import annotations

import json
from typing import Any

from components import targets
from tests.project import REPOSITORY
from tests.targets.page import stale
from tools.targets.created import created, resources
from tools.targets.page import COST, page, rows, section_lines, stacks

REGISTRY = "urn:pulumi:gcp-prod::mlops::mlops:index:Registry"
ENDPOINT = "urn:pulumi:gcp-prod::mlops::mlops:index:Endpoint$mlops:index:EndpointModel"
ENDPOINT_DOCUMENT = json.dumps({"endpoint": "e", "instance_type": "n1-standard-4", "instances": 2})


def state(*resources_of_state: dict[str, Any]) -> dict[str, Any]:
    return {"deployment": {"resources": list(resources_of_state)}}


def bucket(name: str = "store") -> dict[str, Any]:
    token = "gcp:storage/bucket:Bucket"
    return {"urn": f"{REGISTRY}${token}::{name}", "type": token}


FULL = state(
    {"urn": f"{REGISTRY}::registry", "type": "mlops:index:Registry"},
    bucket(),
    bucket("more"),
    {
        "urn": f"{ENDPOINT}$gcp:storage/bucketObject:BucketObject::churn-endpoint",
        "type": "gcp:storage/bucketObject:BucketObject",
        "inputs": {"content": {"plaintext": json.dumps(ENDPOINT_DOCUMENT)}},
    },
    {
        "urn": "urn:pulumi:gcp-prod::mlops::gcp:storage/bucketObject:BucketObject::platform",
        "type": "gcp:storage/bucketObject:BucketObject",
    },
)


def test_a_resource_is_of_its_outermost_component() -> None:
    counts_by_capability = created(FULL)
    assert counts_by_capability["registry"] == {"storage.Bucket": 2}
    assert counts_by_capability["endpoint"] == {"storage.BucketObject": 1}
    assert sum(sum(counts.values()) for counts in counts_by_capability.values()) == 3


def test_a_document_is_read_though_the_engine_takes_it_for_a_secret() -> None:
    (document,) = (candidate for candidate in resources(FULL) if candidate.name == "churn-endpoint")
    assert document.inputs["content"]["instances"] == 2
    assert rows("gcp-prod", FULL)[COST].startswith("| gcp-prod | 320 |")


def test_the_page_has_every_row_under_its_heading() -> None:
    text = page({stack: FULL for stack in stacks()})
    for stack in stacks():
        for heading, line in rows(stack, FULL).items():
            assert line in section_lines(text, heading)
    assert rows("gcp-dev", FULL).keys() == {COST}


def test_what_the_page_does_not_say_is_told() -> None:
    lines_missing = stale("gcp-prod", json.dumps(FULL))
    assert any("2 storage.Bucket" in line for line in lines_missing)


def test_what_a_target_lacks_is_of_a_capability() -> None:
    folders = {path.parent.name for path in (REPOSITORY / "components").glob("*/local.py")}
    for target in targets.every():
        assert target.limitations.keys() <= folders, target.name
