"""Every setting of a stack: its type, its default and what is allowed.

Keys are written in the stack file as ``mlops:drift: {minEffect: 0.05}`` or set with
``pulumi config set --path drift.minEffect 0.05``.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from components.setting_types import (
    Cron,
    Effect,
    ModelFile,
    Name,
    Receiver,
    Section,
    Share,
    TargetName,
    TimeZone,
)
from training import models


class Data(Section):
    """The labeled table: a CSV, Parquet, Arrow or JSON lines file, or a folder of them."""

    location: str = Field(description="file or folder; on a cloud, a URL of its object store")
    target: str = Field(description="the column to predict")
    task: Literal["classification", "regression"] | None = Field(
        default=None, description="by the target's values if not set"
    )
    columns: dict[str, Literal["text", "number", "time", "boolean", "ignore"]] = Field(
        default={}, description="kinds of columns whose values say another one, or ignore"
    )
    key: str | None = Field(
        default=None, description="column that names a row, which keeps its side of the split"
    )
    time_column: str | None = Field(
        default=None, description="when a row happened, if the table says"
    )
    kms_key: str | None = Field(
        default=None,
        description="on AWS, ARN of the key that the table is encrypted with, if not S3's own; "
        "its policy has to let the jobs' role decrypt",
    )


class Split(Section):
    """Rows held out to score champion and challenger."""

    method: Literal["hash", "time"] = Field(
        default="hash", description="hash: a stable draw; time: the newest rows by data.timeColumn"
    )
    by: str | None = Field(
        default=None, description="column whose equal values stay together (a day)"
    )
    holdout: Share = Field(default=0.2, description="share of the rows held out")


class Gate(Section):
    """Conditions for a challenger to become the champion."""

    margin: float = Field(default=0.0, ge=0, description="how much better its metric has to be")


class Drift(Section):
    """The drift check: a feature drifts if its change is significant and large enough."""

    schedule: Cron | None = Field(default="0 6 * * *", description="when it runs; null for never")
    alpha: Share = Field(default=0.05, description="share of false alarms among alarms")
    min_effect: Effect = Field(default=0.02, description="smallest change that matters")
    min_effects: dict[str, Effect] = Field(default={}, description="the same for single columns")
    min_rows: int = Field(default=500, ge=2, description="fewer rows are insufficient data")
    min_metric_loss: float = Field(
        default=0.01, ge=0, description="smallest loss of the model's metric that matters"
    )
    block: str | None = Field(
        default=None,
        description="column whose equal values mark rows that depend on each other: an input "
        "(an entity), or data.timeColumn (rows of one day)",
    )
    max_age_hours: float = Field(default=26, gt=0, description="older checks raise an alarm")
    instances: int | None = Field(
        default=None,
        ge=1,
        le=100,
        description="on AWS, the machines that share out the captures of a check; 1 if not set",
    )


class Retraining(Section):
    """Retraining: its schedule and its triggers."""

    schedule: Cron | None = Field(default="0 3 * * 1", description="when; null for never")
    on_drift: bool = Field(default=True, description="also when the drift alarm fires")
    cooldown_hours: float = Field(default=24, ge=0, description="hours between two retrainings")
    min_rows: int = Field(default=1000, ge=0, description="new labeled rows since the champion's")
    max_run_minutes: float = Field(default=120, gt=0, description="then a run's lease ends")


class Endpoint(Section):
    """The model's endpoint."""

    instance_type: str | None = Field(
        default=None, description="the target's default; none on local"
    )
    instances: int = Field(default=1, ge=1, description="how many there are at least")
    max_instances: int | None = Field(
        default=None, ge=1, description="how many autoscaling goes up to; no more than instances"
    )
    rollback_alarms: list[str] = Field(
        default=["endpoint-errors", "endpoint-latency"],
        min_length=1,
        max_length=10,
        description="alarms that take a new version back: the model's by name, or others",
    )
    canary_percent: int = Field(
        default=10, ge=1, le=50, description="traffic that a new version gets first"
    )
    canary_minutes: float | None = Field(
        default=None,
        ge=0,
        description="how long it is watched before it gets all: longer than the service takes to "
        "show what it answered; 0 for no canary; 5 if not set, on local 0",
    )
    canary_min_requests: int = Field(
        default=20, ge=1, description="answers of a new version that its latency is judged by"
    )
    canary_wait_minutes: float = Field(
        default=0,
        ge=0,
        description="how much longer so many are waited for; then the release stops half-way, to "
        "be resumed; 0 goes on with fewer",
    )
    mirror_percent: int = Field(
        default=0,
        ge=0,
        le=50,
        description="on Azure and local, requests that it gets a copy of, and is watched with, "
        "before any",
    )
    keep_previous_minutes: float = Field(
        default=60,
        ge=0,
        description="on Azure, Google Cloud and local, whose endpoints can hold two, how long the "
        "version before is kept able to serve: its instances are paid for as long",
    )
    capture_percent: int = Field(default=100, ge=0, le=100, description="requests captured")
    capture_by: Literal["container", "service"] | None = Field(
        default=None,
        description="on AWS, who captures: the container (if not set), or SageMaker's data "
        "capture, which new accounts may not have",
    )
    capture_durable: bool = Field(
        default=False,
        description="on local, an answer waits until its capture is on the disk; otherwise a kill "
        "of the server loses the captures of its last second",
    )
    workers: int = Field(
        default=1, ge=1, le=64, description="on local, processes that answer at one port"
    )
    port: int = Field(default=0, ge=0, le=65535, description="on local; 0 for any free port")
    max_error_share: float = Field(default=0.01, ge=0, le=1, description="more 5XX raise an alarm")
    max_latency_ms: float = Field(default=500, gt=0, description="a higher p95 raises an alarm")


class Compute(Section):
    """Machines of the pipeline's steps, on a cloud."""

    instance_type: str | None = Field(
        default=None, description="the target's default; none on local"
    )
    image: str | None = Field(
        default=None,
        description="a container image to train and serve in; the service's own scikit-learn "
        "image if not set; none on local",
    )
    serverless: bool = Field(
        default=False, description="on Azure, without a cluster of the model's own"
    )
    volume_gb: int | None = Field(
        default=None, ge=1, description="on AWS, the disk of each step's machine; 30 if not set"
    )


class Model(Section):
    """One model of the stack."""

    name: Name
    model_file: ModelFile = Field(default=models.DEFAULT, description="the file in training/models")
    data: Data
    split: Split = Split()
    gate: Gate = Gate()
    approval: Literal["automatic", "manual"] = Field(
        default="manual", description="who releases a version that passed the gate"
    )
    drift: Drift = Drift()
    retraining: Retraining = Retraining()
    endpoint: Endpoint = Endpoint()
    compute: Compute = Compute()
    timezone: TimeZone = Field(default="UTC", description="of the schedules")


class Alerts(Section):
    """Receivers of alarms."""

    webhooks: list[Receiver] = Field(default=[], description="URLs that alarms are posted to")
    emails: list[str] = Field(default=[], description="e-mail addresses")


class Budget(Section):
    """An alarm on the month's bill of the stack: at 80 and 100 percent, and if 100 is forecast."""

    monthly: float | None = Field(
        default=None, gt=0, description="in the currency of the account's bill; null for no alarm"
    )
    receivers: list[str] = Field(
        default=[], description="e-mail addresses; alerts.emails if there are none"
    )


class Registry(Section):
    """A registry of versions beside the stack's own."""

    shared: str | None = Field(
        default=None,
        description="on Azure, a registry of several workspaces that released versions are "
        "copied to: a name, to make one, or the resource id of one that is there",
    )


class Github(Section):
    """The repository whose workflows may act on the stack, without a key (OIDC)."""

    repository: str | None = Field(
        default=None, pattern=r"^[\w.-]+/[\w.-]+$", description="OWNER/NAME; null for none"
    )
    owner_id: int | None = Field(
        default=None, gt=0, description="the owner's number, in subjects since July 2026"
    )
    repository_id: int | None = Field(default=None, gt=0, description="the repository's number")
    branch: str = Field(default="main", description="whose workflows may bring the stack up")
    environment: str | None = Field(
        default=None, description="the GitHub environment that deploys; the stack's name if null"
    )
    provider: str | None = Field(
        default=None,
        description="on AWS, ARN of the account's provider for GitHub, of which there can be one; "
        "made if null",
    )


class Ci(Section):
    """Identities that may preview, deploy and promote from a pipeline of the code host."""

    github: Github = Github()


class Settings(Section):
    """A whole stack."""

    target: TargetName = Field(default="local", description="where the stack runs")
    prefix: Name = Field(default="mlops", description="what names in the cloud begin with")
    models: tuple[Model, ...]
    alerts: Alerts = Alerts()
    budget: Budget = Budget()
    ci: Ci = Ci()
    registry: Registry = Registry()
    retention_days: int = Field(
        default=90, ge=1, description="captures, runs and logs older are deleted"
    )
    allow_model_deletion: bool = Field(
        default=False, description="let destroy remove registered models and their releases"
    )
    owns_job_logs: bool = Field(
        default=False,
        description="on AWS, keep the logs of all SageMaker jobs in the account and region for "
        "retentionDays: their groups are the account's, so one stack can",
    )
    tags: dict[str, str] = Field(default={}, description="on every resource that takes them")

    def model(self, name: str) -> Model:
        """The model called `name`."""
        return next(model for model in self.models if model.name == name)
