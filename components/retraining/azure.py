"""Schedules on Azure ML; drift starts a retraining from the drift check's own job.

The drift check itself starts the training pipeline, with the trigger ``drift``: it is the one
that knows, it has an identity that may, and there is no address with a secret in it, as a Logic
App's would be. The pipeline's admission step decides, as for every trigger.

A schedule submits its jobs with the rights of its author, whoever wrote it last
(github.com/MicrosoftDocs/azure-ai-docs/issues/325), and the jobs run as the model's own identity.
"""

from __future__ import annotations

from typing import Any

import pulumi
import pulumi_azure_native as azure

from components.capability import NoOutputs
from components.pipeline.azure import pipeline_jobs
from components.pipeline.azure_definition import data_type
from components.retraining import RetrainingArgs, RetrainingModel
from components.scope import ModelScope
from components.targets.azure.dynamic import Document, ScheduleSwitch
from components.targets.azure.machines import windows_zone
from components.targets.azure.resources import ResourceIds
from training import retraining_admission
from training.pipeline import DRIFT_CHECK, TRAINING

ml = azure.machinelearningservices


def create_model(
    scope: ModelScope, args: RetrainingArgs, shared: NoOutputs, opts: pulumi.ResourceOptions
) -> RetrainingModel:
    """The model's schedules."""
    pipelines = pipeline_jobs(args.pipeline, scope)
    schedules = {
        "retraining": _schedule(
            "retraining",
            scope.model.retraining.schedule,
            pipelines.versions[TRAINING.name],
            {"trigger": retraining_admission.SCHEDULE},
            args,
            scope,
            opts,
        ),
        "drift_check": _schedule(
            "drift-check",
            scope.model.drift.schedule,
            pipelines.versions[DRIFT_CHECK.name],
            {},
            args,
            scope,
            opts,
        ),
    }
    document = Document(
        f"{scope.model.name}-schedules",
        store=args.registry.shared.store,
        key=f"models/{scope.model.name}/schedules.json",
        content={**schedules, "on_drift": scope.model.retraining.on_drift},
        opts=opts,
    )
    return RetrainingModel(schedules=document.key)


def _schedule(
    part: str,
    cron: str | None,
    component: pulumi.Output[str],
    parameters: dict[str, str],
    args: RetrainingArgs,
    scope: ModelScope,
    opts: pulumi.ResourceOptions,
) -> dict[str, Any] | None:
    if cron is None:
        return None
    resource_ids = ResourceIds.of(args.registry.shared)
    stem = scope.name()
    compute = pipeline_jobs(args.pipeline, scope).compute
    literals = {
        key: ml.LiteralJobInputArgs(job_input_type="literal", value=value)
        for key, value in parameters.items()
    }
    schedule = ml.Schedule(
        f"{scope.model.name}-{part}",
        ml.ScheduleArgs(
            resource_group_name=resource_ids.group,
            workspace_name=resource_ids.workspace,
            name=f"{stem}-{part}",
            properties=ml.SchedulePropertiesArgs(
                is_enabled=True,
                trigger=ml.CronTriggerArgs(
                    trigger_type="Cron",
                    expression=cron,
                    time_zone=windows_zone(scope.model.timezone),
                ),
                action=ml.JobScheduleActionArgs(
                    action_type="CreateJob",
                    job_definition=ml.PipelineJobArgs(
                        job_type="Pipeline",
                        component_id=component,
                        experiment_name=stem,
                        inputs={"data": _data(scope), **literals},
                        settings=compute.settings(resource_ids),
                        identity=ml.ManagedIdentityArgs(
                            identity_type="Managed", client_id=compute.client
                        ),
                    ),
                ),
            ),
        ),
        opts,
    )
    # It goes before the schedule does, and switches it off.
    ScheduleSwitch(f"{scope.model.name}-{part}-switch", schedule.id, opts)
    return {"cron": cron, "timezone": scope.model.timezone, "schedule": schedule.name}


def _data(scope: ModelScope) -> Any:
    kind = data_type(scope.model.data.location)
    cls = ml.UriFileJobInputArgs if kind == "uri_file" else ml.UriFolderJobInputArgs
    return cls(
        job_input_type=kind,
        uri=scope.model.data.location,
        mode=ml.InputDeliveryMode.READ_ONLY_MOUNT,
    )
