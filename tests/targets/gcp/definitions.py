"""Both pipelines of a model, compiled for Vertex AI with settings in which every flag is given."""

from __future__ import annotations

from typing import Any

from components.pipeline.gcp_definition import StepEnvironment, definition
from training import pipeline as neutral

BUCKET = "mlops-gcp-dev-0000000"
ENVIRONMENT = StepEnvironment(
    name="mlops-gcp-dev-churn-training",
    image="europe-docker.pkg.dev/vertex-ai/prediction/sklearn-cpu.1-6:latest",
    package=f"gs://{BUCKET}/code/mlops_training-0.1.0+0-py3-none-any.whl",
    outputs=f"gs://{BUCKET}/models/churn/runs",
    sources={"data": "gs://my-company-data/churn/", "captures": "bq://p.mlops_gcp_dev.churn"},
    processors=2.0,
    gigabytes=7.5,
)
SETTINGS: dict[str, str | None] = {
    name: f"the-{name}"
    for pipeline in neutral.PIPELINES
    for step in pipeline.steps
    for name in step.settings
}


def spec(pipeline: neutral.Pipeline) -> dict[str, Any]:
    """The pipeline's spec."""
    return definition(pipeline, SETTINGS, ENVIRONMENT)
