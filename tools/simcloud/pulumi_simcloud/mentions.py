"""Finds what a text of an input says about other resources of the cloud."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pulumi_simcloud.state import Row
from pulumi_simcloud.world import World, fixed_prefix, literal_segments, matches_segments

ARN = re.compile(r"arn:aws[\w-]*:([a-z0-9-]+):([a-z0-9-]*):(\d{12}|):([^\s\"'\\,]+)")
S3_URI = re.compile(r"s3://([a-z0-9.-]+)")
GCS_URI = re.compile(r"gs://([a-z0-9._-]+)")
BIGQUERY_URI = re.compile(r"bq://([\w-]+)\.(\w+)")
EMAIL = re.compile(r"([\w.-]+)@([\w.-]+?)\.(?:iam\.)?gserviceaccount\.com")
PROJECT_PATH = re.compile(r"projects/[\w:.-]+/[\w/.~%+-]+")
# An operation of a role, such as Microsoft.Resources/subscriptions/..., is no id.
ARM_ID = re.compile(r"(?<![\w.])/subscriptions/[^\s\"'@?$]+", re.IGNORECASE)
S3_BUCKET = "aws:s3/bucket:Bucket"
BLOB_URL = re.compile(r"https://([a-z0-9]+)\.blob\.core\.windows\.net")
DATASTORE = re.compile(r"azureml://datastores/(\w+)/")
BUILT_IN_STORES = ("blobstore", "filestore", "artifactstore", "workingdirectory")
ROLE_DEFINITION = "azure-native:authorization:RoleDefinition"
BUILT_IN_ROLES = "/providers/microsoft.authorization/roledefinitions/"


@dataclass(frozen=True)
class Mention:
    """A resource that a text names; `row` is None if it doesn't exist."""

    text: str
    row: Row | None


def mentions(cloud: str, text: str, world: World) -> Iterator[Mention]:
    """The resources of this cloud (account, project, subscription) that a text names.

    What belongs to others, and kinds of resources that the catalog doesn't know, is left out.
    """
    yield from {"aws": _aws, "gcp": _gcp, "azure-native": _azure}[cloud](text, world)


def _aws(text: str, world: World) -> Iterator[Mention]:
    for match in S3_URI.finditer(text):
        yield Mention(match.group(), world.find([S3_BUCKET], match.group(1), ("bucket",)))
    for match in ARN.finditer(text):
        service, _, account, rest = match.groups()
        if account not in (world.variables["account"], "") or (account == "" and service != "s3"):
            continue
        kinds = [
            kind.token
            for kind in world.kinds_of("aws")
            if isinstance(template := kind.computed.get("arn"), str)
            and _fits(template, service, rest)
        ]
        if kinds:
            yield Mention(match.group(), _by_arn(match.group(), kinds, world))


def _fits(template: str, service: str, rest: str) -> bool:
    parts = template.split(":", 5)
    return len(parts) == 6 and parts[2] == service and rest.startswith(fixed_prefix(parts[5]))


def _by_arn(arn: str, kinds: list[str], world: World) -> Row | None:
    fixed = re.split(r"[*?]", arn, maxsplit=1)[0]
    for row in (row for token in kinds for row in world.of(token)):
        own = row.outputs["arn"]
        if own == arn or arn.startswith((f"{own}/", f"{own}:")):
            return row
        if fixed != arn and (own.startswith(fixed) or fixed.startswith(own)):
            return row
    return None


def _gcp(text: str, world: World) -> Iterator[Mention]:
    project = world.variables["project"]
    for match in GCS_URI.finditer(text):
        yield Mention(match.group(), world.find(["gcp:storage/bucket:Bucket"], match.group(1)))
    for match in BIGQUERY_URI.finditer(text):
        if match.group(1) == project:
            dataset = f"projects/{project}/datasets/{match.group(2)}"
            yield Mention(match.group(), world.find(["gcp:bigquery/dataset:Dataset"], dataset))
    for match in EMAIL.finditer(text):
        if match.group(2) == project:
            account = world.find(["gcp:serviceaccount/account:Account"], match.group(), ("email",))
            yield Mention(match.group(), account)
    for match in PROJECT_PATH.finditer(text):
        yield from _project_path(match.group(), world)


def _project_path(text: str, world: World) -> Iterator[Mention]:
    path = text.strip("/").split("/")
    if path[1] not in (world.variables["project"], world.variables["project_number"]):
        return
    path[1] = world.variables["project"]
    fitting = [
        (len(pattern), kind.token)
        for kind in world.kinds_of("gcp")
        if isinstance(kind.id, str) and kind.id.startswith("projects/")
        if matches_segments(pattern := literal_segments(kind.id), path)
    ]
    if fitting:
        length = max(size for size, _ in fitting)
        prefix = "/".join(path[:length])
        tokens = [token for size, token in fitting if size == length]
        yield Mention(text, world.find(tokens, prefix, ("id", "name")))


def _azure(text: str, world: World) -> Iterator[Mention]:
    for match in BLOB_URL.finditer(text):
        account = world.find(["azure-native:storage:StorageAccount"], match.group(1), ("name",))
        yield Mention(match.group(), account)
    for match in DATASTORE.finditer(text):
        if match.group(1).removeprefix("workspace") not in BUILT_IN_STORES:
            tokens = ["azure-native:machinelearningservices:Datastore"]
            yield Mention(match.group(), world.find(tokens, match.group(1), ("name",)))
    yield from _arm_ids(text, world)


def _arm_ids(text: str, world: World) -> Iterator[Mention]:
    for match in ARM_ID.finditer(text):
        path = match.group().strip("/").split("/")
        if path[1].lower() != world.variables["subscription"]:
            continue
        if BUILT_IN_ROLES in match.group().lower():
            yield from _role(match.group(), world)
            continue
        while len(path) > 2:
            tokens = [
                kind.token
                for kind in world.kinds_of("azure-native")
                if isinstance(kind.id, str) and _same_shape(kind.id, path)
            ]
            if tokens:
                yield Mention(match.group(), world.find(tokens, f"/{'/'.join(path)}", ("id",)))
                break
            path = path[:-2] if path[-2].lower() != "providers" else path[:-3]


def _role(text: str, world: World) -> Iterator[Mention]:
    name = text.rsplit("/", 1)[-1]
    if name not in world.variables["roles"]:
        yield Mention(text, world.find([ROLE_DEFINITION], name, ("name",)))


def _same_shape(template: str, path: list[str]) -> bool:
    pattern = literal_segments(template.strip("/"))
    return len(pattern) == len(path) and matches_segments(pattern, path)


def principals(document: Any) -> Iterator[str]:
    """The ARNs that a resource policy or trust policy names as principals."""
    if isinstance(document, str):
        document = json.loads(document)
    statements = document.get("Statement", []) if isinstance(document, dict) else []
    for statement in statements if isinstance(statements, list) else [statements]:
        principals = statement.get("Principal", {})
        for kind in ("AWS", "Federated") if isinstance(principals, dict) else ():
            values = principals.get(kind, [])
            yield from [values] if isinstance(values, str) else values
