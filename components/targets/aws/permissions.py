"""Permissions by actor on AWS: the one table from which every role's policy is made.

A grant with a `source` is for calls that a service makes in the role's name. All others are made
by the platform's own code, and tests compare them with what that code does call.
Actions and their resources: https://docs.aws.amazon.com/service-authorization/latest/reference/
"""

from __future__ import annotations

from components.targets.aws.ci_permissions import DEPLOY, PREVIEW
from components.targets.aws.grants import (
    ALARMS,
    JOB_LOGS,
    LOGS,
    MODEL,
    SAGEMAKER,
    STORE,
    Grant,
    passing,
)

SERVICES = {
    "pipeline": "sagemaker.amazonaws.com",
    "steps": "sagemaker.amazonaws.com",
    "release": "sagemaker.amazonaws.com",
    "endpoint": "sagemaker.amazonaws.com",
    "schedule": "scheduler.amazonaws.com",
    "events": "events.amazonaws.com",
}

# The namespace of the platform's own metrics.
NAMESPACE = "mlops"
ROLES = "https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html"
PIPELINES = "https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-access.html"
GUARDRAILS = (
    "https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-configuration.html"
)
# Its policy AmazonSageMakerModelRegistryFullAccess looks at the images of what it registers.
MODEL_REGISTRY = (
    "https://docs.aws.amazon.com/sagemaker/latest/dg/security-iam-awsmanpol-model-registry.html"
)
SCHEDULER = "https://docs.aws.amazon.com/scheduler/latest/UserGuide/setting-up.html"
QUEUES = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html"


def _volumes(source: str) -> Grant:
    """Encrypt the disks of jobs and endpoints."""
    return Grant(
        ("kms:CreateGrant",),
        ("{key}",),
        {"Bool": {"kms:GrantIsForAWSResource": "true"}},
        source,
    )


_DECRYPT = Grant(("kms:Decrypt",), ("{key}",))
_ENCRYPT = Grant(("kms:Decrypt", "kms:GenerateDataKey"), ("{key}",))
_LIST = Grant(("s3:ListBucket",), (STORE,))
_REGISTERING = (
    Grant(
        ("sagemaker:CreateModelPackage",),
        (f"{SAGEMAKER}:model-package-group/{{name}}", f"{SAGEMAKER}:model-package/{{name}}/*"),
    ),
)
# The Service Authorization Reference names the versions; a policy on the group, which the call
# names, does no harm.
_VERSIONS = Grant(
    ("sagemaker:ListModelPackages",),
    (f"{SAGEMAKER}:model-package/{{name}}/*", f"{SAGEMAKER}:model-package-group/{{name}}"),
)
# What SageMaker does in the name of a job's role: image, files, log.
_JOB = (
    Grant(("ecr:GetAuthorizationToken",), ("*",), source=ROLES),
    Grant(
        (
            "ecr:BatchCheckLayerAvailability",
            "ecr:BatchGetImage",
            "ecr:GetDownloadUrlForLayer",
        ),
        ("{repository}",),
        source=ROLES,
    ),
    Grant(("s3:GetObject",), (f"{STORE}/code/*",), source=ROLES),
    Grant(
        (
            "logs:CreateLogGroup",
            "logs:CreateLogStream",
            "logs:DescribeLogStreams",
            "logs:PutLogEvents",
        ),
        tuple(f"{LOGS}/{kind}:*" for kind in JOB_LOGS),
        source=ROLES,
    ),
    Grant(
        ("cloudwatch:PutMetricData",),
        ("*",),
        {"StringEquals": {"cloudwatch:namespace": [f"/aws/sagemaker/{kind}" for kind in JOB_LOGS]}},
        source=ROLES,
    ),
)
_RELEASING = (
    Grant(("s3:GetObject",), (f"{STORE}/platform.json", f"{MODEL}/*")),
    Grant(("s3:PutObject",), (f"{MODEL}/releases/*", f"{MODEL}/release-steps/*")),
    _LIST,
    _ENCRYPT,
    _VERSIONS,
    Grant(
        ("sagemaker:UpdateModelPackage",),
        (f"{SAGEMAKER}:model-package/{{name}}/*",),
    ),
    Grant(
        ("sagemaker:AddTags", "sagemaker:CreateModel", "sagemaker:DeleteModel"),
        (f"{SAGEMAKER}:model/{{name}}-v*",),
    ),
    Grant(
        (
            "sagemaker:AddTags",
            "sagemaker:CreateEndpointConfig",
            "sagemaker:DeleteEndpointConfig",
        ),
        (f"{SAGEMAKER}:endpoint-config/{{name}}-v*",),
    ),
    Grant(("sagemaker:DescribeModel",), (f"{SAGEMAKER}:model/{{name}}-*",)),
    Grant(("sagemaker:DescribeEndpointConfig",), (f"{SAGEMAKER}:endpoint-config/{{name}}-*",)),
    Grant(("sagemaker:DescribeEndpoint",), (f"{SAGEMAKER}:endpoint/{{name}}",)),
    Grant(
        ("sagemaker:UpdateEndpoint",),
        (f"{SAGEMAKER}:endpoint/{{name}}", f"{SAGEMAKER}:endpoint-config/{{name}}-v*"),
    ),
    # What the new version answers: to the input example, and to everybody.
    Grant(("sagemaker:InvokeEndpoint",), (f"{SAGEMAKER}:endpoint/{{name}}",)),
    Grant(("cloudwatch:GetMetricData",), ("*",)),
    # The alarm of a release, which carries tags.
    Grant(
        ("cloudwatch:DeleteAlarms", "cloudwatch:PutMetricAlarm", "cloudwatch:TagResource"),
        (f"{ALARMS}:{{name}}-v*",),
    ),
    # The service looks at the alarms of a deployment in the caller's name.
    Grant(("cloudwatch:DescribeAlarms",), (f"{ALARMS}:{{name}}-*",)),
    passing("sagemaker.amazonaws.com", "{name}-endpoint"),
    _volumes(ROLES),
)

# Registers the version of another stack, and reads one for it.
_IMPORTING = (
    Grant(
        ("s3:PutObject",),
        (f"{MODEL}/artifacts/*", f"{MODEL}/training/*", f"{MODEL}/versions/*"),
    ),
    Grant(("s3:GetObject",), (f"{STORE}/code/*",)),
    *_REGISTERING,
    # The image of a version may be in any repository of the region.
    Grant(
        ("ecr:BatchGetImage", "ecr:DescribeImages"),
        ("arn:{partition}:ecr:{region}:*:repository/*",),
        source=MODEL_REGISTRY,
    ),
)
# Says what runs.
_LOOKING = (
    Grant(
        (
            "sagemaker:DescribePipelineExecution",
            "sagemaker:ListPipelineExecutions",
            "sagemaker:ListPipelineExecutionSteps",
            "sagemaker:ListPipelineParametersForExecution",
        ),
        (f"{SAGEMAKER}:pipeline/{{name}}-*",),
    ),
    Grant(
        ("scheduler:GetSchedule",),
        ("arn:{partition}:scheduler:{region}:{account}:schedule/default/{name}-*",),
    ),
)

CALLS: dict[str, tuple[Grant, ...]] = {
    # Starts the jobs of a run, which the service calls pipelines-RUN-STEP-... (seen in
    # https://github.com/aws/amazon-sagemaker-examples/issues/3106); sees of the store only the
    # results that conditions look at.
    "pipeline": (
        Grant(
            (
                "sagemaker:AddTags",
                "sagemaker:CreateProcessingJob",
                "sagemaker:DescribeProcessingJob",
                "sagemaker:StopProcessingJob",
            ),
            (f"{SAGEMAKER}:processing-job/pipelines-*",),
            source=PIPELINES,
        ),
        Grant(
            (
                "sagemaker:AddTags",
                "sagemaker:CreateTrainingJob",
                "sagemaker:DescribeTrainingJob",
                "sagemaker:StopTrainingJob",
            ),
            (f"{SAGEMAKER}:training-job/pipelines-*",),
            source=PIPELINES,
        ),
        passing("sagemaker.amazonaws.com", "{name}-steps", "{name}-release", source=PIPELINES),
        Grant(("s3:GetObject",), (f"{MODEL}/runs/*",), source=PIPELINES),
        Grant(("kms:Decrypt",), ("{key}",), source=PIPELINES),
        _volumes(ROLES),
    ),
    "steps": (
        Grant(("s3:GetObject",), (f"{STORE}/platform.json", f"{MODEL}/*")),
        Grant(("s3:PutObject",), (f"{MODEL}/*",)),
        _LIST,
        _ENCRYPT,
        _VERSIONS,
        *_REGISTERING,
        Grant(("ecr:DescribeImages",), ("{repository}",), source=MODEL_REGISTRY),
        Grant(("s3:GetObject",), ("arn:{partition}:s3:::{data}*",)),
        Grant(
            ("s3:ListBucket",),
            ("arn:{partition}:s3:::{data_bucket}",),
            {"StringLike": {"s3:prefix": "{data_key}*"}},
        ),
        Grant(
            ("sagemaker:DescribePipelineExecution",),
            (f"{SAGEMAKER}:pipeline/{{name}}-*",),
        ),
        Grant(
            ("cloudwatch:PutMetricData",),
            ("*",),
            {"StringEquals": {"cloudwatch:namespace": NAMESPACE}},
        ),
        *_JOB,
    ),
    "release": (
        *_RELEASING,
        Grant(("s3:PutObject",), (f"{MODEL}/runs/*",), source=ROLES),
        *_JOB,
    ),
    # Loads the model and writes captures and its log.
    "endpoint": (
        Grant(
            ("s3:GetObject",),
            (f"{STORE}/code/*", f"{MODEL}/training/*"),
            source=ROLES,
        ),
        Grant(("s3:PutObject",), (f"{MODEL}/captures/*",), source=ROLES),
        Grant(("s3:ListBucket",), (STORE,), source=ROLES),
        Grant(("kms:Decrypt", "kms:GenerateDataKey"), ("{key}",), source=ROLES),
        *_JOB[:2],
        Grant(
            ("logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"),
            (f"{LOGS}/Endpoints/{{name}}:*",),
            source=ROLES,
        ),
        Grant(
            ("cloudwatch:PutMetricData",),
            ("*",),
            {"StringEquals": {"cloudwatch:namespace": "/aws/sagemaker/Endpoints"}},
            source=ROLES,
        ),
        Grant(("cloudwatch:DescribeAlarms",), (f"{ALARMS}:*",), source=GUARDRAILS),
    ),
    "schedule": (
        Grant(
            ("sagemaker:StartPipelineExecution",),
            (
                f"{SAGEMAKER}:pipeline/{{name}}-training",
                f"{SAGEMAKER}:pipeline/{{name}}-drift-check",
            ),
            source=SCHEDULER,
        ),
        Grant(
            ("sqs:SendMessage",),
            ("arn:{partition}:sqs:{region}:{account}:{prefix}-dead-letters",),
            source=SCHEDULER,
        ),
        Grant(("kms:Decrypt", "kms:GenerateDataKey"), ("{key}",), source=QUEUES),
    ),
    "events": (
        Grant(
            ("sagemaker:StartPipelineExecution",),
            (f"{SAGEMAKER}:pipeline/{{name}}-training",),
            source=SCHEDULER,
        ),
    ),
    # The code host's jobs act on all models of the stack.
    "preview": PREVIEW,
    "deploy": (*PREVIEW, *DEPLOY),
    "promote": (*_RELEASING, *_IMPORTING, *_LOOKING),
}
