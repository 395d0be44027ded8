"""Schedules on this computer, kept by `mlops serve`."""

from __future__ import annotations

from typing import Any

import pulumi

from components.local_resources import Document
from components.retraining import RetrainingArgs, RetrainingModel, RetrainingShared
from components.settings import Model


def shared(args: RetrainingArgs, opts: pulumi.ResourceOptions) -> RetrainingShared:
    """Nothing."""
    return RetrainingShared()


def model(
    args: RetrainingArgs, settings: Model, shared: RetrainingShared, opts: pulumi.ResourceOptions
) -> RetrainingModel:
    """The model's schedules."""
    document = Document(
        f"{settings.name}-schedules",
        path=pulumi.Output.concat(args.registry.models[settings.name].folder, "/schedules.json"),
        content={
            "retraining": _schedule(settings.retraining.schedule, settings.timezone),
            "drift_check": _schedule(settings.drift.schedule, settings.timezone),
            "on_drift": settings.retraining.on_drift,
            "retention_days": args.settings.retention_days,
        },
        opts=opts,
    )
    return RetrainingModel(schedules=document.path)


def _schedule(cron: str | None, timezone: str) -> dict[str, Any] | None:
    return None if cron is None else {"cron": cron, "timezone": timezone}
