"""IAM's evaluation of one account: identity policies, boundaries, policies of buckets and keys.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html: an
explicit deny wins, a boundary has to allow too, then one allow is enough. A key's policy has to
allow, to the principal or to the account.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from pulumi_simcloud.permissions import Call, Need, NotUnderstoodError, Operation
from pulumi_simcloud.permissions.aws_conditions import holds
from pulumi_simcloud.permissions.aws_names import types_of
from pulumi_simcloud.permissions.globs import arn_fits, fits
from pulumi_simcloud.property_values import select
from pulumi_simcloud.state import Row
from pulumi_simcloud.world import World

ROLE = "aws:iam/role:Role"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
POLICY = "aws:iam/policy:Policy"
KEY = "aws:kms/key:Key"
BUCKET = "aws:s3/bucket:Bucket"
BUCKET_POLICY = "aws:s3/bucketPolicy:BucketPolicy"
EVERYTHING = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}

Document = Mapping[str, Any]


@dataclass(frozen=True)
class AwsAuthority:
    """IAM, with tables that the catalog gives.

    Attributes:
        arns: type token to a template of the ARN that its calls name, where the type has no `arn`
            output and refers to no other resource that has one.
        services: module of a token to the service that its roles are passed to.
        managed: AWS's own policies, by what follows ``arn:aws:iam::aws:policy/``.
        functions: provider function to the actions that it calls.
        running: type token to what its service calls as a role: (role's ARN, calls).
    """

    arns: Mapping[str, str] = field(default_factory=dict)
    services: Mapping[str, str] = field(default_factory=dict)
    managed: Mapping[str, Document] = field(default_factory=dict)
    functions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    running: Mapping[str, Callable[[Row, World], Iterable[tuple[str, Need]]]] = field(
        default_factory=dict
    )

    def needs(self, operation: Operation, world: World) -> Iterator[Need]:
        """The provider's calls (``catalog/aws/calls.json``), and the roles that it passes."""
        kind, row = operation.kind, operation.row
        calls = _calls().get(kind.token)
        if calls is None:
            raise NotUnderstoodError(f"NotUnderstood: the calls for {kind.token} are not known")
        arn, context = self._resource(operation, world), _context(row)
        # What is being made has no tags yet that a condition could ask for.
        new = {key: value for key, value in context.items() if "resourcetag" not in key}
        for actions in _actions(operation, calls):
            making = operation.name == "create" and set(actions) <= set(calls["create"])
            yield tuple(self.call(action, arn, new if making else context) for action in actions)
        if operation.name in ("create", "update"):
            service = self.services.get(re.split("[:/]", kind.token)[1])
            for role in _roles(operation, world):
                role_context = {"iam:passedtoservice": service, **_of_principal(role)}
                yield (Call("iam:PassRole", role, role_context),)

    def call(self, action: str, arn: str, context: Mapping[str, Any]) -> Call:
        """A call on a resource; on none if the action applies to none."""
        return Call(action, "*" if types_of(action) == [] else arn, context)

    def invoked(self, token: str, world: World) -> Iterator[Need]:
        for action in self.functions.get(token, ()):
            yield (Call(action, "*"),)

    def runs(self, row: Row, world: World) -> Iterable[tuple[str, Need]]:
        calls = self.running.get(row.token)
        return calls(row, world) if calls else ()

    def refusal(self, principal: str, call: Call, world: World) -> str | None:
        if re.fullmatch(r"arn:[\w-]+:iam::\d{12}:root", principal):
            return None
        role = world.find([ROLE], principal, ("arn",))
        if role is None:
            raise NotUnderstoodError(f"NotUnderstood: no role {principal!r} exists")
        # Variables of policies and conditions on the principal can ask for these.
        call = Call(call.action, call.resource, {**_of_principal(principal), **call.context})
        identity = list(self._identity_policies(role, world))
        own = list(_resource_policies(call, world))
        if any(_decides("Deny", item, call) for item in identity):
            return "a policy of the role denies it"
        if any(_decides("Deny", item, call, principal) for item in own):
            return "the resource's policy denies it"
        boundary = role.inputs.get("permissionsBoundary")
        if boundary and not _decides("Allow", self._document(boundary, world), call):
            return "the role's boundary does not allow it"
        if call.resource.split(":")[2:3] == ["kms"] and own:
            if not any(_decides("Allow", item, call, principal) for item in own):
                return "the key's policy does not allow it"
        elif any(_decides("Allow", item, call, principal, direct=True) for item in own):
            return None
        if any(_decides("Allow", item, call) for item in identity):
            return None
        if any(_decides("Allow", item, call, principal, direct=True) for item in own):
            return None
        return "no policy allows it"

    def _identity_policies(self, role: Row, world: World) -> Iterator[Document]:
        name = role.outputs["name"]
        for _, text in select(role.inputs, "inlinePolicies[*].policy"):
            yield _parsed(text)
        for row in world.of(ROLE_POLICY):
            if row.inputs["role"] == name:
                yield _parsed(row.inputs["policy"])
        attached = [
            row.inputs["policyArn"] for row in world.of(ATTACHMENT) if row.inputs["role"] == name
        ]
        for arn in (*attached, *role.inputs.get("managedPolicyArns", ())):
            yield self._document(arn, world)

    def _document(self, arn: str, world: World) -> Document:
        row = world.find([POLICY], arn, ("arn",))
        if row is not None:
            return _parsed(row.inputs["policy"])
        name = arn.partition(":iam::aws:policy/")[2]
        if name not in self.managed:
            reason = f"the text of the policy {arn!r} is not known here"
            raise NotUnderstoodError(f"NotUnderstood: {reason}")
        return self.managed[name]

    def _resource(self, operation: Operation, world: World) -> str:
        """The ARN that the calls name: the resource's own, or of what it is a part of."""
        row, template = operation.row, self.arns.get(operation.kind.token)
        if template is not None:
            values = {**world.variables, **row.inputs, **row.outputs}
            return re.sub(r"\{(\w+)\}", lambda match: str(values.get(match[1], "")), template)
        own = row.outputs.get("arn")
        if isinstance(own, str):
            return own
        for ref in operation.kind.refs:
            for _, value in select(row.inputs, ref.path):
                target = world.find(ref.to, value, ref.by)
                if target is not None and isinstance(target.outputs.get("arn"), str):
                    return target.outputs["arn"]
        raise NotUnderstoodError(f"NotUnderstood: the ARN of {operation.kind.token} is not known")


@cache
def _calls() -> dict[str, dict[str, list[str]]]:
    folder = resources.files("pulumi_simcloud.catalog.aws")
    return json.loads(folder.joinpath("calls.json").read_text())["types"]


def _actions(operation: Operation, calls: Mapping[str, list[str]]) -> Iterator[tuple[str, ...]]:
    reads = [(action,) for action in calls["read"]]
    tags = [(action,) for action in calls.get("tags", ())]
    row = operation.row
    if operation.name == "read":
        yield from reads
    elif operation.name == "delete":
        yield from ((action,) for action in calls["delete"])
    elif operation.name == "create":
        yield from ((action,) for action in calls["create"])
        yield from tags if row.outputs.get("tagsAll") else ()
        yield from reads
    else:
        old, new = operation.old or {}, row.inputs
        if old.get("tags") != new.get("tags"):
            yield from tags
        if any(old.get(key) != new.get(key) for key in (old.keys() | new.keys()) - {"tags"}):
            # Which of them depends on what changes.
            yield from [tuple(calls["update"])] if calls["update"] else ()
        yield from reads


def _roles(operation: Operation, world: World) -> Iterator[str]:
    """The roles that a request hands to the service."""
    for ref in operation.kind.refs:
        if ROLE in ref.to and ref.by == ("arn",) and ref.key is None and not ref.later:
            for _, value in select(operation.row.inputs, ref.path):
                if isinstance(value, str) and world.find([ROLE], value, ("arn",)):
                    yield value


def _context(row: Row) -> dict[str, Any]:
    tags = row.outputs.get("tagsAll") or row.inputs.get("tags") or {}
    context: dict[str, Any] = {"aws:tagkeys": list(tags)}
    for key, value in tags.items():
        context[f"aws:requesttag/{key.lower()}"] = value
        context[f"aws:resourcetag/{key.lower()}"] = value
    if isinstance(row.outputs.get("region"), str):
        context["aws:requestedregion"] = row.outputs["region"]
    if "policyArn" in row.inputs:
        context["iam:policyarn"] = row.inputs["policyArn"]
    if row.inputs.get("permissionsBoundary"):
        context["iam:permissionsboundary"] = row.inputs["permissionsBoundary"]
    if "serviceNamespace" in row.inputs:
        # Both keys are those of a scalable target's and a policy's calls: Service Authorization
        # Reference, AWS Application Auto Scaling.
        context["application-autoscaling:service-namespace"] = row.inputs["serviceNamespace"]
        context["application-autoscaling:scalable-dimension"] = row.inputs["scalableDimension"]
    return context


def _of_principal(arn: str) -> dict[str, Any]:
    return {
        "aws:principalarn": arn,
        "aws:principalaccount": arn.split(":")[4],
        "aws:securetransport": "true",
    }


def _resource_policies(call: Call, world: World) -> Iterator[Document]:
    for row in world.of(BUCKET_POLICY):
        bucket = world.find([BUCKET], row.inputs["bucket"])
        own = bucket.outputs["arn"] if bucket else None
        if own and (call.resource == own or call.resource.startswith(f"{own}/")):
            yield _parsed(row.inputs["policy"])
    for row in world.of(KEY):
        if row.outputs.get("arn") == call.resource:
            account = world.variables["account"]
            default = {"AWS": f"arn:{world.variables['partition']}:iam::{account}:root"}
            statement = {**EVERYTHING["Statement"][0], "Principal": default}
            # Without a policy a key gets one that lets the account decide (CreateKey, Policy).
            yield _parsed(row.inputs.get("policy") or {"Statement": [statement]})


def _decides(
    effect: str, document: Document, call: Call, principal: str | None = None, direct: bool = False
) -> bool:
    """True if a statement of a document has an effect on a call."""
    statements = document.get("Statement", [])
    for statement in statements if isinstance(statements, list) else [statements]:
        if statement.get("Effect") != effect or not _matches(statement, call):
            continue
        if principal is not None and not _names(statement, principal, direct):
            continue
        if holds(statement.get("Condition") or {}, call.context):
            return True
    return False


def _matches(statement: Document, call: Call) -> bool:
    def as_list(key: str) -> list[str]:
        value = statement.get(key, [])
        return [value] if isinstance(value, str) else list(value)

    def does(patterns: Iterable[str]) -> bool:
        return any(fits(call.action, pattern, ignore_case=True) for pattern in patterns)

    def concerns(patterns: Iterable[str]) -> bool:
        return any(arn_fits(call.resource, _filled(text, call)) for text in patterns)

    acts = does(as_list("Action")) if "Action" in statement else not does(as_list("NotAction"))
    if not acts:
        return False
    if "NotResource" in statement:
        return not concerns(as_list("NotResource"))
    return concerns(as_list("Resource"))


def _filled(text: str, call: Call) -> str:
    def value(match: re.Match[str]) -> str:
        key = match.group(1).lower()
        if key in ("*", "?", "$"):
            return match.group(1)
        if not isinstance(call.context.get(key), str):
            raise NotUnderstoodError(f"NotUnderstood: the variable {match.group()} of a policy")
        return call.context[key]

    return re.sub(r"\$\{([^}]+)\}", value, text)


def _names(statement: Document, principal: str, direct: bool) -> bool:
    """True if a resource's statement names a principal; `direct`: not by its account only."""
    if "NotPrincipal" in statement:
        raise NotUnderstoodError("NotUnderstood: NotPrincipal in a policy of a resource")
    principals = statement.get("Principal")
    values = principals.get("AWS", []) if isinstance(principals, dict) else principals
    values = [values] if isinstance(values, str) else values or []
    account = principal.split(":")[4]
    root = f"arn:{principal.split(':')[1]}:iam::{account}:root"
    return (
        principal in values or "*" in values or (not direct and bool({account, root} & {*values}))
    )


def _parsed(text: Any) -> Document:
    return json.loads(text) if isinstance(text, str) else text
