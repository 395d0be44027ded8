"""Names that a stack on Azure takes, as the program declares them."""

from __future__ import annotations

import re

from tests.targets.declared import declared


def test_deleted_logs_and_secrets_leave_their_names_to_no_other_stack() -> None:
    """Each keeps its name for days, so the next stack has others (learn.microsoft.com, "Delete and
    recover an Azure Log Analytics workspace", "Workspace soft delete", "Key Vault soft-delete").
    """
    stack = declared("azure-prod")
    names = [
        resource.outputs["name"]
        for kind in ("Workspace", "Vault")
        for resource in stack.of(kind).values()
    ]
    assert len(names) == 3
    assert all(re.search(r"[0-9a-f]{8}$", name) for name in names), names
