"""Identity on Azure: managed identities that workflows of GitHub act as, without a key.

A federated credential takes one exact subject, so each branch or environment, in the old and the
new form of subjects, is one of its own; issuer and subject are unique on an identity.
"""

from __future__ import annotations

import hashlib

import pulumi
import pulumi_azure_native as azure

from components.identity import IdentityArgs, IdentityShared
from components.identity.github import DEPLOY, ISSUER, PROMOTE, subjects
from components.registry.azure import foundation
from components.registry.azure_shared import registry_elsewhere
from components.scope import StackScope
from components.targets.azure.permissions import ASSIGNABLE
from components.targets.azure.resources import ResourceIds, assigns_only, define, grant

AUDIENCE = "api://AzureADTokenExchange"


def create_shared(
    scope: StackScope, args: IdentityArgs, opts: pulumi.ResourceOptions
) -> IdentityShared:
    """An identity per job; none without a repository."""
    resource_ids, base = ResourceIds.of(args.registry.shared), foundation(args.registry)
    # On a registry of the group, what `deploy` and `preview` may do in the group is enough.
    elsewhere = base.published if registry_elsewhere(scope) else None
    clients = {}
    for job, exact in subjects(scope.settings.ci.github, scope.stack).items():
        # Whoever destroys the stack as `deploy` keeps its identity and its rights to the end: they
        # go with the resource group.
        last = pulumi.ResourceOptions(deleted_with=base.group if job == DEPLOY else None)
        job_opts = pulumi.ResourceOptions.merge(opts, last)
        identity = azure.managedidentity.UserAssignedIdentity(
            job,
            job_opts,
            resource_group_name=resource_ids.group,
            resource_name_=scope.name(job),
            tags=scope.tags,
        )
        principal = identity.principal_id
        published = base.published if job == PROMOTE else elsewhere
        grant(
            job,
            define((job,), scope, resource_ids, job_opts, published),
            scope,
            resource_ids,
            principal,
            job_opts,
            registry=published,
            condition=assigns_only(base.roles, ASSIGNABLE, principal) if job == DEPLOY else None,
        )
        _credentials(job, exact, resource_ids, identity, job_opts)
        clients[job] = identity.client_id
    return IdentityShared(roles=pulumi.Output.from_input(clients))


def _credentials(
    job: str,
    exact: list[str],
    resource_ids: ResourceIds,
    identity: azure.managedidentity.UserAssignedIdentity,
    opts: pulumi.ResourceOptions,
) -> None:
    """A credential per subject, made one by one: Azure refuses two at a time of one identity."""
    before: list[pulumi.Resource] = []
    for number, subject in enumerate(exact, 1):
        digest = hashlib.sha256(subject.encode()).hexdigest()[:8]
        # Earlier versions named them by their place in the list.
        former = [pulumi.Alias(name=f"{job}-{number}")]
        more = pulumi.ResourceOptions(
            depends_on=list(before), aliases=former, delete_before_replace=True
        )
        credential = azure.managedidentity.FederatedIdentityCredential(
            f"{job}-{digest}",
            # A subject that is there under another name has to go before the new one comes.
            pulumi.ResourceOptions.merge(opts, more),
            resource_group_name=resource_ids.group,
            resource_name_=identity.name,
            federated_identity_credential_resource_name=f"github-{digest}",
            issuer=ISSUER,
            subject=subject,
            audiences=[AUDIENCE],
        )
        before.append(credential)
