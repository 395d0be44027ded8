"""One accepted resource of every type in the catalog, in the order of their references.

`${name.output}` in an input stands for an output (or the `id`) of an earlier sample.
"""

from __future__ import annotations

from tests.simcloud.samples.aws import AWS
from tests.simcloud.samples.azure import AZURE
from tests.simcloud.samples.gcp import GCP

SAMPLES = {"aws": AWS, "azure-native": AZURE, "gcp": GCP}
SETTINGS = {
    "aws": {"region": "eu-central-1"},
    "azure-native": {"location": "westeurope"},
    "gcp": {"project": "sim-project", "region": "europe-west4"},
}

__all__ = ["SAMPLES", "SETTINGS"]
