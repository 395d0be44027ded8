"""The second part of the eighteenth round on Azure, after the rules that the first one led to."""

from __future__ import annotations

from typing import Any

from planted.case import REMOVED
from pulumi_simcloud.platforms import SUBSCRIPTION

from refusals.case import (
    ENUM,
    EXCLUSIVE,
    GITHUB,
    MISSING,
    PATTERN,
    RANGE,
    REFERENCE,
    Refusal,
)

TERRAFORM = f"{GITHUB}/hashicorp/terraform-provider-azurerm"
PREMIUM = (
    "premium",
    "account",
    {"accountName": "simpremium", "kind": "BlockBlobStorage", "sku": {"name": "Premium_LRS"}},
)


def _aged(action: str, **days: int) -> dict[str, Any]:
    return {"policy.rules[0].definition.actions.baseBlob": {action: days}}


def _health(level: str) -> dict[str, Any]:
    return {
        "scopes": [f"/subscriptions/{SUBSCRIPTION}"],
        "condition.allOf": [
            {"field": "category", "equals": "ResourceHealth"},
            {"field": "level", "equals": level},
        ],
    }


def _reserved(level: int) -> dict[str, Any]:
    return {"sku": {"name": "CapacityReservation", "capacityReservationLevel": level}}


def _restored(days: int) -> dict[str, Any]:
    return {
        "isVersioningEnabled": True,
        "changeFeed": {"enabled": True},
        "deleteRetentionPolicy": {"enabled": True, "days": 30},
        "restorePolicy": {"enabled": True, "days": days},
    }


def _turned(**policy: Any) -> dict[str, Any]:
    return {"properties.rotationPolicy": {"attributes": {"expiryTime": "P90D"}, **policy}}


MORE = [
    Refusal(
        f"{GITHUB}/avinor/terraform-azurerm-storage-account/pull/19",
        REFERENCE,
        "lifecycle",
        "MissingLastAccessTimeBasedTrackingPolicy: it must be enabled before its actions",
        _aged("delete", daysAfterLastAccessTimeGreaterThan=90),
        _aged("delete", daysAfterModificationGreaterThan=90),
    ),
    Refusal(
        f"{GITHUB}/MicrosoftDocs/azure-docs/pull/114053",
        REFERENCE,
        "lifecycle",
        "tiering is not supported in a premium block blob storage account",
        {
            "accountName": "${premium.name}",
            **_aged("tierToCool", daysAfterModificationGreaterThan=30),
        },
        {"accountName": "${premium.name}", **_aged("delete", daysAfterModificationGreaterThan=30)},
        (PREMIUM,),
    ),
    Refusal(
        f"{TERRAFORM}/pull/15423",
        EXCLUSIVE,
        "lifecycle",
        "an age since the last change and one since the last access are not set at the same time",
        _aged(
            "tierToCool", daysAfterModificationGreaterThan=30, daysAfterLastAccessTimeGreaterThan=30
        ),
        _aged("tierToCool", daysAfterModificationGreaterThan=30),
    ),
    Refusal(
        f"{TERRAFORM}/pull/29613",
        ENUM,
        "activity",
        "alerts on the health of resources have the levels Informational and Critical",
        _health("Warning"),
        _health("Critical"),
    ),
    Refusal(
        f"{TERRAFORM}/issues/30605",
        MISSING,
        "query",
        "how often a query runs is required",
        {"evaluationFrequency": REMOVED},
        {},
    ),
    Refusal(
        f"{TERRAFORM}/issues/32262",
        ENUM,
        "logs",
        "a reservation is one of the levels, by now up to 50,000 GB",
        _reserved(150),
        _reserved(50000),
    ),
    Refusal(
        f"{GITHUB}/MicrosoftDocs/azure-docs/issues/92981",
        PATTERN,
        "vault",
        "VaultNameNotValid: the name must begin with a letter",
        {"vaultName": "6e49f4337c8b"},
        {"vaultName": "e6e49f4337c8b"},
    ),
    Refusal(
        f"{GITHUB}/Azure/bicep-registry-modules/issues/2760",
        MISSING,
        "key",
        "InvalidKeyRotationPolicy: the given value for 'lifetimeActions' is null",
        _turned(),
        _turned(
            lifetimeActions=[
                {"action": {"type": "rotate"}, "trigger": {"timeBeforeExpiry": "P30D"}}
            ]
        ),
    ),
    Refusal(
        f"{GITHUB}/Azure/bicep-types-az/issues/1384",
        EXCLUSIVE,
        "container",
        "a policy is no part of the support of versions",
        {
            "immutableStorageWithVersioning": {
                "enabled": True,
                "immutabilityPolicy": {"state": "Locked"},
            }
        },
        {},
    ),
    Refusal(
        f"{GITHUB}/Azure/arm-template-whatif/issues/354",
        RANGE,
        "blobs",
        "restorePolicy.days should be greater than zero and less than deleteRetentionPolicy.days",
        _restored(30),
        _restored(29),
    ),
    Refusal(
        "https://learn.microsoft.com/rest/api/loganalytics/tables/create-or-update",
        PATTERN,
        "table",
        "the name of a table has letters, digits, hyphens and underscores",
        {"tableName": "Drift.a_CL"},
        {"tableName": "Drift_a_CL"},
    ),
]
