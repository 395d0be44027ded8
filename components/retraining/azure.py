"""Schedules on Azure ML; drift starts a retraining from the drift check's own job.

The drift check itself starts the training pipeline, with the trigger ``drift``: it is the one
that knows, it has an identity that may, and there is no address with a secret in it, as a Logic
App's would be. The pipeline's admission step decides, as for every trigger.
"""

from __future__ import annotations

from typing import Any

import pulumi
import pulumi_azure_native as azure

from components.azure_blobs import Document
from components.azure_resources import Place
from components.names import name
from components.pipeline.azure import jobs
from components.pipeline.azure_definition import data_type
from components.retraining import RetrainingArgs, RetrainingModel, RetrainingShared
from components.settings import Model
from components.targets.azure import windows_zone
from training import retraining_admission
from training.pipeline import DRIFT_CHECK, TRAINING

ml = azure.machinelearningservices


def shared(args: RetrainingArgs, opts: pulumi.ResourceOptions) -> RetrainingShared:
    """Nothing."""
    return RetrainingShared()


def model(
    args: RetrainingArgs, settings: Model, shared: RetrainingShared, opts: pulumi.ResourceOptions
) -> RetrainingModel:
    """The model's schedules."""
    pipelines = jobs(args.pipeline, settings)
    made = {
        "retraining": _schedule(
            "retraining",
            settings.retraining.schedule,
            pipelines.versions[TRAINING.name],
            {"trigger": retraining_admission.SCHEDULE},
            args,
            settings,
            opts,
        ),
        "drift_check": _schedule(
            "drift-check",
            settings.drift.schedule,
            pipelines.versions[DRIFT_CHECK.name],
            {},
            args,
            settings,
            opts,
        ),
    }
    document = Document(
        f"{settings.name}-schedules",
        store=args.registry.shared.store,
        key=f"models/{settings.name}/schedules.json",
        content={**made, "on_drift": settings.retraining.on_drift},
        opts=opts,
    )
    return RetrainingModel(schedules=document.key)


def _schedule(
    called: str,
    cron: str | None,
    component: pulumi.Output[str],
    parameters: dict[str, str],
    args: RetrainingArgs,
    settings: Model,
    opts: pulumi.ResourceOptions,
) -> dict[str, Any] | None:
    if cron is None:
        return None
    place = Place.of(args.registry.shared)
    stem = name(args.settings, settings)
    compute = jobs(args.pipeline, settings).compute
    given = {
        key: ml.LiteralJobInputArgs(job_input_type="literal", value=value)
        for key, value in parameters.items()
    }
    schedule = ml.Schedule(
        f"{settings.name}-{called}",
        ml.ScheduleArgs(
            resource_group_name=place.group,
            workspace_name=place.workspace,
            name=f"{stem}-{called}",
            properties=ml.SchedulePropertiesArgs(
                is_enabled=True,
                trigger=ml.CronTriggerArgs(
                    trigger_type="Cron",
                    expression=cron,
                    time_zone=windows_zone(settings.timezone),
                ),
                action=ml.JobScheduleActionArgs(
                    action_type="CreateJob",
                    job_definition=ml.PipelineJobArgs(
                        job_type="Pipeline",
                        component_id=component,
                        experiment_name=stem,
                        inputs={"data": _data(settings), **given},
                        settings=compute.settings(place),
                        identity=ml.ManagedIdentityArgs(
                            identity_type="Managed", client_id=compute.client
                        ),
                    ),
                ),
            ),
        ),
        opts,
    )
    return {"cron": cron, "timezone": settings.timezone, "schedule": schedule.name}


def _data(settings: Model) -> Any:
    kind = data_type(settings.data.location)
    made = ml.UriFileJobInputArgs if kind == "uri_file" else ml.UriFolderJobInputArgs
    return made(
        job_input_type=kind,
        uri=settings.data.location,
        mode=ml.InputDeliveryMode.READ_ONLY_MOUNT,
    )
