"""What is left out of a preview is nothing that a stack has a use for."""

from __future__ import annotations

import pulumi
import pytest

from components.quick import without_versions

KINDS = {
    "azure-native:storage/v20230101:Blob": False,
    "azure-native:blobs:Blob": True,
    "azure:storage/v1:Blob": True,
}


@pytest.mark.parametrize(("kind", "kept"), KINDS.items())
def test_only_aliases_of_old_api_versions_are_left_out(kind: str, kept: bool) -> None:
    known = pulumi.Alias(type_=kind)
    opts = pulumi.ResourceOptions(aliases=[known, pulumi.Alias(name="before"), "urn:known"])
    args = pulumi.ResourceTransformationArgs(
        resource=None,  # pyright: ignore[reportArgumentType]
        type_="azure-native:storage:Blob",
        name="blob",
        props={},
        opts=opts,
    )
    left = without_versions(args).opts.aliases or []
    assert (known in left) == kept
    assert "urn:known" in left and len(left) == 2 + kept
