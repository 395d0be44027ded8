"""What the modules of Google Cloud have in common: places, ids, accounts, documents."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
import pulumi_gcp as gcp

from components.scope import StackScope
from components.targets.gcp.permissions import granted


def project() -> str:
    """The project's id."""
    return pulumi.Config("gcp").require("project")


def region() -> str:
    """The region that everything stands in."""
    return pulumi.Config("gcp").require("region")


def location() -> str:
    """The parent of what Vertex AI holds."""
    return f"projects/{project()}/locations/{region()}"


def word(text: str) -> str:
    """A name where letters, digits and _ are allowed only."""
    return text.replace("-", "_")


def number(text: str) -> str:
    """The id of an endpoint: ten digits, always the same for the same name."""
    drawn = int(hashlib.sha256(text.encode()).hexdigest(), 16)
    return str(10**9 + drawn % (9 * 10**9))


def metric(scope: StackScope, what: str) -> str:
    """The type of one of the stack's own metrics."""
    return f"custom.googleapis.com/{word(scope.prefix)}/{what}"


def uri(bucket: pulumi.Input[str], key: str) -> pulumi.Output[str]:
    """The address of an object or folder in the store."""
    return pulumi.Output.concat("gs://", bucket, "/", key)


def text(value: Any) -> str:
    """JSON that is always the same for the same value."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def after(opts: pulumi.ResourceOptions, *others: pulumi.Resource) -> pulumi.ResourceOptions:
    """`opts` of what has to wait for others."""
    return pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=list(others)))


def readable(opts: pulumi.ResourceOptions) -> pulumi.ResourceOptions:
    """`opts` of an object whose content is no secret, which the SDK takes every content for.

    So a preview can tell what changes in it.
    """

    def reveal(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult:
        content = pulumi.Output.unsecret(pulumi.Output.from_input(args.props["content"]))
        return pulumi.ResourceTransformationResult({**args.props, "content": content}, args.opts)

    revealed = pulumi.ResourceOptions(transformations=[reveal])
    return pulumi.ResourceOptions.merge(opts, revealed)


def document(
    resource_name: str,
    bucket: pulumi.Input[str],
    key: str,
    content: Mapping[str, Any],
    opts: pulumi.ResourceOptions,
) -> gcp.storage.BucketObject:
    """A JSON object in the store, that the command line and the steps read."""
    return gcp.storage.BucketObject(
        resource_name,
        gcp.storage.BucketObjectArgs(
            bucket=bucket,
            name=key,
            content=pulumi.Output.json_dumps(content, indent=1),
            content_type="application/json",
        ),
        readable(opts),
    )


def email(scope: StackScope, actor: str) -> str:
    """The address of an actor's service account."""
    return f"{scope.prefix}-{actor}@{project()}.iam.gserviceaccount.com"


def account(
    actor: str,
    says: str,
    scope: StackScope,
    bucket: pulumi.Output[str],
    opts: pulumi.ResourceOptions,
) -> gcp.serviceaccount.Account:
    """The service account of an actor, with what the table grants it; it has no key."""
    made = gcp.serviceaccount.Account(
        actor,
        gcp.serviceaccount.AccountArgs(account_id=f"{scope.prefix}-{actor}", display_name=says),
        opts,
    )
    grants = granted(actor)
    if grants.project:
        gcp.projects.IAMMember(
            f"{actor}-project",
            gcp.projects.IAMMemberArgs(
                project=project(),
                role=role(f"{actor}-project", scope, bucket, grants.project, opts),
                member=made.member,
            ),
            opts,
        )
    if grants.store:
        gcp.storage.BucketIAMMember(
            f"{actor}-store",
            gcp.storage.BucketIAMMemberArgs(
                bucket=bucket,
                role=role(f"{actor}-store", scope, bucket, grants.store, opts),
                member=made.member,
            ),
            opts,
        )
    return made


def role(
    resource_name: str,
    scope: StackScope,
    bucket: pulumi.Output[str],
    permissions: Sequence[str],
    opts: pulumi.ResourceOptions,
) -> pulumi.Output[str]:
    """A role of exactly these permissions; the id of a deleted one stays taken."""
    title = f"{scope.prefix} {resource_name}"
    made = gcp.projects.IAMCustomRole(
        resource_name,
        gcp.projects.IAMCustomRoleArgs(
            role_id=bucket.apply(lambda given: f"{word(title.replace(' ', '_'))}_{given[-7:]}"),
            title=title,
            permissions=sorted(set(permissions)),
        ),
        opts,
    )
    return made.name


def acts_as(
    resource_name: str,
    actor: gcp.serviceaccount.Account,
    runner: gcp.serviceaccount.Account,
    opts: pulumi.ResourceOptions,
) -> gcp.serviceaccount.IAMMember:
    """Let `actor` start what runs as `runner`."""
    return gcp.serviceaccount.IAMMember(
        resource_name,
        gcp.serviceaccount.IAMMemberArgs(
            service_account_id=runner.name,
            role="roles/iam.serviceAccountUser",
            member=actor.member,
        ),
        opts,
    )
