"""Regions: what a resource names is in its own, but for what is nowhere.

A service looks a name up in the region that it is asked in, and S3 sends who asks elsewhere away
("PermanentRedirect: The bucket you are attempting to access must be addressed using the specified
endpoint"). https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/regional-services.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pulumi_simcloud.kinds import Demand, Existing, Inputs, Kind, Ref
from pulumi_simcloud.property_values import select
from pulumi_simcloud.state import Row

NOWHERE = ("aws:iam/", "aws:budgets/")


def near(kind: Kind) -> tuple[Demand, ...]:
    """The demand of a regional resource for what it refers to."""
    refs = [ref for ref in kind.refs if ref.key is None and not ref.later]
    if kind.token.startswith(NOWHERE) or not refs:
        return ()

    def demand(inputs: Inputs, world: Existing) -> Iterator[str]:
        region = inputs.get("region") or world.variables["region"]
        for ref in refs:
            for path, value in select(inputs, ref.path):
                row = _found(ref, value, world, region)
                place = row.outputs.get("region") if row else None
                if isinstance(place, str) and place != region:
                    yield f"ResourceNotFound: {path}: {value!r} is in {place}, not in {region}"

    return (demand,)


def _found(ref: Ref, value: object, world: Existing, region: object) -> Row | None:
    """What goes by a name: in the region, if it is there as well."""
    match = re.fullmatch(ref.pick, str(value)) if ref.pick else None
    name = match.group(1) if match else value
    row = world.find(ref.to, name, ref.by)
    if row is None or row.outputs.get("region") == region:
        return row
    same = (
        other
        for token in ref.to
        for other in world.of(token)
        if other.outputs.get("region") == region
        and name in (other.id, *(other.outputs.get(handle) for handle in ref.by or ("name", "arn")))
    )
    return next(same, row)
