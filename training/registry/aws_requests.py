"""The request to SageMaker's registry, made without any call."""

from __future__ import annotations

from typing import Any

from training.scoring.bundle import SERVING

Request = dict[str, Any]

# The endpoint's release approves it.
PENDING = "PendingManualApproval"
JSON = "application/json"


def package_description(run: str) -> str:
    """The description of the model package that `run` makes."""
    return f"run {run}"


def model_package(group: str, run: str, image: str, model: str, quality: str) -> Request:
    """CreateModelPackage of the version that `run` made.

    `model` and `quality` are the addresses of its archive and of its evaluation.
    """
    return {
        "ModelPackageGroupName": group,
        "ModelPackageDescription": package_description(run),
        "ModelApprovalStatus": PENDING,
        "InferenceSpecification": {
            "Containers": [{"Image": image, "ModelDataUrl": model, "Environment": dict(SERVING)}],
            "SupportedContentTypes": [JSON],
            "SupportedResponseMIMETypes": [JSON],
        },
        "ModelMetrics": {"ModelQuality": {"Statistics": {"ContentType": JSON, "S3Uri": quality}}},
    }
