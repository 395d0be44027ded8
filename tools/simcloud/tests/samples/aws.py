"""Accepted resources of Amazon Web Services."""

from __future__ import annotations

import json

from samples.documents import (
    KEY_POLICY,
    definition,
    policy,
    statement,
    step,
    trust,
)

OIDC = "https://token.actions.githubusercontent.com"
SCALED = {
    "serviceNamespace": "sagemaker",
    "resourceId": "endpoint/${endpoint.name}/variant/all",
    "scalableDimension": "sagemaker:variant:DesiredInstanceCount",
}
SERVICES = ("sagemaker", "scheduler", "events", "lambda")
BUCKET = {"bucket": "${bucket.bucket}"}
INSECURE = {"Bool": {"aws:SecureTransport": "false"}}
TOPIC_POLICY = policy(
    statement(
        Action="sns:Publish",
        Resource="${topic.arn}",
        Principal={"Service": "cloudwatch.amazonaws.com"},
    )
)

AWS = {
    "key": (
        "aws:kms/key:Key",
        {"enableKeyRotation": True, "deletionWindowInDays": 7, "policy": KEY_POLICY},
    ),
    "alias": ("aws:kms/alias:Alias", {"name": "alias/sim", "targetKeyId": "${key.keyId}"}),
    "bucket": ("aws:s3/bucket:Bucket", {"bucket": "sim-bucket", "tags": {"team": "ml"}}),
    "versioning": (
        "aws:s3/bucketVersioning:BucketVersioning",
        {**BUCKET, "versioningConfiguration": {"status": "Enabled"}},
    ),
    "encryption": (
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        {
            **BUCKET,
            "rules": [
                {
                    "applyServerSideEncryptionByDefault": {
                        "sseAlgorithm": "aws:kms",
                        "kmsMasterKeyId": "${key.arn}",
                    },
                    "bucketKeyEnabled": True,
                }
            ],
        },
    ),
    "public": (
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        {**BUCKET, "blockPublicAcls": True, "blockPublicPolicy": True},
    ),
    "ownership": (
        "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
        {**BUCKET, "rule": {"objectOwnership": "BucketOwnerEnforced"}},
    ),
    "lifecycle": (
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        {
            **BUCKET,
            "rules": [
                {
                    "id": "old",
                    "status": "Enabled",
                    "filter": {"prefix": "capture/"},
                    "expiration": {"days": 90},
                }
            ],
        },
    ),
    "bucketpolicy": (
        "aws:s3/bucketPolicy:BucketPolicy",
        {
            **BUCKET,
            "policy": policy(
                statement(
                    Effect="Deny",
                    Principal="*",
                    Resource="${bucket.arn}/*",
                    Action="s3:*",
                    Condition=INSECURE,
                )
            ),
        },
    ),
    "logging": (
        "aws:s3/bucketLogging:BucketLogging",
        {**BUCKET, "targetBucket": "${bucket.bucket}", "targetPrefix": "log/"},
    ),
    "cors": (
        "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration",
        {**BUCKET, "corsRules": [{"allowedMethods": ["GET"], "allowedOrigins": ["*"]}]},
    ),
    "notification": (
        "aws:s3/bucketNotification:BucketNotification",
        {**BUCKET, "eventbridge": True},
    ),
    "object": (
        "aws:s3/bucketObjectv2:BucketObjectv2",
        {**BUCKET, "key": "code/a.txt", "content": "hello"},
    ),
    "role": ("aws:iam/role:Role", {"name": "sim-role", "assumeRolePolicy": trust(*SERVICES)}),
    "rolepolicy": (
        "aws:iam/rolePolicy:RolePolicy",
        {
            "name": "read",
            "role": "${role.name}",
            "policy": policy(statement(Resource="${bucket.arn}/*")),
        },
    ),
    "policy": (
        "aws:iam/policy:Policy",
        {"name": "shared", "policy": policy(statement(Resource="*"))},
    ),
    "attachment": (
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        {"role": "${role.name}", "policyArn": "${policy.arn}"},
    ),
    "oidc": (
        "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
        {"url": OIDC, "clientIdLists": ["sts.amazonaws.com"]},
    ),
    "budget": (
        "aws:budgets/budget:Budget",
        {
            "name": "monthly",
            "budgetType": "COST",
            "timeUnit": "MONTHLY",
            "limitAmount": "100",
            "limitUnit": "USD",
            "notifications": [
                {
                    "comparisonOperator": "GREATER_THAN",
                    "notificationType": "ACTUAL",
                    "threshold": 80,
                    "thresholdType": "PERCENTAGE",
                    "subscriberEmailAddresses": ["a@example.org"],
                }
            ],
        },
    ),
    "group": (
        "aws:sagemaker/modelPackageGroup:ModelPackageGroup",
        {"modelPackageGroupName": "flights"},
    ),
    "grouppolicy": (
        "aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy",
        {
            "modelPackageGroupName": "${group.modelPackageGroupName}",
            "resourcePolicy": policy(
                statement(
                    Principal={"AWS": "arn:aws:iam::210987654321:root"},
                    Resource="*",
                    Action="sagemaker:DescribeModelPackage",
                )
            ),
        },
    ),
    "pipeline": (
        "aws:sagemaker/pipeline:Pipeline",
        {
            "pipelineName": "training",
            "pipelineDisplayName": "training",
            "roleArn": "${role.arn}",
            "pipelineDefinition": definition(
                step(
                    "model",
                    "Model",
                    Arguments={
                        "ExecutionRoleArn": "${role.arn}",
                        "PrimaryContainer": {"ModelDataUrl": "s3://sim-bucket/x"},
                    },
                ),
                step(
                    "register",
                    "RegisterModel",
                    Arguments={"ModelPackageGroupName": "${group.modelPackageGroupName}"},
                ),
            ),
        },
    ),
    "vpc": ("aws:ec2/vpc:Vpc", {"cidrBlock": "10.0.0.0/16"}),
    "subnet": ("aws:ec2/subnet:Subnet", {"vpcId": "${vpc.id}", "cidrBlock": "10.0.1.0/24"}),
    "security": ("aws:ec2/securityGroup:SecurityGroup", {"vpcId": "${vpc.id}", "name": "sim"}),
    "model": (
        "aws:sagemaker/model:Model",
        {
            "name": "flights",
            "executionRoleArn": "${role.arn}",
            "primaryContainer": {
                "image": "1.dkr.ecr.eu-central-1.amazonaws.com/a:1",
                "modelDataUrl": "s3://sim-bucket/model.tar.gz",
            },
            "vpcConfig": {"subnets": ["${subnet.id}"], "securityGroupIds": ["${security.id}"]},
        },
    ),
    "config": (
        "aws:sagemaker/endpointConfiguration:EndpointConfiguration",
        {
            "name": "flights",
            "productionVariants": [
                {
                    "variantName": "all",
                    "modelName": "${model.name}",
                    "instanceType": "ml.m5.large",
                    "initialInstanceCount": 1,
                }
            ],
            "dataCaptureConfig": {
                "enableCapture": True,
                "initialSamplingPercentage": 20,
                "destinationS3Uri": "s3://sim-bucket/capture",
                "captureOptions": [{"captureMode": "Input"}],
            },
        },
    ),
    "topic": ("aws:sns/topic:Topic", {"name": "alarms", "kmsMasterKeyId": "${key.arn}"}),
    "topicpolicy": (
        "aws:sns/topicPolicy:TopicPolicy",
        {"arn": "${topic.arn}", "policy": TOPIC_POLICY},
    ),
    "queue": ("aws:sqs/queue:Queue", {"name": "dead", "messageRetentionSeconds": 1209600}),
    "queuepolicy": (
        "aws:sqs/queuePolicy:QueuePolicy",
        {
            "queueUrl": "${queue.url}",
            "policy": policy(
                statement(
                    Action="sqs:SendMessage",
                    Resource="${queue.arn}",
                    Principal={"AWS": "${role.arn}"},
                )
            ),
        },
    ),
    "subscription": (
        "aws:sns/topicSubscription:TopicSubscription",
        {"topic": "${topic.arn}", "protocol": "sqs", "endpoint": "${queue.arn}"},
    ),
    "alarm": (
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        {
            "name": "errors",
            "namespace": "AWS/SageMaker",
            "metricName": "Invocation5XXErrors",
            "dimensions": {"EndpointName": "flights", "VariantName": "all"},
            "statistic": "Sum",
            "period": 60,
            "evaluationPeriods": 3,
            "datapointsToAlarm": 2,
            "threshold": 1,
            "comparisonOperator": "GreaterThanThreshold",
            "treatMissingData": "notBreaching",
            "alarmActions": ["${topic.arn}"],
        },
    ),
    "composite": (
        "aws:cloudwatch/compositeAlarm:CompositeAlarm",
        {"alarmName": "any", "alarmRule": 'ALARM("errors")'},
    ),
    "endpoint": (
        "aws:sagemaker/endpoint:Endpoint",
        {
            "name": "flights",
            "endpointConfigName": "${config.name}",
            "deploymentConfig": {
                "blueGreenUpdatePolicy": {
                    "trafficRoutingConfiguration": {
                        "type": "CANARY",
                        "waitIntervalInSeconds": 300,
                        "canarySize": {"type": "CAPACITY_PERCENT", "value": 10},
                    }
                },
                "autoRollbackConfiguration": {"alarms": [{"alarmName": "${alarm.name}"}]},
            },
        },
    ),
    "scaled": (
        "aws:appautoscaling/target:Target",
        {**SCALED, "minCapacity": 1, "maxCapacity": 2},
    ),
    "scaling": (
        "aws:appautoscaling/policy:Policy",
        {
            **SCALED,
            "name": "invocations",
            "resourceId": "${scaled.resourceId}",
            "policyType": "TargetTrackingScaling",
            "targetTrackingScalingPolicyConfiguration": {
                "targetValue": 100,
                "predefinedMetricSpecification": {
                    "predefinedMetricType": "SageMakerVariantInvocationsPerInstance"
                },
            },
        },
    ),
    "quality": (
        "aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition",
        {
            "name": "quality",
            "roleArn": "${role.arn}",
            "dataQualityAppSpecification": {"imageUri": "1.dkr.ecr.eu-central-1/a"},
            "dataQualityJobInput": {"endpointInput": {"endpointName": "flights"}},
            "dataQualityJobOutputConfig": {
                "monitoringOutputs": {"s3Output": {"s3Uri": "s3://sim-bucket/quality"}}
            },
            "jobResources": {
                "clusterConfig": {
                    "instanceCount": 1,
                    "instanceType": "ml.m5.large",
                    "volumeSizeInGb": 20,
                }
            },
        },
    ),
    "monitoring": (
        "aws:sagemaker/monitoringSchedule:MonitoringSchedule",
        {
            "name": "quality",
            "monitoringScheduleConfig": {
                "monitoringJobDefinitionName": "${quality.name}",
                "monitoringType": "DataQuality",
                "scheduleConfig": {"scheduleExpression": "cron(0 * ? * * *)"},
            },
        },
    ),
    "schedulegroup": ("aws:scheduler/scheduleGroup:ScheduleGroup", {"name": "sim"}),
    "schedule": (
        "aws:scheduler/schedule:Schedule",
        {
            "name": "weekly",
            "groupName": "${schedulegroup.name}",
            "scheduleExpression": "cron(0 3 ? * MON *)",
            "scheduleExpressionTimezone": "Europe/Berlin",
            "flexibleTimeWindow": {"mode": "OFF"},
            "target": {
                "arn": "${pipeline.arn}",
                "roleArn": "${role.arn}",
                "deadLetterConfig": {"arn": "${queue.arn}"},
                "sagemakerPipelineParameters": {
                    "pipelineParameters": [{"name": "reason", "value": "schedule"}]
                },
            },
        },
    ),
    "bus": ("aws:cloudwatch/eventBus:EventBus", {"name": "sim"}),
    "rule": (
        "aws:cloudwatch/eventRule:EventRule",
        {
            "name": "drift",
            "eventPattern": json.dumps(
                {"source": ["aws.cloudwatch"], "resources": ["${alarm.arn}"]}
            ),
        },
    ),
    "target": (
        "aws:cloudwatch/eventTarget:EventTarget",
        {
            "targetId": "retrain",
            "rule": "${rule.name}",
            "arn": "${pipeline.arn}",
            "roleArn": "${role.arn}",
            "sagemakerPipelineTarget": {
                "pipelineParameterLists": [{"name": "reason", "value": "drift"}]
            },
        },
    ),
    "function": (
        "aws:lambda/function:Function",
        {
            "name": "glue",
            "role": "${role.arn}",
            "s3Bucket": "${bucket.bucket}",
            "s3Key": "${object.key}",
            "handler": "main.handler",
            "runtime": "python3.12",
        },
    ),
    "permission": (
        "aws:lambda/permission:Permission",
        {
            "statementId": "events",
            "action": "lambda:InvokeFunction",
            "function": "${function.name}",
            "principal": "events.amazonaws.com",
            "sourceArn": "${rule.arn}",
        },
    ),
    "dashboard": (
        "aws:cloudwatch/dashboard:Dashboard",
        {
            "dashboardName": "flights",
            "dashboardBody": json.dumps(
                {
                    "widgets": [
                        {
                            "type": "metric",
                            "width": 12,
                            "height": 6,
                            "properties": {"region": "eu-central-1", "metrics": []},
                        }
                    ]
                }
            ),
        },
    ),
    "loggroup": (
        "aws:cloudwatch/logGroup:LogGroup",
        {"name": "/aws/sagemaker/x", "retentionInDays": 30, "kmsKeyId": "${key.arn}"},
    ),
    "logfilter": (
        "aws:cloudwatch/logMetricFilter:LogMetricFilter",
        {
            "name": "errors",
            "logGroupName": "${loggroup.name}",
            "pattern": "ERROR",
            "metricTransformation": {"name": "errors", "namespace": "sim", "value": "1"},
        },
    ),
    "repository": ("aws:ecr/repository:Repository", {"name": "sim"}),
    "expiry": (
        "aws:ecr/lifecyclePolicy:LifecyclePolicy",
        {
            "repository": "${repository.name}",
            "policy": json.dumps(
                {
                    "rules": [
                        {
                            "rulePriority": 1,
                            "selection": {
                                "tagStatus": "untagged",
                                "countType": "sinceImagePushed",
                                "countUnit": "days",
                                "countNumber": 14,
                            },
                            "action": {"type": "expire"},
                        }
                    ]
                }
            ),
        },
    ),
    "parameter": (
        "aws:ssm/parameter:Parameter",
        {"name": "/sim/a", "type": "String", "value": "b"},
    ),
}
