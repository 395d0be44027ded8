"""Identity on AWS: roles that GitHub's workflows take with a token of theirs, without a key."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from components import aws_policies
from components.aws_ci_calls import OWNER
from components.identity import IdentityArgs, IdentityModel, IdentityShared
from components.identity.github import ISSUER, subjects
from components.names import prefix, tags
from components.registry.aws import foundation
from components.settings import Model


def shared(args: IdentityArgs, opts: pulumi.ResourceOptions) -> IdentityShared:
    """The roles by job, and the account's trust in GitHub; none without a repository."""
    settings = args.settings
    allowed = subjects(settings.ci.github, pulumi.get_stack())
    if not allowed:
        return IdentityShared(roles=pulumi.Output.from_input({}))
    provider = settings.ci.github.provider or _provider(args, opts)
    places = foundation(args.registry).places(settings)
    roles = {job: _role(job, provider, names, places, args, opts) for job, names in allowed.items()}
    return IdentityShared(roles=pulumi.Output.all(**roles))


def model(
    args: IdentityArgs, settings: Model, shared: IdentityShared, opts: pulumi.ResourceOptions
) -> IdentityModel:
    """Nothing."""
    return IdentityModel()


def _provider(args: IdentityArgs, opts: pulumi.ResourceOptions) -> pulumi.Output[str]:
    """GitHub as an identity provider of the account, of which there can be one only."""
    made = aws.iam.OpenIdConnectProvider(
        "github",
        aws.iam.OpenIdConnectProviderArgs(
            url=ISSUER, client_id_lists=[aws_policies.AUDIENCE], tags=tags(args.settings)
        ),
        opts=opts,
    )
    return made.arn


def _role(
    job: str,
    provider: pulumi.Input[str],
    names: list[str],
    places: aws_policies.Places,
    args: IdentityArgs,
    opts: pulumi.ResourceOptions,
) -> pulumi.Output[str]:
    role = aws.iam.Role(
        f"ci-{job}",
        aws.iam.RoleArgs(
            name=f"{prefix(args.settings)}-{job}",
            assume_role_policy=aws_policies.web_trust(provider, names),
            tags=tags(args.settings),
        ),
        opts=opts,
    )
    more = OWNER[job] if args.settings.owns_job_logs else ()
    policy = aws_policies.document(job, places, more)
    aws.iam.RolePolicy(
        f"ci-{job}", aws.iam.RolePolicyArgs(name=job, role=role.name, policy=policy), opts=opts
    )
    return role.arn
