"""The components of a model's pipelines, compiled for a place that there need not be."""

from __future__ import annotations

from typing import Any

from components.config import parse
from components.pipeline import step_settings
from components.pipeline.azure_definition import (
    Serverless,
    Spec,
    command_component,
    component_name,
    pipeline_component,
)
from components.targets.azure.machines import IMAGE
from training.pipeline import Pipeline

WORKSPACE = (
    "/subscriptions/5ca1ab1e-0000-4000-8000-00000c10d000/resourceGroups/mlops-dev/providers"
    "/Microsoft.MachineLearningServices/workspaces/mlops-dev"
)
STORE = "https://mlopsdev.blob.core.windows.net/store"
REGISTRY = f"azureml:/{WORKSPACE.replace('/providers/Microsoft.MachineLearningServices', '')}"
WHEEL = "mlops_training-0.1.0+0123456789ab-py3-none-any.whl"


def compiled(
    pipeline: Pipeline, config: dict[str, Any], serverless: Serverless | None = None
) -> dict[str, Spec]:
    """The components of `pipeline` by the name of the step, and the whole pipeline's as ""."""
    model = parse(config).models[0]
    values: Any = step_settings(model, "0" * 64, STORE, REGISTRY, IMAGE)
    name = component_name("mlops-dev", model.name, pipeline.name)
    components = {
        step.name: command_component(
            component_name(name, step.name),
            pipeline,
            step,
            values,
            captures=f"{STORE}/models/{model.name}/captures",
            data="uri_folder",
            wheel=WHEEL,
            code=f"{WORKSPACE}/codes/mlops-dev/versions/1",
            environment=IMAGE,
            retrain=step.name == "drift",
        )
        for step in pipeline.steps
    }
    ids = {
        step: f"{WORKSPACE}/components/{spec['name']}/versions/1"
        for step, spec in components.items()
    }
    spec_of_pipeline = pipeline_component(name, pipeline, ids, "uri_folder", serverless)
    return {
        step: {**spec, "version": "1"}
        for step, spec in {**components, "": spec_of_pipeline}.items()
    }
