"""Sizes that endpoints are served on, and the quota they take, as Azure ML's own list has them."""

from __future__ import annotations

import re

import pytest

from components.targets.azure import machines

# learn.microsoft.com, "Managed online endpoints SKU list": the family's name, the size's, the
# numbers in it, and whether "Skip 20% Reservation" says yes. NCv3 and what went before it are left
# out: retired ("Retired Azure VM size series").
SKUS = (
    ("standardDASv4Family", "STANDARD_D{}AS_V4", "2 4 8 16 32 48 64 96", False),
    ("standardDAv4Family", "STANDARD_D{}A_V4", "2 4 8 16 32 48 64 96", False),
    ("standardDSv2Family", "STANDARD_DS{}_V2", "1 2 3 4 5", False),
    ("standardESv3Family", "STANDARD_E{}S_V3", "2 4 8 16 32 48 64", False),
    ("standardFSv2Family", "STANDARD_F{}S_V2", "2 4 8 16 32 48 64 72", False),
    ("standardFXMDVSFamily", "STANDARD_FX{}MDS", "4 12 24 36 48", False),
    ("standardLASv3Family", "STANDARD_L{}AS_V3", "8 16 32 48 64 80", False),
    ("standardLSv2Family", "STANDARD_L{}S_V2", "8 16 32 48 64 80", False),
    ("standardLSv3Family", "STANDARD_L{}S_V3", "8 16 32 48 64 80", False),
    ("standardNCADSA100v4Family", "STANDARD_NC{}ADS_A100_V4", "24 48 96", True),
    ("standard NCASv3_T4 Family", "STANDARD_NC{}AS_T4_V3", "4 8 16 64", False),
    ("standardNCADSH100v5Family", "STANDARD_NC{}ADS_H100_V5", "40", True),
    ("standardNCADSH100v5Family", "STANDARD_NC{}ADIS_H100_V5", "80", True),
    ("standard NDASv4_A100 Family", "STANDARD_ND{}ASR_V4", "96", True),
    ("standardNDSv2Family", "STANDARD_ND{}RS_V2", "40", True),
    ("standardNDv5H100Family", "STANDARD_ND{}ISR_H100_V5", "96", True),
)
ROWS = {
    size.format(number): (family, skips)
    for family, size, numbers, skips in SKUS
    for number in numbers.split()
}


def test_the_sizes_to_serve_from_are_those_of_the_list() -> None:
    assert {size.upper() for size in machines.SERVING_SIZES} == set(ROWS)


@pytest.mark.parametrize("size", machines.SERVING_SIZES)
def test_a_size_takes_quota_of_its_family_with_what_the_service_reserves(size: str) -> None:
    family, skips = ROWS[size.upper()]
    assert machines.quota_family(size) == machines.folded(family)
    for instances, reserved in ((1, 2), (5, 6), (6, 8), (10, 12)):
        count = instances if skips else reserved
        assert machines.deployment_cores(size, instances) == count * machines.cores(size)


def test_the_example_of_the_documentation() -> None:
    """Ten instances of a size of four cores "should have a quota for 48 cores"."""
    assert machines.deployment_cores("Standard_DS3_v2", 10) == 48


def test_no_size_is_offered_that_was_retired() -> None:
    """NCv3, on 2025-09-30 (learn.microsoft.com, "Retired Azure VM size series")."""
    offered = {*machines.SERVING_SIZES, *machines.TRAINING_SIZES}
    assert not [size for size in offered if re.fullmatch(r"Standard_NC\d+r?s_v3", size)]
