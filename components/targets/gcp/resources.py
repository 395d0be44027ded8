"""Resources shared by the modules of Google Cloud: regions, ids, accounts, documents."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import pulumi
import pulumi_gcp as gcp

from components.retries import Patience
from components.scope import StackScope
from components.targets.gcp.permissions import granted

# What is refused for a while and then is not, with the seconds that it may take.
PASSING = {
    # A role, https://github.com/hashicorp/terraform-provider-google/issues/4717.
    r"does not exist in the resource's hierarchy": 300,
    # An account; Google says that a new one may take a minute and more to be seen.
    # https://cloud.google.com/iam/docs/service-accounts-create
    r"[Ss]ervice account \S+ does not exist": 300,
    r"Workflows service agent does not exist": 300,
    # .../terraform-provider-google/issues/14584 and 25294: "it may take a few minutes".
    r"Permission denied while using the Eventarc Service Agent": 900,
    # https://cloud.google.com/vertex-ai/docs/general/access-control#service-agents
    r"Service agents are being provisioned": 900,
    # .../terraform-provider-google/issues/11102: "it could take up to 10 minutes".
    r"Cannot find metric\(s\) that match type": 900,
    # Rights on a key: https://cloud.google.com/iam/docs/access-change-propagation says 2 minutes,
    # 7 and more now and then; .../terraform-provider-google/issues/11819.
    r"CryptoKey cannot be used in Vertex AI service": 900,
    r"[Pp]ermission (denied on Cloud KMS key|'cloudkms\.\S+' denied)": 900,
    # An API: "If you enabled this API recently, wait a few minutes".
    r"SERVICE_DISABLED|has not been used in project \S+ before or it is disabled": 600,
}


def project() -> str:
    """The project's id."""
    return pulumi.Config("gcp").require("project")


def region() -> str:
    """The region that everything stands in."""
    return pulumi.Config("gcp").require("region")


def location() -> str:
    """The parent of what Vertex AI holds."""
    return f"projects/{project()}/locations/{region()}"


def underscored(text: str) -> str:
    """A name where letters, digits and _ are allowed only."""
    return text.replace("-", "_")


def endpoint_id(text: str) -> str:
    """The id of an endpoint: ten digits, always the same for the same name."""
    number = int(hashlib.sha256(text.encode()).hexdigest(), 16)
    return str(10**9 + number % (9 * 10**9))


def metric(scope: StackScope, name: str) -> str:
    """The type of one of the stack's own metrics."""
    return f"custom.googleapis.com/{underscored(scope.prefix)}/{name}"


def uri(bucket: pulumi.Input[str], key: str) -> pulumi.Output[str]:
    """The address of an object or folder in the store."""
    return pulumi.Output.concat("gs://", bucket, "/", key)


def canonical_json(value: Any) -> str:
    """JSON that is always the same for the same value."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def depending_on(
    opts: pulumi.ResourceOptions, *dependencies: pulumi.Resource
) -> pulumi.ResourceOptions:
    """`opts` of what has to wait for others."""
    return pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=list(dependencies)))


def readable(opts: pulumi.ResourceOptions) -> pulumi.ResourceOptions:
    """`opts` of an object whose content is no secret, which the SDK takes every content for.

    So a preview can tell what changes in it.
    """

    def reveal(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult:
        content = pulumi.Output.unsecret(pulumi.Output.from_input(args.props["content"]))
        return pulumi.ResourceTransformationResult({**args.props, "content": content}, args.opts)

    revealed = pulumi.ResourceOptions(transformations=[reveal])
    return pulumi.ResourceOptions.merge(opts, revealed)


def json_object(
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


def account(
    actor: str,
    title: str,
    scope: StackScope,
    bucket: pulumi.Output[str],
    opts: pulumi.ResourceOptions,
) -> gcp.serviceaccount.Account:
    """The service account of an actor, with what the table grants it; it has no key."""
    account = gcp.serviceaccount.Account(
        actor,
        gcp.serviceaccount.AccountArgs(account_id=f"{scope.prefix}-{actor}", display_name=title),
        opts,
    )
    grants = granted(actor)
    roles: list[tuple[str, pulumi.Input[str]]] = [(_short(role), role) for role in grants.roles]
    if grants.project:
        roles.append(("project", _role(f"{actor}-project", scope, bucket, grants.project, opts)))
    for part, role in roles:
        gcp.projects.IAMMember(
            f"{actor}-{part}",
            gcp.projects.IAMMemberArgs(project=project(), role=role, member=account.member),
            opts,
        )
    for role in grants.store:
        gcp.storage.BucketIAMMember(
            f"{actor}-store-{_short(role)}",
            gcp.storage.BucketIAMMemberArgs(bucket=bucket, role=role, member=account.member),
            opts,
        )
    return account


def _short(role: str) -> str:
    """The last part of a predefined role's name."""
    return role.rpartition(".")[2]


def _role(
    resource_name: str,
    scope: StackScope,
    bucket: pulumi.Output[str],
    permissions: Sequence[str],
    opts: pulumi.ResourceOptions,
) -> pulumi.Output[str]:
    """A role of exactly these permissions; the id of a deleted one stays taken."""
    title = f"{scope.prefix} {resource_name}"
    return gcp.projects.IAMCustomRole(
        resource_name,
        gcp.projects.IAMCustomRoleArgs(
            role_id=bucket.apply(
                lambda name: f"{underscored(title.replace(' ', '_'))}_{name[-7:]}"
            ),
            title=title,
            permissions=sorted(set(permissions)),
        ),
        opts,
    ).name


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


@cache
def _patience() -> Patience:
    return Patience("google-cloud", PASSING)


def patient(opts: pulumi.ResourceOptions) -> pulumi.ResourceOptions:
    """`opts` of resources that Google Cloud may refuse for a while in a project that is new."""
    return _patience().options(opts)
