"""What is asked of SageMaker's registry: a request made without any call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from training.scoring.bundle import SERVING

Request = dict[str, Any]

# The endpoint's release approves it.
PENDING = "PendingManualApproval"
JSON = "application/json"


def described(run: str) -> str:
    """The description of the model package that `run` makes."""
    return f"run {run}"


def model_package(
    group: str, image: str, model: Any, quality: Any, types: Sequence[str] = ()
) -> Request:
    """CreateModelPackage of a version, without the description that names its run.

    `model` and `quality` are the addresses of its archive and of its evaluation, or what stands
    for them in a pipeline's definition; `types` the instances it may be served by, any if none.
    """
    serving = {"SupportedRealtimeInferenceInstanceTypes": list(types)} if types else {}
    return {
        "ModelPackageGroupName": group,
        "ModelApprovalStatus": PENDING,
        "InferenceSpecification": {
            "Containers": [{"Image": image, "ModelDataUrl": model, "Environment": dict(SERVING)}],
            "SupportedContentTypes": [JSON],
            "SupportedResponseMIMETypes": [JSON],
            **serving,
        },
        "ModelMetrics": {"ModelQuality": {"Statistics": {"ContentType": JSON, "S3Uri": quality}}},
    }
