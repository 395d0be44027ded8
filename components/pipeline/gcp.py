"""The pipelines on Google Cloud: specs for Vertex AI, and the account that its steps run as."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pulumi
import pulumi_gcp as gcp

from components import package
from components.capability import INTERNAL, retained
from components.pipeline import (
    Pipeline,
    PipelineArgs,
    PipelineModel,
    PipelineShared,
)
from components.pipeline.gcp_jobs import job_request, spec_of, store_spec
from components.registry.gcp import foundation
from components.scope import ModelScope, StackScope
from components.targets.gcp.dynamic import MetadataStore
from components.targets.gcp.permissions import granted
from components.targets.gcp.resources import account, depending_on, json_object, location, patient
from training import pipeline as neutral


@dataclass(frozen=True)
class Actors(PipelineShared):
    """The foundation of the other capabilities on Google Cloud: the account of the steps."""

    steps: gcp.serviceaccount.Account = field(metadata=INTERNAL)


@dataclass(frozen=True)
class PipelineJobs(PipelineModel):
    """Both pipelines of a model as requests to Vertex AI: spec, and the job without its spec."""

    specs: dict[str, pulumi.Output[str]] = field(metadata=INTERNAL)
    jobs: dict[str, pulumi.Output[dict[str, Any]]] = field(metadata=INTERNAL)
    keys: dict[str, pulumi.Output[str]] = field(metadata=INTERNAL)


def actors(pipeline: Pipeline) -> Actors:
    """The shared part of the pipelines on Google Cloud."""
    return cast(Actors, pipeline.shared)


def pipeline_jobs(pipeline: Pipeline, scope: ModelScope) -> PipelineJobs:
    """The pipelines of a model on Google Cloud."""
    return cast(PipelineJobs, pipeline.models[scope.model.name])


def create_shared(scope: StackScope, args: PipelineArgs, opts: pulumi.ResourceOptions) -> Actors:
    """The code package, in the store by its digest, and who runs it."""
    base, opts = foundation(args.registry), depending_on(patient(opts), args.registry)
    MetadataStore("metadata", location(), opts)
    contents = package.contents(Path.cwd())
    digest = package.digest(contents)
    wheel = package.cached_file(
        Path.cwd(), package.file_name(digest), lambda: package.build(contents)
    )
    code = gcp.storage.BucketObject(
        "code",
        gcp.storage.BucketObjectArgs(
            bucket=base.bucket, name=f"code/{wheel.name}", source=pulumi.FileAsset(str(wheel))
        ),
        # Versions name the code that made them; it goes with the store, not with the next change.
        retained(opts),
    )
    steps = account("steps", "Steps of the pipelines", scope, base.bucket, opts)
    for role in granted("steps").captures:
        gcp.bigquery.DatasetIamMember(
            "steps-captures",
            gcp.bigquery.DatasetIamMemberArgs(
                dataset_id=base.dataset, role=role, member=steps.member
            ),
            opts,
        )
    _data(scope, steps, opts)
    return Actors(digest=digest, package=code.name, steps=steps)


def create_model(
    scope: ModelScope, args: PipelineArgs, shared: PipelineShared, opts: pulumi.ResourceOptions
) -> PipelineJobs:
    """Both pipelines of a model, compiled and kept by their digest."""
    base, actors, opts = foundation(args.registry), cast(Actors, shared), patient(opts)
    specs, requests, keys = {}, {}, {}
    for pipeline in neutral.PIPELINES:
        spec = spec_of(pipeline, args, scope, actors)
        key = store_spec(pipeline, scope, spec, base.bucket, opts)
        job = job_request(pipeline, args, scope, actors.steps.email)
        json_object(
            f"{scope.model.name}-{pipeline.name}",
            base.bucket,
            f"models/{scope.model.name}/pipelines/{pipeline.name}.json",
            {
                "parent": location(),
                "name": scope.name(pipeline.name),
                "spec": key,
                "job": job,
                "parameters": {k: v for k, v in pipeline.parameters.items() if k != neutral.RUN},
                "steps": [step.name for step in pipeline.steps],
            },
            opts,
        )
        specs[pipeline.name], requests[pipeline.name], keys[pipeline.name] = spec, job, key
    return PipelineJobs(
        training=pulumi.Output.from_input(scope.name(neutral.TRAINING.name)),
        drift_check=pulumi.Output.from_input(scope.name(neutral.DRIFT_CHECK.name)),
        specs=specs,
        jobs=requests,
        keys=keys,
    )


def _data(
    scope: StackScope, steps: gcp.serviceaccount.Account, opts: pulumi.ResourceOptions
) -> None:
    """The steps read the team's buckets; models may have their data in one and the same."""
    for bucket in sorted({model.data.location.split("/")[2] for model in scope.settings.models}):
        for role in granted("steps").data:
            gcp.storage.BucketIAMMember(
                f"data-{bucket}",
                gcp.storage.BucketIAMMemberArgs(bucket=bucket, role=role, member=steps.member),
                opts,
            )
