"""Refusals that users of the clouds met, from public threads."""

from __future__ import annotations

from refusals.aws import AWS
from refusals.azure import AZURE
from refusals.case import Refusal
from refusals.eighteenth_azure import EIGHTEENTH_AZURE
from refusals.eighteenth_gcp import EIGHTEENTH_GCP
from refusals.eighteenth_gcp_limits import SECOND_GCP
from refusals.eighteenth_gcp_stores import STORES_GCP
from refusals.eighth import EIGHTH
from refusals.eleventh import ELEVENTH
from refusals.fifteenth_aws import AWS as FIFTEENTH_AWS
from refusals.fifteenth_azure import FIFTEENTH_AZURE
from refusals.fifteenth_buckets import BUCKETS
from refusals.fifteenth_gcp import FIFTEENTH_GCP
from refusals.fifth import FIFTH
from refusals.fourteenth import FOURTEENTH
from refusals.fourth import FOURTH
from refusals.gcp import GCP
from refusals.nineteenth_aws import NINETEENTH_AWS
from refusals.nineteenth_azure import NINETEENTH_AZURE
from refusals.nineteenth_gcp import NINETEENTH_GCP
from refusals.ninth import NINTH
from refusals.seventeenth_azure import SEVENTEENTH_AZURE
from refusals.seventeenth_gcp import SEVENTEENTH_GCP
from refusals.seventh import SEVENTH
from refusals.sixteenth_aws import AWS as SIXTEENTH_AWS
from refusals.sixteenth_azure import STORES_AND_ROLES
from refusals.sixteenth_azure_services import SERVICES_IN_USE
from refusals.sixteenth_gcp import SIXTEENTH_GCP
from refusals.sixth import SIXTH
from refusals.tenth import TENTH
from refusals.thirteenth import THIRTEENTH
from refusals.twelfth import TWELFTH
from refusals.twentieth_aws import AWS as TWENTIETH_AWS
from refusals.twentieth_azure import AZURE as TWENTIETH_AZURE
from refusals.twentieth_gcp import GCP as TWENTIETH_GCP

FIRST: dict[str, list[Refusal]] = {"aws": AWS, "azure-native": AZURE, "gcp": GCP}
FIFTEENTH: dict[str, list[Refusal]] = {
    "aws": [*FIFTEENTH_AWS, *BUCKETS],
    "azure-native": FIFTEENTH_AZURE,
    "gcp": FIFTEENTH_GCP,
}
SIXTEENTH: dict[str, list[Refusal]] = {
    "aws": SIXTEENTH_AWS,
    "azure-native": [*STORES_AND_ROLES, *SERVICES_IN_USE],
    "gcp": SIXTEENTH_GCP,
}
SEVENTEENTH: dict[str, list[Refusal]] = {
    "aws": [],
    "azure-native": SEVENTEENTH_AZURE,
    "gcp": SEVENTEENTH_GCP,
}
EIGHTEENTH: dict[str, list[Refusal]] = {
    "aws": [],
    "azure-native": EIGHTEENTH_AZURE,
    "gcp": [*EIGHTEENTH_GCP, *STORES_GCP, *SECOND_GCP],
}
NINETEENTH: dict[str, list[Refusal]] = {
    "aws": NINETEENTH_AWS,
    "azure-native": NINETEENTH_AZURE,
    "gcp": NINETEENTH_GCP,
}
TWENTIETH: dict[str, list[Refusal]] = {
    "aws": TWENTIETH_AWS,
    "azure-native": TWENTIETH_AZURE,
    "gcp": TWENTIETH_GCP,
}
REFUSALS = {
    package: [
        case
        for cases in (
            FIRST,
            FOURTH,
            FIFTH,
            SIXTH,
            SEVENTH,
            EIGHTH,
            NINTH,
            TENTH,
            ELEVENTH,
            TWELFTH,
            THIRTEENTH,
            FOURTEENTH,
            FIFTEENTH,
            SIXTEENTH,
            SEVENTEENTH,
            EIGHTEENTH,
            NINETEENTH,
            TWENTIETH,
        )
        for case in cases[package]
    ]
    for package in FIRST
}

__all__ = ["REFUSALS"]
