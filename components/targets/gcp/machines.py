"""Regions of Vertex AI, and the machine types that it serves and trains on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from components.settings import Model

COMPUTE, ENDPOINT = "n1-standard-2", "n1-standard-2"
# A version is trained and served in the same image; the one for predictions has what both need.
# https://cloud.google.com/vertex-ai/docs/predictions/pre-built-containers
IMAGE = "{continent}-docker.pkg.dev/vertex-ai/prediction/sklearn-cpu.1-6:latest"
# Until when Google patches an image, and until when it is there at all: `mlops doctor` says so.
# https://cloud.google.com/vertex-ai/docs/supported-frameworks
SUPPORT = {"1-6": ("2026-10-14", "2027-10-14")}

# The locations of the discovery document of aiplatform.v1, without multi-regions.
REGIONS = (
    "africa-south1", "asia-east1", "asia-east2", "asia-northeast1", "asia-northeast2",
    "asia-northeast3", "asia-south1", "asia-south2", "asia-southeast1", "asia-southeast2",
    "australia-southeast1", "australia-southeast2", "europe-central2", "europe-north1",
    "europe-north2", "europe-southwest1", "europe-west1", "europe-west10", "europe-west12",
    "europe-west2", "europe-west3", "europe-west4", "europe-west6", "europe-west8",
    "europe-west9", "me-central1", "me-central2", "me-west1", "northamerica-northeast1",
    "northamerica-northeast2", "southamerica-east1", "southamerica-west1", "us-central1",
    "us-east1", "us-east4", "us-east5", "us-south1", "us-west1", "us-west2", "us-west3",
    "us-west4",
)  # fmt: skip

# Gigabytes of memory per processor, and the numbers of processors, of the families for CPUs.
# https://cloud.google.com/vertex-ai/docs/predictions/configure-compute
MACHINES = {
    "n1-standard": (3.75, (2, 4, 8, 16, 32)),
    "n1-highmem": (6.5, (2, 4, 8, 16, 32)),
    "n1-highcpu": (0.9, (4, 8, 16, 32)),
    "e2-standard": (4.0, (2, 4, 8, 16, 32)),
    "e2-highmem": (8.0, (2, 4, 8, 16)),
    "e2-highcpu": (1.0, (2, 4, 8, 16, 32)),
    "n2-standard": (4.0, (2, 4, 8, 16, 32, 48, 64, 80)),
    "n2-highmem": (8.0, (2, 4, 8, 16, 32, 48, 64, 80)),
    "n2-highcpu": (1.0, (2, 4, 8, 16, 32, 48, 64, 80)),
    "c2-standard": (4.0, (4, 8, 16, 30, 60)),
}
# Where the images of a part of the world are kept.
# https://cloud.google.com/vertex-ai/docs/predictions/pre-built-containers
CONTINENTS = {
    "us": ("us", "northamerica", "southamerica"),
    "europe": ("europe", "africa", "me"),
    "asia": ("asia", "australia"),
}


def machine(kind: str) -> tuple[float, float] | None:
    """Processors and gigabytes of a machine type; None for one that is not known."""
    match = re.fullmatch(r"(\w+-\w+)-(\d+)", kind)
    family = MACHINES.get(match.group(1)) if match else None
    if match is None or family is None or int(match.group(2)) not in family[1]:
        return None
    return float(match.group(2)), float(match.group(2)) * family[0]


def continent(region: str) -> str:
    """The multi-region, us, europe or asia, that holds the images nearest to `region`."""
    part = region.split("-")[0]
    return next(name for name, parts in CONTINENTS.items() if part in parts)


def compute_type(model: Model) -> str:
    """The instance type that a model's steps run on."""
    return model.compute.instance_type or COMPUTE


def endpoint_type(model: Model) -> str:
    """The instance type that a model is served from."""
    return model.endpoint.instance_type or ENDPOINT


def image(model: Model) -> str:
    """The image that a model is trained and served in."""
    from components.targets.gcp.resources import region

    return model.compute.image or IMAGE.format(continent=continent(region()))
