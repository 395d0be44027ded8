"""Who calls what on AWS: the one table from which every role's policy is made.

Resources are templates; `components.aws_policies.Places` fills them. A grant with a `source` is
for calls that the service itself makes in the role's name, as that page says; all others are
made by the platform's own code, and tests compare them with what that code does call.
Actions and their resources: https://docs.aws.amazon.com/service-authorization/latest/reference/
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

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
SCHEDULER = "https://docs.aws.amazon.com/scheduler/latest/UserGuide/setting-up.html"
QUEUES = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html"

_SAGEMAKER = "arn:{partition}:sagemaker:{region}:{account}"
_STORE = "arn:{partition}:s3:::{bucket}"
_MODEL = f"{_STORE}/models/{{model}}"
_ROLE = "arn:{partition}:iam::{account}:role"
_LOGS = "arn:{partition}:logs:{region}:{account}:log-group:/aws/sagemaker"
_ALARMS = "arn:{partition}:cloudwatch:{region}:{account}:alarm"


@dataclass(frozen=True)
class Grant:
    """Some actions on some resources; `when` are the conditions of the statement."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    when: Mapping[str, Mapping[str, str | list[str]]] = field(default_factory=dict)
    source: str | None = None


def _passing(*roles: str, source: str | None = None) -> Grant:
    """Hand roles to SageMaker, and to no other service."""
    return Grant(
        ("iam:PassRole",),
        tuple(f"{_ROLE}/{role}" for role in roles),
        {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}},
        source,
    )


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
_LIST = Grant(("s3:ListBucket",), (_STORE,))
_VERSIONS = Grant(("sagemaker:ListModelPackages",), (f"{_SAGEMAKER}:model-package-group/{{name}}",))
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
    Grant(("s3:GetObject",), (f"{_STORE}/code/*",), source=ROLES),
    Grant(
        (
            "logs:CreateLogGroup",
            "logs:CreateLogStream",
            "logs:DescribeLogStreams",
            "logs:PutLogEvents",
        ),
        (f"{_LOGS}/ProcessingJobs:*", f"{_LOGS}/TrainingJobs:*"),
        source=ROLES,
    ),
    Grant(
        ("cloudwatch:PutMetricData",),
        ("*",),
        {
            "StringEquals": {
                "cloudwatch:namespace": [
                    "/aws/sagemaker/ProcessingJobs",
                    "/aws/sagemaker/TrainingJobs",
                ]
            }
        },
        source=ROLES,
    ),
)
_RELEASING = (
    Grant(("s3:GetObject",), (f"{_STORE}/platform.json", f"{_MODEL}/*")),
    Grant(("s3:PutObject",), (f"{_MODEL}/releases/*",)),
    _LIST,
    _ENCRYPT,
    _VERSIONS,
    Grant(
        ("sagemaker:UpdateModelPackage",),
        (f"{_SAGEMAKER}:model-package/{{name}}/*",),
    ),
    Grant(
        ("sagemaker:AddTags", "sagemaker:CreateModel", "sagemaker:DeleteModel"),
        (f"{_SAGEMAKER}:model/{{name}}-v*",),
    ),
    Grant(
        (
            "sagemaker:AddTags",
            "sagemaker:CreateEndpointConfig",
            "sagemaker:DeleteEndpointConfig",
        ),
        (f"{_SAGEMAKER}:endpoint-config/{{name}}-v*",),
    ),
    Grant(("sagemaker:DescribeModel",), (f"{_SAGEMAKER}:model/{{name}}-*",)),
    Grant(("sagemaker:DescribeEndpointConfig",), (f"{_SAGEMAKER}:endpoint-config/{{name}}-*",)),
    Grant(("sagemaker:DescribeEndpoint",), (f"{_SAGEMAKER}:endpoint/{{name}}",)),
    Grant(
        ("sagemaker:UpdateEndpoint",),
        (f"{_SAGEMAKER}:endpoint/{{name}}", f"{_SAGEMAKER}:endpoint-config/{{name}}-v*"),
    ),
    Grant(("cloudwatch:DescribeAlarms",), (f"{_ALARMS}:{{name}}-*",)),
    _passing("{name}-endpoint"),
    _volumes(ROLES),
)

CALLS: dict[str, tuple[Grant, ...]] = {
    # Starts the jobs of a run; sees of the store only the results that conditions look at.
    "pipeline": (
        Grant(
            (
                "sagemaker:AddTags",
                "sagemaker:CreateProcessingJob",
                "sagemaker:DescribeProcessingJob",
                "sagemaker:StopProcessingJob",
            ),
            (f"{_SAGEMAKER}:processing-job/pipelines-*",),
            source=PIPELINES,
        ),
        Grant(
            (
                "sagemaker:AddTags",
                "sagemaker:CreateTrainingJob",
                "sagemaker:DescribeTrainingJob",
                "sagemaker:StopTrainingJob",
            ),
            (f"{_SAGEMAKER}:training-job/pipelines-*",),
            source=PIPELINES,
        ),
        Grant(
            ("sagemaker:CreateModelPackage",),
            (
                f"{_SAGEMAKER}:model-package-group/{{name}}",
                f"{_SAGEMAKER}:model-package/{{name}}/*",
            ),
            source=PIPELINES,
        ),
        Grant(
            ("sagemaker:AddTags", "sagemaker:DescribeModelPackage"),
            (f"{_SAGEMAKER}:model-package/{{name}}/*",),
            source=PIPELINES,
        ),
        _passing("{name}-steps", "{name}-release", source=PIPELINES),
        Grant(("s3:GetObject",), (f"{_MODEL}/runs/*", f"{_MODEL}/training/*"), source=PIPELINES),
        Grant(("kms:Decrypt",), ("{key}",), source=PIPELINES),
        _volumes(ROLES),
    ),
    "steps": (
        Grant(("s3:GetObject",), (f"{_STORE}/platform.json", f"{_MODEL}/*")),
        Grant(("s3:PutObject",), (f"{_MODEL}/*",)),
        _LIST,
        _ENCRYPT,
        _VERSIONS,
        Grant(("s3:GetObject",), ("arn:{partition}:s3:::{data}*",)),
        Grant(("s3:ListBucket",), ("arn:{partition}:s3:::{data_bucket}",)),
        Grant(
            ("sagemaker:DescribePipelineExecution",),
            (f"{_SAGEMAKER}:pipeline/{{name}}-*",),
        ),
        Grant(
            ("cloudwatch:PutMetricData",),
            ("*",),
            {"StringEquals": {"cloudwatch:namespace": NAMESPACE}},
        ),
        *_JOB,
    ),
    "release": (*_RELEASING, *_JOB),
    # Loads the model and writes captures and its log.
    "endpoint": (
        Grant(
            ("s3:GetObject",),
            (f"{_STORE}/code/*", f"{_MODEL}/training/*"),
            source=ROLES,
        ),
        Grant(("s3:PutObject",), (f"{_MODEL}/captures/*",), source=ROLES),
        Grant(("s3:ListBucket",), (_STORE,), source=ROLES),
        Grant(("kms:Decrypt", "kms:GenerateDataKey"), ("{key}",), source=ROLES),
        *_JOB[:2],
        Grant(
            ("logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"),
            (f"{_LOGS}/Endpoints/{{name}}:*",),
            source=ROLES,
        ),
        Grant(
            ("cloudwatch:PutMetricData",),
            ("*",),
            {"StringEquals": {"cloudwatch:namespace": "/aws/sagemaker/Endpoints"}},
            source=ROLES,
        ),
    ),
    "schedule": (
        Grant(
            ("sagemaker:StartPipelineExecution",),
            (
                f"{_SAGEMAKER}:pipeline/{{name}}-training",
                f"{_SAGEMAKER}:pipeline/{{name}}-drift-check",
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
            (f"{_SAGEMAKER}:pipeline/{{name}}-training",),
            source=SCHEDULER,
        ),
    ),
}


def actions(actor: str, own: bool = False) -> set[str]:
    """What `actor` may call; with `own` only what the platform's code calls in its name."""
    grants = CALLS[actor]
    return {a for grant in grants if not (own and grant.source) for a in grant.actions}
