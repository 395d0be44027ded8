"""Exceptions from the table of relations, each with its reason."""

from __future__ import annotations

from pulumi_simcloud.constraints.relations import Refinement

# Type token to property path ("(name)": the rules of the name) to refinement.
REFINEMENTS: dict[str, dict[str, Refinement]] = {
    "aws:s3/bucket:Bucket": {
        "acl": Refinement(
            "terraform-provider-aws, internal/service/s3/bucket_acl.go: bucketCannedACL_Values() "
            "has aws-exec-read and log-delivery-write beside the values of the API's enumeration",
            drop=("enum",),
        )
    }
}

__all__ = ["REFINEMENTS"]
