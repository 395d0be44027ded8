"""Permissions on Azure: what the general evaluator does not know by itself."""

from __future__ import annotations

from pulumi_simcloud.permissions.azure import AzureAuthority

WORKSPACE_KEYS = "Microsoft.OperationalInsights/workspaces/sharedKeys/action"
JOIN = "Microsoft.Network/virtualNetworks/subnets/join/action"

AUTHORITY = AzureAuthority(
    linked={
        # "The client has permission to perform action ... on the linked scope(s)":
        # learn.microsoft.com/azure/azure-monitor/platform/diagnostic-settings (required roles).
        "azure-native:monitor:DiagnosticSetting": (("workspaceId", WORKSPACE_KEYS),),
        "azure-native:machinelearningservices:Compute": (
            ("properties.properties.subnet.id", JOIN),
        ),
    },
)

__all__ = ["AUTHORITY"]
