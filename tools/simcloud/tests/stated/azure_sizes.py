"""Sizes of machines on Azure that were retired, and some that were not.

learn.microsoft.com, "Retired Azure VM size series": NCv3 is "Retired", others with an end are
"Announced" and "still available".
"""

from __future__ import annotations

from stated.case import Stated

RETIRED = "this series of sizes was retired"
SIZE = {"compute": "properties.properties.vmSize", "deployment": "properties.instanceType"}
AZURE_SIZES = [
    Stated(sample, RETIRED, {path: retired}, {path: available})
    for sample, path in SIZE.items()
    for retired, available in (
        ("Standard_NC6s_v3", "Standard_NC4as_T4_v3"),
        ("STANDARD_NC24RS_V3", "STANDARD_DS3_V2"),
    )
]

__all__ = ["AZURE_SIZES"]
