"""Automated retraining: on a schedule and on drift; and the schedule of the drift check."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components.capability import Capability, NoOutputs
from components.monitoring import Monitoring
from components.pipeline import Pipeline
from components.registry import Registry
from components.settings import Settings


@dataclass(frozen=True)
class RetrainingArgs:
    """Arguments of the schedules."""

    settings: Settings
    registry: Registry
    pipeline: Pipeline
    monitoring: Monitoring


@dataclass(frozen=True)
class RetrainingModel:
    """Of one model: its schedules, by name or address."""

    schedules: pulumi.Output[str]


class Retraining(Capability[NoOutputs, RetrainingModel]):
    """Starts the pipelines; whether a retraining goes ahead is decided by its first step.

    What it makes on a target stands in `components/retraining/<target>.py`.
    """
