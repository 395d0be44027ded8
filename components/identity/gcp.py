"""Identity on Google Cloud: accounts for the code host's workflows, and who acts as whom."""

from __future__ import annotations

import hashlib
import secrets

import pulumi
import pulumi_gcp as gcp

from components.endpoint.gcp import servers
from components.identity import IdentityArgs, IdentityShared
from components.identity.github import ISSUER, PROMOTE, contexts
from components.pipeline.gcp import actors
from components.registry.gcp import foundation
from components.scope import StackScope
from components.settings import Github
from components.targets.gcp.resources import account, acts_as, depending_on, patient

POOL = "github"
# A token's claims by the names that members use: the repository by its number, since a name can
# change hands, and then as a subject ends. A job outside of an environment has no such claim, and
# reading a claim that is missing refuses the whole token.
CLAIMS = {
    "google.subject": "assertion.sub",
    "attribute.job": "assertion.repository_id + ':' + (has(assertion.environment) ? "
    "'environment:' + assertion.environment : "
    "assertion.event_name == 'pull_request' ? 'pull_request' : 'ref:' + assertion.ref)",
}


def create_shared(
    scope: StackScope, args: IdentityArgs, opts: pulumi.ResourceOptions
) -> IdentityShared:
    """The pool and an account per job; and the steps, which release, act as the endpoints."""
    opts = patient(opts)
    steps, server = actors(args.pipeline).steps, servers(args.endpoint).account
    acts_as("steps-as-endpoint", steps, server, opts)
    github = scope.settings.ci.github
    if github.repository is None:
        return IdentityShared(roles=pulumi.Output.from_input({}))
    ready = depending_on(opts, args.registry)
    pool = _pool(scope, github, ready)
    bucket, emails = foundation(args.registry).bucket, {}
    for job, claims in members(github, pulumi.get_stack()).items():
        worker = account(job, f"Workflows that {job}", scope, bucket, ready)
        for number, claim in enumerate(claims, 1):
            # Called by whom it lets in, so that none is taken away with another of the same place.
            digest = hashlib.sha256(claim.encode()).hexdigest()[:8]
            by_position = pulumi.ResourceOptions(
                aliases=[pulumi.Alias(name=f"{job}-by-workflow-{number}")]
            )
            gcp.serviceaccount.IAMMember(
                f"{job}-by-{digest}",
                gcp.serviceaccount.IAMMemberArgs(
                    service_account_id=worker.name,
                    role="roles/iam.workloadIdentityUser",
                    member=pulumi.Output.concat(
                        "principalSet://iam.googleapis.com/", pool.name, "/", claim
                    ),
                ),
                pulumi.ResourceOptions.merge(opts, by_position),
            )
        if job == PROMOTE:
            acts_as("promote-as-endpoint", worker, server, opts)
            acts_as("promote-as-steps", worker, steps, opts)
        emails[job] = worker.email
    return IdentityShared(roles=pulumi.Output.all(**emails))


def members(github: Github, stack: str) -> dict[str, list[str]]:
    """The pool's identities that may act as each job: ``attribute.NAME/VALUE`` of `CLAIMS`."""
    return {
        job: [f"attribute.job/{github.repository_id}:{context}" for context in subject_contexts]
        for job, subject_contexts in contexts(github, stack).items()
    }


def _pool(
    scope: StackScope, github: Github, opts: pulumi.ResourceOptions
) -> gcp.iam.WorkloadIdentityPool:
    """The pool of identities from the code host: this repository's, none else's.

    The name of a deleted one stays taken for 30 days, so each has digits of its own.
    """
    once = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(ignore_changes=["input"]))
    digits = pulumi.Stash(POOL, input=secrets.token_hex(4), opts=once)
    pool = gcp.iam.WorkloadIdentityPool(
        POOL,
        gcp.iam.WorkloadIdentityPoolArgs(
            workload_identity_pool_id=pulumi.Output.concat(f"{POOL}-", digits.output),
            display_name=f"{scope.stack} workflows"[:32],
        ),
        opts,
    )
    gcp.iam.WorkloadIdentityPoolProvider(
        POOL,
        gcp.iam.WorkloadIdentityPoolProviderArgs(
            workload_identity_pool_id=pool.workload_identity_pool_id,
            workload_identity_pool_provider_id=POOL,
            oidc=gcp.iam.WorkloadIdentityPoolProviderOidcArgs(issuer_uri=ISSUER),
            attribute_mapping=CLAIMS,
            attribute_condition=f"assertion.repository_id == '{github.repository_id}'",
        ),
        opts,
    )
    return pool
