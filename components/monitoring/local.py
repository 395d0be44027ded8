"""Monitoring on this computer: alarm rules for `mlops serve` and `mlops status`."""

from __future__ import annotations

import pulumi

from components.monitoring import (
    MonitoringArgs,
    MonitoringModel,
    MonitoringShared,
    alarm_rules,
)
from components.scope import ModelScope, StackScope
from components.targets.local.dynamic import Document
from training.monitoring.rules import DRIFT
from training.serving.mail import SCHEME


def create_shared(
    scope: StackScope, args: MonitoringArgs, opts: pulumi.ResourceOptions
) -> MonitoringShared:
    """The webhooks and e-mail addresses."""
    alerts = scope.settings.alerts
    receivers = [*alerts.webhooks, *(f"{SCHEME}{address}" for address in alerts.emails)]
    return MonitoringShared(receivers=pulumi.Output.from_input(receivers))


def create_model(
    scope: ModelScope, args: MonitoringArgs, shared: MonitoringShared, opts: pulumi.ResourceOptions
) -> MonitoringModel:
    """The model's alarm rules."""
    document = Document(
        f"{scope.model.name}-alarms",
        path=pulumi.Output.concat(args.registry.models[scope.model.name].folder, "/alarms.json"),
        content={
            "rules": [rule.as_document() for rule in alarm_rules(scope.model)],
            "webhooks": shared.receivers,
        },
        opts=opts,
    )
    return MonitoringModel(alarms=document.path, drift_alarm=DRIFT)
