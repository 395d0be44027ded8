"""Calls of the code host's jobs on AWS: `preview` reads the stack, `deploy` makes it.

These are the provider's calls for the resources of `components/*/aws.py`, narrowed to names that
begin with the stack's prefix. The permissions of Pulumi's own state are the backend's business.
"""

from __future__ import annotations

from components.targets.aws.grants import ALARMS, JOB_LOGS, LOGS, ROLE, SAGEMAKER, Grant, passing

PROVIDER = "https://www.pulumi.com/registry/packages/aws/"

_BUCKETS = "arn:{partition}:s3:::{prefix}-*"
_QUEUES = "arn:{partition}:sqs:{region}:{account}:{prefix}-*"
_TOPICS = "arn:{partition}:sns:{region}:{account}:{prefix}-*"
_RULES = "arn:{partition}:events:{region}:{account}:rule/{prefix}-*"
_SCHEDULES = "arn:{partition}:scheduler:{region}:{account}:schedule/default/{prefix}-*"
_DASHBOARDS = "arn:{partition}:cloudwatch::{account}:dashboard/{prefix}-*"
_BUDGETS = "arn:{partition}:budgets::{account}:budget/{prefix}"
_ALIASES = "arn:{partition}:kms:{region}:{account}:alias/{prefix}"
_PROVIDERS = "arn:{partition}:iam::{account}:oidc-provider/token.actions.githubusercontent.com"
_ENDPOINT_LOGS = f"{LOGS}/Endpoints/{{prefix}}-*"
_JOB_LOGS = tuple(f"{LOGS}/{kind}" for kind in JOB_LOGS)
_CHANGE_LOGS = "CreateLogGroup PutRetentionPolicy TagResource UntagResource"
_KINDS = ("endpoint", "endpoint-config", "model", "model-package-group", "pipeline")
_OURS = tuple(f"{SAGEMAKER}:{kind}/{{prefix}}-*" for kind in _KINDS)
# The key is made once; its policy names this account, and nobody else's keys have this tag.
_NEW_KEY = {"StringEquals": {"aws:RequestTag/stack": "{stack}"}}
_OWN_KEY = {"StringEquals": {"aws:ResourceTag/stack": "{stack}"}}
_SCALABLE = "arn:{partition}:application-autoscaling:{region}:{account}:scalable-target/*"
_KEYS = "arn:{partition}:kms:{region}:{account}:key/*"


def _provider(
    actions: str, *resources: str, when: dict[str, dict[str, str]] | None = None
) -> Grant:
    """Calls of the provider; `actions` as ``service: Name Name``."""
    service, _, names = actions.partition(":")
    calls = tuple(f"{service}:{name}" for name in sorted(names.split()))
    return Grant(calls, resources, when or {}, source=PROVIDER)


PREVIEW = (
    _provider(
        "s3: GetAccelerateConfiguration GetBucketAcl GetBucketCORS GetBucketLogging"
        " GetBucketObjectLockConfiguration GetBucketOwnershipControls GetBucketPolicy"
        " GetBucketPublicAccessBlock GetBucketRequestPayment GetBucketTagging"
        " GetBucketVersioning GetBucketWebsite GetEncryptionConfiguration"
        " GetLifecycleConfiguration GetReplicationConfiguration ListBucket",
        _BUCKETS,
    ),
    _provider("s3: GetObject GetObjectTagging", f"{_BUCKETS}/*"),
    _provider(
        "kms: Decrypt DescribeKey GetKeyPolicy GetKeyRotationStatus ListResourceTags",
        _KEYS,
        when=_OWN_KEY,
    ),
    _provider(
        "iam: GetRole GetRolePolicy ListAttachedRolePolicies ListRolePolicies",
        f"{ROLE}/{{prefix}}-*",
    ),
    _provider("iam: GetOpenIDConnectProvider", _PROVIDERS),
    _provider(
        "sagemaker: DescribeEndpoint DescribeEndpointConfig DescribeModel"
        " DescribeModelPackageGroup DescribePipeline ListTags",
        *_OURS,
    ),
    _provider("logs: ListTagsForResource", _ENDPOINT_LOGS),
    _provider("cloudwatch: DescribeAlarms ListTagsForResource", f"{ALARMS}:{{prefix}}-*"),
    _provider("cloudwatch: GetDashboard", _DASHBOARDS),
    # Subscriptions that wait for their confirmation are found in the topic's list.
    _provider("sns: GetTopicAttributes ListSubscriptionsByTopic ListTagsForResource", _TOPICS),
    _provider("sqs: GetQueueAttributes ListQueueTags", _QUEUES),
    _provider("events: DescribeRule ListTagsForResource ListTargetsByRule", _RULES),
    _provider("scheduler: GetSchedule", _SCHEDULES),
    _provider("budgets: ListTagsForResource ViewBudget", _BUDGETS),
    _provider("application-autoscaling: ListTagsForResource", _SCALABLE),
    # These are allowed on no single resource.
    _provider("application-autoscaling: DescribeScalableTargets DescribeScalingPolicies", "*"),
    _provider("kms: ListAliases", "*"),
    _provider("logs: DescribeLogGroups", "*"),
    _provider("sns: GetSubscriptionAttributes", "*"),
)
DEPLOY = (
    _provider(
        "s3: CreateBucket DeleteBucket DeleteBucketPolicy PutBucketOwnershipControls"
        " PutBucketPolicy PutBucketPublicAccessBlock PutBucketTagging PutBucketVersioning"
        " PutEncryptionConfiguration PutLifecycleConfiguration ListBucketVersions",
        _BUCKETS,
    ),
    _provider(
        "s3: DeleteObject DeleteObjectVersion GetObjectVersion PutObject PutObjectTagging",
        f"{_BUCKETS}/*",
    ),
    _provider("kms: CreateKey", "*", when=_NEW_KEY),
    _provider("kms: TagResource", _KEYS, when=_NEW_KEY),
    _provider(
        "kms: CancelKeyDeletion CreateGrant EnableKeyRotation"
        " GenerateDataKey PutKeyPolicy ScheduleKeyDeletion TagResource UntagResource"
        " UpdateKeyDescription",
        _KEYS,
        when=_OWN_KEY,
    ),
    _provider("kms: CreateAlias DeleteAlias UpdateAlias", _ALIASES, _KEYS),
    _provider(
        "iam: CreateRole DeleteRole DeleteRolePolicy ListInstanceProfilesForRole PutRolePolicy"
        " TagRole UntagRole UpdateAssumeRolePolicy UpdateRole",
        f"{ROLE}/{{prefix}}-*",
    ),
    _provider(
        "iam: CreateOpenIDConnectProvider DeleteOpenIDConnectProvider TagOpenIDConnectProvider"
        " UntagOpenIDConnectProvider",
        _PROVIDERS,
    ),
    passing("sagemaker.amazonaws.com", "{prefix}-*", source=PROVIDER),
    passing("scheduler.amazonaws.com", "{prefix}-*-schedule", source=PROVIDER),
    passing("events.amazonaws.com", "{prefix}-*-events", source=PROVIDER),
    _provider(
        "sagemaker: AddTags CreateEndpoint CreateEndpointConfig CreateModel"
        " CreateModelPackageGroup CreatePipeline DeleteEndpoint DeleteEndpointConfig"
        " DeleteModel DeleteModelPackageGroup DeletePipeline DeleteTags UpdatePipeline",
        *_OURS,
    ),
    # What pipelines and releases made goes with the stack (tools/destroy/aws.py).
    _provider("sagemaker: DeleteModelPackage", f"{SAGEMAKER}:model-package/{{prefix}}-*"),
    _provider("sagemaker: ListModelPackages", f"{SAGEMAKER}:model-package/{{prefix}}-*"),
    _provider("sagemaker: ListEndpointConfigs ListModels", "*"),
    _provider(f"logs: AssociateKmsKey DeleteLogGroup {_CHANGE_LOGS}", _ENDPOINT_LOGS),
    _provider(
        "cloudwatch: DeleteAlarms PutMetricAlarm TagResource UntagResource",
        f"{ALARMS}:{{prefix}}-*",
    ),
    _provider("cloudwatch: DeleteDashboards PutDashboard", _DASHBOARDS),
    _provider(
        "sns: CreateTopic DeleteTopic SetTopicAttributes Subscribe TagResource UntagResource",
        _TOPICS,
    ),
    _provider("sns: Unsubscribe", "*"),
    _provider("sqs: CreateQueue DeleteQueue SetQueueAttributes TagQueue UntagQueue", _QUEUES),
    _provider(
        "events: DeleteRule PutRule PutTargets RemoveTargets TagResource UntagResource", _RULES
    ),
    _provider("scheduler: CreateSchedule DeleteSchedule UpdateSchedule", _SCHEDULES),
    _provider(
        "application-autoscaling: DeleteScalingPolicy DeregisterScalableTarget PutScalingPolicy"
        " RegisterScalableTarget",
        _SCALABLE,
        when={"StringEquals": {"application-autoscaling:service-namespace": "sagemaker"}},
    ),
    Grant(
        ("iam:CreateServiceLinkedRole",),
        (f"{ROLE}/aws-service-role/sagemaker.application-autoscaling.amazonaws.com/*",),
        {"StringEquals": {"iam:AWSServiceName": "sagemaker.application-autoscaling.amazonaws.com"}},
        PROVIDER,
    ),
    _provider("budgets: ModifyBudget TagResource UntagResource", _BUDGETS),
)
# Of a stack that owns the groups of job logs; it never deletes them.
_READ_JOB_LOGS = _provider("logs: ListTagsForResource", *_JOB_LOGS)
OWNER = {
    "preview": (_READ_JOB_LOGS,),
    "deploy": (_READ_JOB_LOGS, _provider(f"logs: {_CHANGE_LOGS}", *_JOB_LOGS)),
    "promote": (),
}
