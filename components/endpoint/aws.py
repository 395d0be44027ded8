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

from components.capability import NoOutputs
from components.endpoint import EndpointArgs, EndpointModel, release_settings
from components.endpoint.aws_bootstrap import VARIANT, bootstrap
from components.monitoring import alarm_rules
from components.registry.aws import foundation
from components.scope import ModelScope
from components.targets.aws.machines import endpoint_type, has_own_disk, image, repository
from components.targets.aws.resources import document, retention, role, uri

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
            **base.places(scope),
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
    config = bootstrap(scope, base, container, endpoint_role, opts)
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
    document(
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
                "uri": uri(base.bucket, f"models/{scope.model.name}/captures"),
                "kms_key": base.key,
            },
            "kms_key": None if has_own_disk(endpoint_type(scope.model)) else base.key,
            "log_group": log.name,
            "tags": scope.tags,
        },
        opts,
    )
    return EndpointModel(endpoint=endpoint.name)


def _rollback_alarms(scope: ModelScope) -> list[str]:
    """The alarms by their names in CloudWatch; what is no rule of the model is a name already."""
    own = {rule.name for rule in alarm_rules(scope.model)}
    return [
        scope.name(alarm) if alarm in own else alarm
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
