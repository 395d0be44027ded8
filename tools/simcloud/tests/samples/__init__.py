"""One accepted resource of every type in the catalog, in the order of their references.

`${name.output}` in an input stands for an output (or the `id`) of an earlier sample.
"""

from __future__ import annotations

from samples.aws import AWS
from samples.azure import AZURE
from samples.gcp import GCP

SAMPLES = {"aws": AWS, "azure-native": AZURE, "gcp": GCP}
SETTINGS = {
    "aws": {"region": "eu-central-1"},
    "azure-native": {"location": "westeurope"},
    "gcp": {"project": "sim-project", "region": "europe-west4"},
}

__all__ = ["SAMPLES", "SETTINGS"]
