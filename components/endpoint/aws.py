"""The endpoint on AWS: a SageMaker endpoint that releases update and Pulumi does not touch again.

SageMaker has no endpoint without a model, so the first one serves a model that answers 503. From
then on the releases own the endpoint's configuration (`training.endpoint.aws`). An update by the
provider would send the configuration that Pulumi knows, and take back a release:
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateEndpoint.html
So settings of the endpoint are written to `endpoint.json`, and the next release applies them.
"""

from __future__ import annotations

from pathlib import Path

import pulumi
import pulumi_aws as aws

from components import package
from components.capability import NoOutputs
from components.endpoint import EndpointArgs, EndpointModel, release_settings
from components.monitoring import alarm_rules
from components.registry.aws import Foundation, foundation
from components.scope import ModelScope
from components.targets.aws.machines import endpoint_type, has_own_disk, image, repository
from components.targets.aws.resources import json_object, retention, role, uri
from training.scoring import MODEL
from training.scoring.aws_capture import CONTAINER
from training.scoring.bundle import SERVING, archive, serving_code

# The one variant of every configuration.
VARIANT = "main"
# One target value for all: invocations per minute and instance at which another one is added.
INVOCATIONS = 600


def create_model(
    scope: ModelScope, args: EndpointArgs, shared: NoOutputs, opts: pulumi.ResourceOptions
) -> EndpointModel:
    """The endpoint with its role and log, the model before the first release, the document."""
    base = foundation(args.registry)
    container = image(scope.model)
    endpoint_role = role(
        "endpoint",
        scope,
        {
            **base.arn_parts(scope),
            "repository": repository(container, base.partition),
        },
        opts,
    )
    endpoint_name = scope.name()
    log = aws.cloudwatch.LogGroup(
        f"{scope.model.name}-endpoint",
        aws.cloudwatch.LogGroupArgs(
            name=f"/aws/sagemaker/Endpoints/{endpoint_name}",
            retention_in_days=retention(scope.stack),
            kms_key_id=base.key,
            tags=scope.tags,
        ),
        opts=opts,
    )
    config = _bootstrap(scope, base, container, endpoint_role, opts)
    endpoint = aws.sagemaker.Endpoint(
        f"{scope.model.name}-endpoint",
        aws.sagemaker.EndpointArgs(
            name=endpoint_name,
            endpoint_config_name=config.name,
            tags=scope.tags,
        ),
        opts=pulumi.ResourceOptions.merge(
            opts,
            pulumi.ResourceOptions(
                depends_on=[log], ignore_changes=["endpointConfigName", "deploymentConfig"]
            ),
        ),
    )
    _autoscaling(scope, endpoint, opts)
    json_object(
        f"{scope.model.name}-endpoint",
        base.bucket,
        f"models/{scope.model.name}/endpoint.json",
        {
            "endpoint": endpoint.name,
            "variant": VARIANT,
            "group": args.registry.models[scope.model.name].entry,
            "instance_type": endpoint_type(scope.model),
            "instances": scope.model.endpoint.instances,
            "max_instances": scope.model.endpoint.max_instances,
            "role": endpoint_role,
            "image": container,
            **release_settings(scope),
            "alarms": _rollback_alarms(scope),
            "capture": {
                "percent": scope.model.endpoint.capture_percent,
                "by": scope.model.endpoint.capture_by or CONTAINER,
                "uri": uri(base.bucket, f"models/{scope.model.name}/captures"),
                # As the service names it, so that both can be read as one.
                "folder": uri(
                    base.bucket,
                    f"models/{scope.model.name}/captures/{endpoint_name}/{VARIANT}",
                ),
                "kms_key": base.key,
            },
            "kms_key": None if has_own_disk(endpoint_type(scope.model)) else base.key,
            "log_group": log.name,
            "tags": scope.tags,
        },
        opts,
    )
    return EndpointModel(endpoint=endpoint.name)


def _bootstrap(
    scope: ModelScope,
    base: Foundation,
    container: pulumi.Output[str],
    endpoint_role: pulumi.Output[str],
    opts: pulumi.ResourceOptions,
) -> aws.sagemaker.EndpointConfiguration:
    """The configuration served before the first release; made once and never changed."""
    once = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(ignore_changes=["*"]))
    files = {f"code/{path}": body for path, body in serving_code().items()}
    packed = package.cached_file(
        Path.cwd(),
        f"bootstrap-{package.digest(files)[:12]}.tar.gz",
        lambda: archive(files),
    )
    code = aws.s3.BucketObjectv2(
        f"{scope.model.name}-bootstrap",
        aws.s3.BucketObjectv2Args(
            bucket=base.bucket,
            key=f"models/{scope.model.name}/training/{packed.name}",
            source=pulumi.FileAsset(str(packed)),
        ),
        opts=once,
    )
    model = aws.sagemaker.Model(
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
    return aws.sagemaker.EndpointConfiguration(
        f"{scope.model.name}-bootstrap",
        aws.sagemaker.EndpointConfigurationArgs(
            name=scope.name("bootstrap"),
            production_variants=[
                aws.sagemaker.EndpointConfigurationProductionVariantArgs(
                    variant_name=VARIANT,
                    model_name=model.name,
                    instance_type=endpoint_type(scope.model),
                    initial_instance_count=scope.model.endpoint.instances,
                )
            ],
            kms_key_arn=None if has_own_disk(endpoint_type(scope.model)) else base.key,
            tags=scope.tags,
        ),
        opts=once,
    )


def _rollback_alarms(scope: ModelScope) -> list[str]:
    """The alarms by their names in CloudWatch; what is no rule of the model is a name already."""
    rule_names = {rule.name for rule in alarm_rules(scope.model)}
    return [
        scope.name(alarm) if alarm in rule_names else alarm
        for alarm in scope.model.endpoint.rollback_alarms
    ]


def _autoscaling(
    scope: ModelScope, endpoint: aws.sagemaker.Endpoint, opts: pulumi.ResourceOptions
) -> None:
    """Between `instances` and `maxInstances`, by invocations per instance."""
    if scope.model.endpoint.max_instances is None:
        return
    scaled = aws.appautoscaling.Target(
        f"{scope.model.name}-endpoint",
        aws.appautoscaling.TargetArgs(
            service_namespace="sagemaker",
            resource_id=pulumi.Output.concat("endpoint/", endpoint.name, f"/variant/{VARIANT}"),
            scalable_dimension="sagemaker:variant:DesiredInstanceCount",
            min_capacity=scope.model.endpoint.instances,
            max_capacity=scope.model.endpoint.max_instances,
        ),
        opts=opts,
    )
    metric = aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgs(  # noqa: E501
        predefined_metric_type="SageMakerVariantInvocationsPerInstance"
    )
    aws.appautoscaling.Policy(
        f"{scope.model.name}-endpoint",
        aws.appautoscaling.PolicyArgs(
            service_namespace=scaled.service_namespace,
            resource_id=scaled.resource_id,
            scalable_dimension=scaled.scalable_dimension,
            policy_type="TargetTrackingScaling",
            target_tracking_scaling_policy_configuration=aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgs(
                target_value=INVOCATIONS, predefined_metric_specification=metric
            ),
        ),
        opts=opts,
    )
