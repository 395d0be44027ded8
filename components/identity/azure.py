"""Identity on Azure: managed identities that workflows of GitHub act as, without a key.

A federated credential takes one exact subject, so each branch or environment, in the old and the
new form of subjects, is one of its own.
"""

from __future__ import annotations

import pulumi
import pulumi_azure_native as azure

from components.identity import IdentityArgs, IdentityShared
from components.identity.github import ISSUER, subjects
from components.registry.azure import foundation
from components.scope import StackScope
from components.targets.azure.resources import Place, grant

AUDIENCE = "api://AzureADTokenExchange"


def create_shared(
    scope: StackScope, args: IdentityArgs, opts: pulumi.ResourceOptions
) -> IdentityShared:
    """An identity per job; none without a repository."""
    place = Place.of(args.registry.shared)
    roles = {}
    for job, exact in subjects(scope.settings.ci.github, pulumi.get_stack()).items():
        identity = azure.managedidentity.UserAssignedIdentity(
            job,
            opts,
            resource_group_name=place.group,
            resource_name_=f"{scope.prefix}-{job}",
            tags=scope.tags,
        )
        published = foundation(args.registry).published
        grant(job, scope, place, identity.principal_id, opts, registry=published)
        before: list[pulumi.Resource] = []
        for number, subject in enumerate(exact, 1):
            credential = azure.managedidentity.FederatedIdentityCredential(
                f"{job}-{number}",
                # Azure refuses two at a time of one identity.
                pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=list(before))),
                resource_group_name=place.group,
                resource_name_=identity.name,
                federated_identity_credential_resource_name=f"github-{number}",
                issuer=ISSUER,
                subject=subject,
                audiences=[AUDIENCE],
            )
            before.append(credential)
        roles[job] = identity.client_id
    return IdentityShared(roles=pulumi.Output.from_input(roles))
