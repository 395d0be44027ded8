"""Schedules on this computer, kept by `mlops serve`."""

from __future__ import annotations

from typing import Any

import pulumi

from components.capability import NoOutputs
from components.retraining import RetrainingArgs, RetrainingModel
from components.scope import ModelScope
from components.targets.local.dynamic import Document


def create_model(
    scope: ModelScope, args: RetrainingArgs, shared: NoOutputs, opts: pulumi.ResourceOptions
) -> RetrainingModel:
    """The model's schedules."""
    document = Document(
        f"{scope.model.name}-schedules",
        path=pulumi.Output.concat(args.registry.models[scope.model.name].folder, "/schedules.json"),
        content={
            "retraining": _schedule(scope.model.retraining.schedule, scope.model.timezone),
            "drift_check": _schedule(scope.model.drift.schedule, scope.model.timezone),
            "on_drift": scope.model.retraining.on_drift,
            "retention_days": scope.settings.retention_days,
        },
        opts=opts,
    )
    return RetrainingModel(schedules=document.path)


def _schedule(cron: str | None, timezone: str) -> dict[str, Any] | None:
    return None if cron is None else {"cron": cron, "timezone": timezone}
