"""Locations of Azure ML, the machine sizes that it trains and serves on, and its time zones."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from tzlocal.windows_tz import tz_win

if TYPE_CHECKING:
    from components.settings import Model

COMPUTE, ENDPOINT = "Standard_DS3_v2", "Standard_DS3_v2"
# Where an id of an asset begins that is no container image.
ASSET = "azureml:"
# The curated scikit-learn environment, pinned; it serves too.
IMAGE = "azureml://registries/azureml/environments/sklearn-1.5/versions/54"

# "Azure Machine Learning" in learn.microsoft.com, "Products available by region".
LOCATIONS = (
    "australiaeast", "australiasoutheast", "brazilsouth", "canadacentral", "canadaeast",
    "centralindia", "centralus", "eastasia", "eastus", "eastus2", "francecentral",
    "germanywestcentral", "italynorth", "japaneast", "japanwest", "koreacentral",
    "northcentralus", "northeurope", "norwayeast", "polandcentral", "qatarcentral",
    "southafricanorth", "southcentralus", "southeastasia", "southindia", "spaincentral",
    "swedencentral", "switzerlandnorth", "switzerlandwest", "uaenorth", "uksouth", "ukwest",
    "westcentralus", "westeurope", "westus", "westus2", "westus3",
)  # fmt: skip

NUMBER = re.compile(r"\d+")
# Sizes by series, "#" in the place of the number of processors. NCv3 is left out, though Azure ML's
# own lists still have it: it was retired on 2025-09-30 ("Retired Azure VM size series").
Series = Mapping[str, tuple[int, ...]]
_GPU = {
    "Standard_NC#as_T4_v3": (4, 8, 16, 64),
    "Standard_NC#ads_A100_v4": (24, 48, 96),
    "Standard_NC#ads_H100_v5": (40,),
    "Standard_NC#adis_H100_v5": (80,),
    "Standard_ND#rs_v2": (40,),
    "Standard_ND#asr_v4": (96,),
    "Standard_ND#isr_H100_v5": (96,),
}
_COMMON_SERIES = {
    "Standard_DS#_v2": (1, 2, 3, 4, 5),
    "Standard_E#s_v3": (2, 4, 8, 16, 32, 48, 64),
    "Standard_F#s_v2": (2, 4, 8, 16, 32, 48, 64, 72),
    "Standard_FX#mds": (4, 12, 24, 36, 48),
    **_GPU,
}


def _sizes(series: Series) -> Iterator[str]:
    for name, numbers in series.items():
        yield from (name.replace("#", str(number)) for number in numbers)


# learn.microsoft.com, "Compute targets: supported VM series and sizes".
TRAINING_SIZES = tuple(
    _sizes(
        {
            **_COMMON_SERIES,
            "Standard_D#_v2": (1, 2, 3, 4, 5, 11, 12, 13, 14),
            "Standard_D#_v3": (2, 4, 8, 16, 32, 48, 64),
            "Standard_D#s_v3": (2, 4, 8, 16, 32, 48, 64),
            "Standard_D#ds_v4": (2, 4, 8, 16, 32, 48, 64),
            "Standard_DS#_v2": (1, 2, 3, 4, 5, 11, 12, 13, 14),
            "Standard_E#_v3": (2, 4, 8, 16, 20, 32, 48, 64),
            "Standard_E#s_v3": (2, 4, 8, 16, 20, 32, 48, 64),
            "Standard_E#a_v4": (2, 4, 8, 16, 20, 32, 48, 64, 96),
            "Standard_L#s_v2": (8, 16, 32, 48, 64, 80),
            "Standard_M#s": (64, 128),
            "Standard_M#ms": (8, 16, 32, 64, 128),
        }
    )
)
# learn.microsoft.com, "Managed online endpoints SKU list".
SERVING_SIZES = tuple(
    _sizes(
        {
            **_COMMON_SERIES,
            "Standard_D#a_v4": (2, 4, 8, 16, 32, 48, 64, 96),
            "Standard_D#as_v4": (2, 4, 8, 16, 32, 48, 64, 96),
            "Standard_L#s_v2": (8, 16, 32, 48, 64, 80),
            "Standard_L#s_v3": (8, 16, 32, 48, 64, 80),
            "Standard_L#as_v3": (8, 16, 32, 48, 64, 80),
        }
    )
)
# Windows's newer zones, which Azure ML's schedules do not take (azure-ai-ml, ``TimeZone``), and one
# of the same rules that they do.
_NEWER = {
    "Alberta Standard Time": "Mountain Standard Time",
    "British Columbia Standard Time": "Pacific Standard Time",
    "Magallanes Standard Time": "SA Eastern Standard Time",
    "Manitoba Standard Time": "Central Standard Time",
    "Omsk Standard Time": "Bangladesh Standard Time",
    "Qyzylorda Standard Time": "West Asia Standard Time",
    "Sao Tome Standard Time": "Greenwich Standard Time",
    "Saratov Standard Time": "Astrakhan Standard Time",
    "South Sudan Standard Time": "South Africa Standard Time",
    "Sudan Standard Time": "South Africa Standard Time",
    "UTC+13": "Tonga Standard Time",
    "Volgograd Standard Time": "Russian Standard Time",
    "Yukon Standard Time": "US Mountain Standard Time",
}
# Names of IANA to those of Windows (CLDR, ``windowsZones``) that Azure ML's schedules take.
TIME_ZONES: Mapping[str, str] = {
    name: _NEWER.get(windows, windows) for name, windows in tz_win.items()
}


_SIZE = re.compile(r"Standard_([A-Z]+)(\d+)([a-z]*)((?:_[A-Z0-9]+)?)(_v\d+)?")
# Of the second version of the D series the number is no count ("Dv2 and DSv2-series").
_V2_CORES = {1: 1, 2: 2, 3: 4, 4: 8, 5: 16, 11: 2, 12: 4, 13: 8, 14: 16}
# Quotas that are not called as their sizes are ("Managed online endpoints SKU list", family name).
_FAMILIES = {
    "Standard_FX#mds": "standardFXMDVSFamily",
    "Standard_NC#ads_A100_v4": "standardNCADSA100v4Family",
    "Standard_NC#ads_H100_v5": "standardNCADSH100v5Family",
    "Standard_NC#adis_H100_v5": "standardNCADSH100v5Family",
    "Standard_ND#rs_v2": "standardNDSv2Family",
    "Standard_ND#asr_v4": "standard NDASv4_A100 Family",
    "Standard_ND#isr_H100_v5": "standardNDv5H100Family",
}
# Sizes of which the service reserves none for itself (same list, "Skip 20% Reservation").
_WITHOUT_RESERVE = frozenset(
    {
        "Standard_NC#ads_A100_v4",
        "Standard_NC#ads_H100_v5",
        "Standard_NC#adis_H100_v5",
        "Standard_ND#rs_v2",
        "Standard_ND#asr_v4",
        "Standard_ND#isr_H100_v5",
    }
)


def cores(size: str) -> int:
    """The processors of a machine of this size; raises ValueError for no size."""
    match = _SIZE.fullmatch(size)
    if match is None:
        raise ValueError(f"{size!r} is no size of a machine")
    series, number, *_, version = match.groups()
    is_v2 = series in ("D", "DS") and version == "_v2"
    return _V2_CORES[int(number)] if is_v2 else int(number)


def deployment_cores(size: str, instances: int) -> int:
    """The cores of quota that a deployment of so many instances takes.

    Azure ML reserves a fifth more for its own upgrades of the machines, and refuses a deployment
    without it (learn.microsoft.com, "Manage and increase quotas and limits for resources with Azure
    Machine Learning", "Virtual machine quota allocation for deployment").
    """
    reserve = 0 if _series(size) in _WITHOUT_RESERVE else math.ceil(instances / 5)
    return (instances + reserve) * cores(size)


def quota_family(size: str) -> str:
    """The name of a size's quota, folded: ``standarddsv2family``; ValueError for no size."""
    if family := _FAMILIES.get(_series(size)):
        return folded(family)
    match = _SIZE.fullmatch(size)
    if match is None:
        raise ValueError(f"{size!r} is no size of a machine")
    series, _, letters, more, version = match.groups()
    return folded(f"standard{series}{letters}{version or ''}{more}family")


def folded(name: str) -> str:
    """A quota's name as it is compared: "standardDSv2Family", "Standard DSv2 Family"."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def near(size: str, sizes: tuple[str, ...]) -> list[str]:
    """Sizes to offer for an unknown one: those of its series, or one of every series."""
    series = {candidate: _series(candidate) for candidate in sizes}
    alike = [candidate for candidate in sizes if series[candidate] == _series(size)]
    return alike or list({name: candidate for candidate, name in series.items()}.values())


def _series(size: str) -> str:
    return NUMBER.sub("#", size, count=1)


def compute_type(model: Model) -> str:
    """The instance type that a model's steps run on."""
    return model.compute.instance_type or COMPUTE


def endpoint_type(model: Model) -> str:
    """The instance type that a model is served from."""
    return model.endpoint.instance_type or ENDPOINT


def image(model: Model) -> str:
    """The environment's id or the container image that a model is trained and served in."""
    return model.compute.image or IMAGE


def windows_zone(name: str) -> str:
    """The time zone as Azure ML's schedules call it."""
    return TIME_ZONES[name]
