"""Amazon SageMaker, with S3, EventBridge, CloudWatch and SNS."""

from components.targets import Question, Target

TARGET = Target(
    name="aws",
    sdk="pulumi-aws",
    module="pulumi_aws",
    wheel_requirements=("boto3",),
    stacks=("aws-dev", "aws-prod"),
    leaves_versions=True,
    exclusive=frozenset(
        {
            "ci.github.provider",
            "compute.volumeGb",
            "data.kmsKey",
            "drift.instances",
            "endpoint.captureBy",
            "ownsJobLogs",
        }
    ),
    # CloudWatch gets an endpoint's metrics each minute ("Metrics for monitoring Amazon SageMaker").
    signal_minutes=2,
    limitations={
        "pipeline": "steps that are reused: data and champion change under one address",
        "endpoint": "an endpoint without a machine: before the first release one answers 503; a "
        "canary with one instance; the version before kept able to serve: an endpoint has one "
        "configuration",
        "monitoring": "job logs per stack: they are the account's, and one stack keeps "
        "them (`ownsJobLogs`)",
    },
    lingering={
        "kms.Key": "AWS deletes a key after its waiting period; nothing can be decrypted meanwhile",
    },
    storage_type="s3.Bucket",
    questions=(Question("region", "region", "aws:region", "eu-central-1", required=True),),
)
