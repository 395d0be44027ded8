"""The pipelines on AWS: the code package in the store, and two SageMaker pipelines per model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws

from components import package
from components.capability import retained
from components.pipeline import PipelineArgs, PipelineModel, PipelineShared, step_settings
from components.pipeline.aws_context import CompileContext
from components.pipeline.aws_definition import definition, parameters
from components.registry.aws import foundation
from components.scope import ModelScope, StackScope
from components.targets.aws.grants import JOB_LOGS, Grant
from components.targets.aws.machines import compute_type, image, repository
from components.targets.aws.resources import json_object, retention, role, uri
from training import pipeline as neutral

ROLES = ("pipeline", "steps", "release")
VOLUME_GB = 30


def create_shared(
    scope: StackScope, args: PipelineArgs, opts: pulumi.ResourceOptions
) -> PipelineShared:
    """The code package, in the store by its digest; the jobs' logs, if the stack owns them."""
    contents = package.contents(Path.cwd())
    digest = package.digest(contents)
    wheel = package.cached_file(
        Path.cwd(), package.file_name(digest), lambda: package.build(contents)
    )
    code = aws.s3.BucketObjectv2(
        "code",
        aws.s3.BucketObjectv2Args(
            bucket=foundation(args.registry).bucket,
            key=f"code/{wheel.name}",
            source=pulumi.FileAsset(str(wheel)),
        ),
        # Versions name the code that made them; it goes with the store, not with the next change.
        opts=retained(opts),
    )
    if scope.settings.owns_job_logs:
        _job_logs(scope, opts)
    return PipelineShared(digest=digest, package=code.key)


def create_model(
    scope: ModelScope, args: PipelineArgs, shared: PipelineShared, opts: pulumi.ResourceOptions
) -> PipelineModel:
    """The roles and both pipelines of a model."""
    base = foundation(args.registry)
    source = data_address(scope.model.data.location).removeprefix("s3://")
    uri_of_image = image(scope.model)
    arn_parts = {
        **base.arn_parts(scope),
        "data": source,
        "data_bucket": source.partition("/")[0],
        "data_key": source.partition("/")[2],
        "repository": repository(uri_of_image, base.partition),
    }
    key = scope.model.data.kms_key
    # The key's owner has to allow the same: an identity's policy alone opens no key of others.
    of_data = {"steps": (Grant(("kms:Decrypt",), (key,)),)} if key else {}
    roles = {actor: role(actor, scope, arn_parts, opts, of_data.get(actor, ())) for actor in ROLES}
    inputs = {
        "package": uri(base.bucket, shared.package),
        "image": uri_of_image,
        "store": base.store,
        "registry": base.registry,
        "key": base.key,
        "roles": roles,
    }
    arns = {
        pipeline.name: _pipeline(pipeline, args, scope, shared, inputs, opts)
        for pipeline in neutral.PIPELINES
    }
    return PipelineModel(
        training=arns[neutral.TRAINING.name], drift_check=arns[neutral.DRIFT_CHECK.name]
    )


def data_address(location: str) -> str:
    """`location` for SageMaker, where an address stands for all keys that begin with it.

    A folder without a slash at its end would bring ``churn-old/`` along with ``churn``. Source:
    S3DataType in
    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProcessingS3Input.html
    """
    if location.endswith((".csv", ".parquet")):
        return location
    return f"{location.rstrip('/')}/"


def _job_logs(scope: StackScope, opts: pulumi.ResourceOptions) -> None:
    """The groups that all jobs of the account log to, before the service makes them for ever.

    Other stacks log there too: the groups outlive this one and its key, and are encrypted with
    a key of the service's.
    """
    for kind in JOB_LOGS:
        aws.cloudwatch.LogGroup(
            f"job-logs-{kind}",
            aws.cloudwatch.LogGroupArgs(
                name=f"/aws/sagemaker/{kind}",
                retention_in_days=retention(scope),
                tags=scope.tags,
            ),
            opts=retained(opts),
        )


def _pipeline(
    pipeline: neutral.Pipeline,
    args: PipelineArgs,
    scope: ModelScope,
    shared: PipelineShared,
    inputs: dict[str, Any],
    opts: pulumi.ResourceOptions,
) -> pulumi.Output[str]:
    """A pipeline, and its document for those who start it; its ARN."""
    pipeline_name = scope.name(pipeline.name)
    resource = aws.sagemaker.Pipeline(
        f"{scope.model.name}-{pipeline.name}",
        aws.sagemaker.PipelineArgs(
            pipeline_name=pipeline_name,
            pipeline_display_name=pipeline_name,
            role_arn=inputs["roles"]["pipeline"],
            pipeline_definition=pulumi.Output.all(**inputs).apply(
                lambda values: json.dumps(
                    _definition(pipeline, args, scope, shared, values), indent=1
                )
            ),
            tags=scope.tags,
        ),
        opts=opts,
    )
    json_object(
        f"{scope.model.name}-{pipeline.name}",
        foundation(args.registry).bucket,
        f"models/{scope.model.name}/pipelines/{pipeline.name}.json",
        {
            "pipeline": pipeline_name,
            "arn": resource.arn,
            "parameters": parameters(pipeline),
            "steps": [step.name for step in pipeline.steps],
        },
        opts,
    )
    return resource.arn


def _definition(
    pipeline: neutral.Pipeline,
    args: PipelineArgs,
    scope: ModelScope,
    shared: PipelineShared,
    inputs: dict[str, Any],
) -> dict[str, Any]:
    values: Any = step_settings(
        scope.model, shared.digest, inputs["store"], inputs["registry"], inputs["image"]
    )
    context = CompileContext(
        store=inputs["store"],
        package=inputs["package"],
        data=data_address(scope.model.data.location),
        image=inputs["image"],
        instance_type=compute_type(scope.model),
        volume_gb=scope.model.compute.volume_gb or VOLUME_GB,
        check_instances=scope.model.drift.instances or 1,
        max_seconds=int(scope.model.retraining.max_run_minutes * 60),
        roles=inputs["roles"],
        key=inputs["key"],
        tags=scope.tags,
    )
    return definition(pipeline, values, context)
