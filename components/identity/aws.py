"""Identity on AWS: roles that GitHub's workflows take with a token of theirs, without a key."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from components.identity import IdentityArgs, IdentityShared
from components.identity.github import ISSUER, subjects
from components.registry.aws import foundation
from components.scope import StackScope
from components.targets.aws import policies
from components.targets.aws.ci_permissions import OWNER

SESSION_SECONDS = 14400


def create_shared(
    scope: StackScope, args: IdentityArgs, opts: pulumi.ResourceOptions
) -> IdentityShared:
    """The roles by job, and the account's trust in GitHub; none without a repository."""
    github = scope.settings.ci.github
    subjects_by_job = subjects(github, scope.stack)
    if not subjects_by_job:
        return IdentityShared(roles=pulumi.Output.from_input({}))
    provider = github.provider or _provider(scope, opts)
    arn_parts = foundation(args.registry).arn_parts(scope)
    roles = {
        job: _role(job, provider, names, arn_parts, scope, opts)
        for job, names in subjects_by_job.items()
    }
    return IdentityShared(roles=pulumi.Output.all(**roles))


def _provider(scope: StackScope, opts: pulumi.ResourceOptions) -> pulumi.Output[str]:
    """GitHub as an identity provider of the account, of which there can be one only."""
    provider = aws.iam.OpenIdConnectProvider(
        "github",
        aws.iam.OpenIdConnectProviderArgs(
            url=ISSUER, client_id_lists=[policies.AUDIENCE], tags=scope.tags
        ),
        opts=opts,
    )
    return provider.arn


def _role(
    job: str,
    provider: pulumi.Input[str],
    names: list[str],
    arn_parts: policies.ArnParts,
    scope: StackScope,
    opts: pulumi.ResourceOptions,
) -> pulumi.Output[str]:
    role = aws.iam.Role(
        f"ci-{job}",
        aws.iam.RoleArgs(
            name=f"{scope.prefix}-{job}",
            assume_role_policy=policies.web_trust(provider, names),
            # A release takes longer than the hour that is the default; workflows ask for as much.
            max_session_duration=SESSION_SECONDS,
            tags=scope.tags,
        ),
        opts=opts,
    )
    more = OWNER[job] if scope.settings.owns_job_logs else ()
    policy = policies.role_policy(job, arn_parts, more)
    aws.iam.RolePolicy(
        f"ci-{job}", aws.iam.RolePolicyArgs(name=job, role=role.name, policy=policy), opts=opts
    )
    return role.arn
