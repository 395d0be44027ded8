"""Schedules on Google Cloud, and the way from a drift alarm to the training pipeline."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_gcp as gcp

from components.capability import INTERNAL
from components.monitoring.gcp import drift
from components.pipeline.gcp import actors, pipeline_jobs
from components.registry.gcp import create_agent, foundation
from components.retraining import RetrainingArgs, RetrainingModel
from components.retraining.gcp_workflow import workflow
from components.scope import ModelScope, StackScope
from components.targets.gcp.resources import (
    account,
    acts_as,
    canonical_json,
    depending_on,
    json_object,
    location,
    patient,
    region,
)
from training.pipeline import DRIFT_CHECK, TRAINING
from training.runs.schedules import PIPELINES

PUBLISHED = "google.cloud.pubsub.topic.v1.messagePublished"


@dataclass(frozen=True)
class Starters:
    """The accounts of the workflows, and of what hands them an alarm.

    `agents` are the members that the services on the way act as.
    """

    retrain: gcp.serviceaccount.Account = field(metadata=INTERNAL)
    events: gcp.serviceaccount.Account = field(metadata=INTERNAL)
    agents: list[gcp.projects.IAMMember] = field(metadata=INTERNAL)


def create_shared(
    scope: StackScope, args: RetrainingArgs, opts: pulumi.ResourceOptions
) -> Starters:
    """The service accounts that start runs on drift."""
    opts = patient(opts)
    base, ready = foundation(args.registry), depending_on(opts, args.registry)
    retrain = account("retrain", "Retraining on drift", scope, base.bucket, ready)
    acts_as("retrain-as-steps", retrain, actors(args.pipeline).steps, opts)
    return Starters(
        retrain=retrain,
        events=account("events", "Alarms to workflows", scope, base.bucket, ready),
        agents=_create_agents(scope, ready),
    )


def _create_agents(scope: StackScope, opts: pulumi.ResourceOptions) -> list[gcp.projects.IAMMember]:
    """Service agents between an alarm and a run, created before they are needed."""
    if not any(model.retraining.on_drift for model in scope.settings.models):
        return []
    services = ("eventarc", "pubsub", "workflows")
    return [create_agent(service, f"roles/{service}.serviceAgent", opts) for service in services]


def create_model(
    scope: ModelScope, args: RetrainingArgs, shared: Starters, opts: pulumi.ResourceOptions
) -> RetrainingModel:
    """The model's schedules, and its retraining on drift."""
    crons = {
        TRAINING.name: scope.model.retraining.schedule,
        DRIFT_CHECK.name: scope.model.drift.schedule,
    }
    # Whoever schedules a run is asked for the store of metadata, which comes with the pipelines.
    opts = patient(opts)
    ready = depending_on(opts, args.registry, args.pipeline)
    schedules = {
        pipeline: _schedule(pipeline, cron, args, scope, ready)
        for pipeline, cron in crons.items()
        if cron is not None
    }
    topic = drift(args.monitoring, scope).topic
    if topic is not None:
        _on_drift(args, scope, shared, topic, opts)
    json_object(
        f"{scope.model.name}-schedules",
        foundation(args.registry).bucket,
        f"models/{scope.model.name}/schedules.json",
        {
            **{
                name: _describe(schedules[pipeline], crons[pipeline], scope)
                for name, pipeline in PIPELINES.items()
                if pipeline in schedules
            },
            "on_drift": scope.model.retraining.on_drift,
            "retention_days": scope.settings.retention_days,
        },
        opts,
    )
    return RetrainingModel(
        schedules=pulumi.Output.concat("models/", scope.model.name, "/schedules.json")
    )


def _describe(schedule: gcp.colab.Schedule, cron: str | None, scope: ModelScope) -> dict[str, Any]:
    return {"cron": cron, "timezone": scope.model.timezone, "schedule": schedule.name}


def _schedule(
    pipeline: str, cron: str, args: RetrainingArgs, scope: ModelScope, opts: pulumi.ResourceOptions
) -> gcp.colab.Schedule:
    """Vertex AI's schedule of a pipeline: the provider knows it by the name of another product."""
    request = gcp.colab.ScheduleCreatePipelineJobRequestArgs
    pipelines = pipeline_jobs(args.pipeline, scope)
    parameters = {"trigger": "schedule"} if pipeline == TRAINING.name else {}
    # The provider would look for the old one in the new region: its location has no ForceNew
    # (resource_colab_schedule.go).
    moving = pulumi.ResourceOptions(replace_on_changes=["location"])
    return gcp.colab.Schedule(
        f"{scope.model.name}-{pipeline}",
        gcp.colab.ScheduleArgs(
            display_name=scope.name(pipeline),
            location=region(),
            cron=f"TZ={scope.model.timezone} {cron}",
            max_concurrent_run_count="1",
            create_pipeline_job_request=request(
                parent=location(),
                pipeline_job=_job(pipelines.jobs[pipeline], pipelines.specs[pipeline], parameters),
            ),
        ),
        pulumi.ResourceOptions.merge(opts, moving),
    )


def _job(
    job: pulumi.Output[dict[str, Any]], spec: pulumi.Output[str], parameters: dict[str, str]
) -> gcp.colab.ScheduleCreatePipelineJobRequestPipelineJobArgs:
    job_args, encryption, runtime = (
        gcp.colab.ScheduleCreatePipelineJobRequestPipelineJobArgs,
        gcp.colab.ScheduleCreatePipelineJobRequestPipelineJobEncryptionSpecArgs,
        gcp.colab.ScheduleCreatePipelineJobRequestPipelineJobRuntimeConfigArgs,
    )
    return job_args(
        display_name=job["displayName"],
        pipeline_spec=spec,
        service_account=job["serviceAccount"],
        encryption_spec=encryption(kms_key_name=job["encryptionSpec"]["kmsKeyName"]),
        labels=job["labels"],
        runtime_config=runtime(
            gcs_output_directory=job["runtimeConfig"]["gcsOutputDirectory"],
            parameter_values=parameters,
        ),
    )


def _on_drift(
    args: RetrainingArgs,
    scope: ModelScope,
    starters: Starters,
    topic: pulumi.Output[str],
    opts: pulumi.ResourceOptions,
) -> None:
    """Alarm, topic, trigger, workflow, pipeline."""
    base, pipelines = foundation(args.registry), pipeline_jobs(args.pipeline, scope)
    ready = depending_on(opts, args.registry, *starters.agents)
    source = pulumi.Output.all(
        bucket=base.bucket, spec=pipelines.keys[TRAINING.name], job=pipelines.jobs[TRAINING.name]
    ).apply(lambda names: canonical_json(workflow(location(), **names)))
    retrain_workflow = gcp.workflows.Workflow(
        f"{scope.model.name}-retrain",
        gcp.workflows.WorkflowArgs(
            name=scope.name("retrain"),
            region=region(),
            description=f"Retrains {scope.model.name} when its drift alarm fires",
            service_account=starters.retrain.id,
            source_contents=source,
            deletion_protection=False,
            labels=scope.tags,
        ),
        ready,
    )
    gcp.eventarc.Trigger(
        f"{scope.model.name}-drift",
        gcp.eventarc.TriggerArgs(
            name=scope.name("drift"),
            location=region(),
            matching_criterias=[
                gcp.eventarc.TriggerMatchingCriteriaArgs(attribute="type", value=PUBLISHED)
            ],
            transport=gcp.eventarc.TriggerTransportArgs(
                pubsub=gcp.eventarc.TriggerTransportPubsubArgs(topic=topic)
            ),
            destination=gcp.eventarc.TriggerDestinationArgs(workflow=retrain_workflow.id),
            service_account=starters.events.email,
            labels=scope.tags,
        ),
        ready,
    )
