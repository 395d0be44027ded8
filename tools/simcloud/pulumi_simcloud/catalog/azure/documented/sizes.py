"""Sizes of virtual machines that there are no more.

https://learn.microsoft.com/azure/virtual-machines/sizes/retirement/retired-sizes-list: series with
the status "Retired" "are no longer available and can't be provisioned".
"""

from __future__ import annotations

import re
from typing import Any

from pulumi_simcloud.kinds import Demand, Rule
from pulumi_simcloud.rules.basic import check

ML = "azure-native:machinelearningservices"
# "NCv3-Series" and "NCv3-NC24rs Series", on 2025-09-30.
RETIRED = re.compile(r"(?i)Standard_NC(6|12|24|24r)s_v3")


def _retired(value: Any) -> str | None:
    is_gone = isinstance(value, str) and RETIRED.fullmatch(value)
    return f"{value}: this series of sizes was retired" if is_gone else None


RULES: dict[str, tuple[Rule, ...]] = {
    f"{ML}:Compute": (check("properties.properties.vmSize", _retired),),
    f"{ML}:OnlineDeployment": (check("properties.instanceType", _retired),),
}
DEMANDS: dict[str, tuple[Demand, ...]] = {}

__all__ = ["DEMANDS", "RULES"]
