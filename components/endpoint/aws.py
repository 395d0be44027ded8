"""The endpoint on AWS: a SageMaker endpoint that releases update and Pulumi does not touch again.

SageMaker has no endpoint without a model, so the first one serves a model that answers 503. From
then on the releases own the endpoint's configuration (`training.endpoint.aws`). An update by the
provider would send the configuration that Pulumi knows, and take back a release:
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateEndpoint.html
So settings of the endpoint are written to `endpoint.json`, and the next release applies them.
"""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from components.aws_resources import document, retention, role, uri
from components.endpoint import EndpointArgs, EndpointModel, EndpointShared, release_settings
from components.endpoint.aws_bootstrap import VARIANT, bootstrap
from components.monitoring import rules
from components.names import name, tags
from components.registry.aws import foundation
from components.settings import Model, Settings
from components.targets.aws import endpoint_type, has_own_disk, image, repository

# One target value for all: invocations per minute and instance at which another one is added.
INVOCATIONS = 600


def shared(args: EndpointArgs, opts: pulumi.ResourceOptions) -> EndpointShared:
    """Nothing."""
    return EndpointShared()


def model(
    args: EndpointArgs, settings: Model, shared: EndpointShared, opts: pulumi.ResourceOptions
) -> EndpointModel:
    """The endpoint with its role and log, the model before the first release, the document."""
    base = foundation(args.registry)
    container = image(settings)
    endpoint_role = role(
        "endpoint",
        args.settings,
        settings,
        {
            **base.places(args.settings, settings),
            "repository": repository(container, base.partition),
        },
        opts,
    )
    endpoint_name = name(args.settings, settings)
    log = aws.cloudwatch.LogGroup(
        f"{settings.name}-endpoint",
        aws.cloudwatch.LogGroupArgs(
            name=f"/aws/sagemaker/Endpoints/{endpoint_name}",
            retention_in_days=retention(args.settings),
            kms_key_id=base.key,
            tags=tags(args.settings, settings),
        ),
        opts=opts,
    )
    config = bootstrap(args.settings, settings, base, container, endpoint_role, opts)
    endpoint = aws.sagemaker.Endpoint(
        f"{settings.name}-endpoint",
        aws.sagemaker.EndpointArgs(
            name=endpoint_name,
            endpoint_config_name=config.name,
            tags=tags(args.settings, settings),
        ),
        opts=pulumi.ResourceOptions.merge(
            opts,
            pulumi.ResourceOptions(
                depends_on=[log], ignore_changes=["endpointConfigName", "deploymentConfig"]
            ),
        ),
    )
    _autoscaling(settings, endpoint, opts)
    document(
        f"{settings.name}-endpoint",
        base.bucket,
        f"models/{settings.name}/endpoint.json",
        {
            "endpoint": endpoint.name,
            "variant": VARIANT,
            "group": args.registry.models[settings.name].entry,
            "instance_type": endpoint_type(settings),
            "instances": settings.endpoint.instances,
            "max_instances": settings.endpoint.max_instances,
            "role": endpoint_role,
            "image": container,
            **release_settings(args.settings, settings),
            "alarms": _rollback_alarms(args.settings, settings),
            "capture": {
                "percent": settings.endpoint.capture_percent,
                "uri": uri(base.bucket, f"models/{settings.name}/captures"),
                "kms_key": base.key,
            },
            "kms_key": None if has_own_disk(endpoint_type(settings)) else base.key,
            "log_group": log.name,
            "tags": tags(args.settings, settings),
        },
        opts,
    )
    return EndpointModel(endpoint=endpoint.name)


def _rollback_alarms(settings: Settings, model: Model) -> list[str]:
    """The alarms by their names in CloudWatch; what is no rule of the model is a name already."""
    own = {rule["name"] for rule in rules(model)}
    return [
        name(settings, model, alarm) if alarm in own else alarm
        for alarm in model.endpoint.rollback_alarms
    ]


def _autoscaling(
    settings: Model, endpoint: aws.sagemaker.Endpoint, opts: pulumi.ResourceOptions
) -> None:
    """Between `instances` and `maxInstances`, by invocations per instance."""
    if settings.endpoint.max_instances is None:
        return
    scaled = aws.appautoscaling.Target(
        f"{settings.name}-endpoint",
        aws.appautoscaling.TargetArgs(
            service_namespace="sagemaker",
            resource_id=pulumi.Output.concat("endpoint/", endpoint.name, f"/variant/{VARIANT}"),
            scalable_dimension="sagemaker:variant:DesiredInstanceCount",
            min_capacity=settings.endpoint.instances,
            max_capacity=settings.endpoint.max_instances,
        ),
        opts=opts,
    )
    metric = aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgs(  # noqa: E501
        predefined_metric_type="SageMakerVariantInvocationsPerInstance"
    )
    aws.appautoscaling.Policy(
        f"{settings.name}-endpoint",
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
