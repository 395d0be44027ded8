"""The registry that several workspaces share, where the settings name one.

A release copies the version that it releases there (`training.registry.azure_shared`), so that
other workspaces can deploy it; the artifact store stays the stack's own.
"""

from __future__ import annotations

import pulumi
import pulumi_azure_native as azure

from components.scope import StackScope

ml = azure.machinelearningservices


def registry_elsewhere(scope: StackScope) -> bool:
    """Whether the settings name a registry that is there, not one to make."""
    return (scope.settings.registry.shared or "").startswith("/")


def registry_id(
    scope: StackScope, group: azure.resources.ResourceGroup, protected_opts: pulumi.ResourceOptions
) -> pulumi.Output[str] | None:
    """The resource id of the registry, which is made here if the settings give a name.

    It brings a storage account and a container registry of its own.
    """
    reference = scope.settings.registry.shared
    if reference is None:
        return None
    if registry_elsewhere(scope):
        return pulumi.Output.from_input(reference)
    location = group.location
    registry = ml.Registry(
        "shared",
        ml.RegistryArgs(
            resource_group_name=group.name,
            registry_name=reference,
            location=location,
            identity=ml.ManagedServiceIdentityArgs(
                type=ml.ManagedServiceIdentityType.SYSTEM_ASSIGNED
            ),
            region_details=[
                ml.RegistryRegionArmDetailsArgs(
                    location=location,
                    acr_details=[
                        ml.AcrDetailsArgs(
                            system_created_acr_account=ml.SystemCreatedAcrAccountArgs(
                                acr_account_sku="Premium"
                            )
                        )
                    ],
                    storage_account_details=[
                        ml.StorageAccountDetailsArgs(
                            system_created_storage_account=ml.SystemCreatedStorageAccountArgs(
                                allow_blob_public_access=False,
                                storage_account_hns_enabled=False,
                                storage_account_type="Standard_LRS",
                            )
                        )
                    ],
                )
            ],
            tags=scope.tags,
        ),
        protected_opts,
    )
    return registry.id
