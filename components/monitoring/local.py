"""Monitoring on this computer: alarm rules for `mlops serve` and `mlops status`."""

from __future__ import annotations

import pulumi

from components.local_resources import Document
from components.monitoring import (
    DRIFT_ALARM,
    MonitoringArgs,
    MonitoringModel,
    MonitoringShared,
    rules,
)
from components.settings import Model


def shared(args: MonitoringArgs, opts: pulumi.ResourceOptions) -> MonitoringShared:
    """The webhooks."""
    return MonitoringShared(receivers=pulumi.Output.from_input(args.settings.alerts.webhooks))


def model(
    args: MonitoringArgs, settings: Model, shared: MonitoringShared, opts: pulumi.ResourceOptions
) -> MonitoringModel:
    """The model's alarm rules."""
    document = Document(
        f"{settings.name}-alarms",
        path=pulumi.Output.concat(args.registry.models[settings.name].folder, "/alarms.json"),
        content={"rules": rules(settings), "webhooks": shared.receivers},
        opts=opts,
    )
    return MonitoringModel(alarms=document.path, drift_alarm=DRIFT_ALARM)
