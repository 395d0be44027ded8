"""Storage accounts: immutable blobs, and containers that the public reads.

The pages are those of https://learn.microsoft.com; TERRAFORM is
https://github.com/hashicorp/terraform-provider-azurerm.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pulumi_simcloud.catalog.azure.documented.base import ACCOUNT, CONTAINER, SERVICE
from pulumi_simcloud.kinds import Demand, Existing, Inputs, Rule
from pulumi_simcloud.rules.fields import not_with, only_with, used

IMMUTABLE = "immutableStorageWithVersioning"


def _account(inputs: Inputs, world: Existing) -> Inputs:
    name = inputs.get("accountName")
    rows = (row.inputs for row in world.of(ACCOUNT))
    return next((account for account in rows if account.get("accountName") == name), {})


def _keeps_versions(inputs: Inputs, world: Existing) -> Iterator[str]:
    """TERRAFORM issue 24915: an account whose blobs are immutable has versions of them."""
    immutable = True in used(_account(inputs, world), f"{IMMUTABLE}.enabled")
    if immutable and inputs.get("isVersioningEnabled") is False:
        yield "versioning cannot be off in an account with version-level immutability"


def _paged(inputs: Inputs, world: Existing) -> Iterator[str]:
    """ "Set Container ACL": no public access to page blobs in premium accounts.

    https://github.com/Azure/azure-cli/issues/9542
    """
    account = _account(inputs, world)
    sku: Any = account.get("sku") or {}
    premium = str(sku.get("name")).startswith("Premium")
    paged = premium and account.get("kind") in ("Storage", "StorageV2")
    if paged and inputs.get("publicAccess") in ("Blob", "Container"):
        yield "UnsupportedHeader: no public access in a premium account of page blobs"


RULES: dict[str, tuple[Rule, ...]] = {
    ACCOUNT: (
        # InvalidStorageAccountImmutabilityPolicy is what the service answers:
        # https://github.com/Azure/azure-rest-api-specs/pull/15627
        only_with(f"{IMMUTABLE}.immutabilityPolicy", f"{IMMUTABLE}.enabled", True),
        # "Store business-critical blob data with immutable storage": kinds of accounts.
        not_with(f"{IMMUTABLE}.enabled", "kind", "Storage", "FileStorage"),
    ),
}
DEMANDS: dict[str, tuple[Demand, ...]] = {
    SERVICE: (_keeps_versions,),
    CONTAINER: (_paged,),
}
