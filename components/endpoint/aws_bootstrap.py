"""What an endpoint on AWS serves before the first release: a model that answers 503."""

from __future__ import annotations

from pathlib import Path

import pulumi
import pulumi_aws as aws

from components import package
from components.registry.aws import Foundation
from components.scope import ModelScope
from components.targets.aws.machines import endpoint_type, has_own_disk
from components.targets.aws.resources import uri
from training.endpoint.aws_requests import SERVING
from training.scoring import MODEL, bundle

# The one variant of every configuration.
VARIANT = "main"


def bootstrap(
    scope: ModelScope,
    base: Foundation,
    container: pulumi.Output[str],
    endpoint_role: pulumi.Output[str],
    opts: pulumi.ResourceOptions,
) -> aws.sagemaker.EndpointConfiguration:
    """What the endpoint serves before the first release; made once and never changed."""
    once = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(ignore_changes=["*"]))
    files = {f"code/{path}": body for path, body in bundle.serving_code().items()}
    archive = package.kept(
        Path.cwd(),
        f"bootstrap-{package.digest(files)[:12]}.tar.gz",
        lambda: bundle.archive(files),
    )
    code = aws.s3.BucketObjectv2(
        f"{scope.model.name}-bootstrap",
        aws.s3.BucketObjectv2Args(
            bucket=base.bucket,
            key=f"models/{scope.model.name}/training/{archive.name}",
            source=pulumi.FileAsset(str(archive)),
        ),
        opts=once,
    )
    made = aws.sagemaker.Model(
        f"{scope.model.name}-bootstrap",
        aws.sagemaker.ModelArgs(
            name=scope.name("bootstrap"),
            execution_role_arn=endpoint_role,
            primary_container=aws.sagemaker.ModelPrimaryContainerArgs(
                image=container,
                model_data_url=uri(base.bucket, code.key),
                environment={**SERVING, MODEL: scope.model.name},
            ),
            enable_network_isolation=True,
            tags=scope.tags,
        ),
        opts=once,
    )
    capture = scope.model.endpoint.capture_percent
    return aws.sagemaker.EndpointConfiguration(
        f"{scope.model.name}-bootstrap",
        aws.sagemaker.EndpointConfigurationArgs(
            name=scope.name("bootstrap"),
            production_variants=[
                aws.sagemaker.EndpointConfigurationProductionVariantArgs(
                    variant_name=VARIANT,
                    model_name=made.name,
                    instance_type=endpoint_type(scope.model),
                    initial_instance_count=scope.model.endpoint.instances,
                )
            ],
            data_capture_config=aws.sagemaker.EndpointConfigurationDataCaptureConfigArgs(
                enable_capture=True,
                initial_sampling_percentage=capture,
                destination_s3_uri=uri(base.bucket, f"models/{scope.model.name}/captures"),
                kms_key_id=base.key,
                capture_options=[
                    aws.sagemaker.EndpointConfigurationDataCaptureConfigCaptureOptionArgs(
                        capture_mode=mode
                    )
                    for mode in ("Input", "Output")
                ],
            )
            if capture
            else None,
            kms_key_arn=None if has_own_disk(endpoint_type(scope.model)) else base.key,
            tags=scope.tags,
        ),
        opts=once,
    )
