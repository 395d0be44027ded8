"""CI/CD pipelines: the code package, and the training and drift-check pipelines it runs in."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pulumi

from components.capability import Capability
from components.registry import Registry
from components.settings import Model, Settings


@dataclass(frozen=True)
class PipelineArgs:
    """Arguments of the pipelines."""

    settings: Settings
    registry: Registry


@dataclass(frozen=True)
class PipelineShared:
    """Of the whole stack: the code package's digest, and where it is in the store."""

    digest: str
    package: pulumi.Output[str]


@dataclass(frozen=True)
class PipelineModel:
    """Of one model: its two pipelines, by the name or address that starts them."""

    training: pulumi.Output[str]
    drift_check: pulumi.Output[str]


class Pipeline(Capability[PipelineShared, PipelineModel]):
    """Packages `training/` once and compiles each pipeline per model for the target.

    What it makes on a target stands in `components/pipeline/<target>.py`.
    """


def step_settings(
    model: Model,
    code: str,
    store: pulumi.Input[str],
    registry: pulumi.Input[str],
    image: str | None,
) -> dict[str, pulumi.Input[str] | None]:
    """All settings that pipeline steps take, as text, by the names `training.pipeline` uses."""
    plain = {
        "model": model.name,
        "code": code,
        "image": image,
        "model_file": model.model_file,
        "columns": json.dumps(model.data.columns),
        "key": model.data.key,
        "task": model.data.task,
        "target": model.data.target,
        "time_column": model.data.time_column,
        "split": model.split.method,
        "split_by": model.split.by,
        "holdout": model.split.holdout,
        "margin": model.gate.margin,
        "approval": model.approval,
        "min_rows": model.retraining.min_rows,
        "cooldown_hours": model.retraining.cooldown_hours,
        "max_run_minutes": model.retraining.max_run_minutes,
        "alpha": model.drift.alpha,
        "min_effect": model.drift.min_effect,
        "min_effects": json.dumps(model.drift.min_effects),
        "min_window_rows": model.drift.min_rows,
        "min_metric_loss": model.drift.min_metric_loss,
        "block": model.drift.block,
        "on_drift": model.retraining.on_drift,
    }
    text = {name: None if value is None else str(value) for name, value in plain.items()}
    return {**text, "store": store, "registry": registry}
