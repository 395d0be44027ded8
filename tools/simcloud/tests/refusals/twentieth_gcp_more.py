"""A second independent sample on Google Cloud: Vertex AI, Pub/Sub, workflows, jobs and budgets."""

from __future__ import annotations

from typing import Any

from pulumi_simcloud.platforms import project_number
from samples.documents import PIPELINE_SPEC

from refusals.case import (
    ENUM,
    EXCLUSIVE,
    GITHUB,
    MISSING,
    PATTERN,
    RANGE,
    REFERENCE,
    TEXT,
    Refusal,
)
from refusals.twentieth_gcp_watch import WATCH

TERRAFORM = f"{GITHUB}/hashicorp/terraform-provider-google"
PROJECT = "sim-project"
NUMBER = project_number(PROJECT)
TOKEN = {"serviceAccountEmail": "${account.email}"}
FINALIZED = {"attribute": "type", "value": "google.cloud.storage.object.v1.finalized"}
# A bucket in another region than the trigger.
FAR_BUCKET = (
    ("farring", "ring", {"name": "sim-far", "location": "us-central1"}),
    ("farkey", "key", {"name": "sim-far", "keyRing": "${farring.id}"}),
    ("fargrant", "storageagent", {"cryptoKeyId": "${farkey.id}"}),
    (
        "farbucket",
        "bucket",
        {
            "name": "linehaul-logs",
            "location": "US-CENTRAL1",
            "encryption": {"defaultKmsKeyName": "${farkey.id}"},
        },
    ),
)
CHANNELS = tuple(
    (
        f"mail{number}",
        "channel",
        {"type": "email", "labels": {"email_address": f"team{number}@example.org"}},
    )
    for number in range(12)
)


def _objects(bucket: str, *criteria: dict[str, str]) -> dict[str, Any]:
    """A trigger for the objects of a bucket."""
    return {
        "matchingCriterias": [FINALIZED, {"attribute": "bucket", "value": bucket}, *criteria],
        "transport": {},
    }


def _run(folder: str) -> dict[str, Any]:
    """A schedule whose runs write to a folder."""
    return {
        "createPipelineJobRequest": {
            "pipelineJob": {
                "displayName": "train",
                "pipelineSpec": PIPELINE_SPEC,
                "serviceAccount": "${account.email}",
                "runtimeConfig": {"gcsOutputDirectory": folder},
            }
        }
    }


def _mails(count: int) -> dict[str, Any]:
    """A budget that tells a number of channels."""
    names = [f"${{mail{number}.name}}" for number in range(count)]
    return {"allUpdatesRule": {"monitoringNotificationChannels": names}}


VERTEX = [
    Refusal(
        f"{GITHUB}/googleapis/python-aiplatform/issues/2599",
        PATTERN,
        "endpoint",
        "400: If the first character of endpoint_id is a number, all characters must be numbers "
        "with no leading zeros and there can be at most 10 characters",
        {"name": "3652885490727649285"},
        {"name": "7894561234"},
    ),
    Refusal(
        f"{GITHUB}/googleapis/python-aiplatform/issues/2599",
        PATTERN,
        "endpoint",
        "400: endpoint_id can only contain lowercase letters, digits and hyphens",
        {"name": "experiment_endpoint"},
        {"name": "experiment-endpoint"},
    ),
    Refusal(
        f"{GITHUB}/terraform-google-modules/terraform-docs-samples/pull/200",
        REFERENCE,
        "metadata",
        "Error 409: Requested entity already exists",
        {"name": "sim-store"},
        {"name": "sim-store-2"},
        (("earlier", "metadata", {"name": "sim-store"}),),
    ),
    Refusal(
        f"{TERRAFORM}/issues/11819",
        REFERENCE,
        "metadata",
        "Error 400: Provided CryptoKey cannot be used in Vertex AI service. Please make sure that "
        "the Vertex AI service account has Encryption and Decryption access to the CryptoKey",
        {"encryptionSpec": {"kmsKeyName": "${closedkey.id}"}},
        {"encryptionSpec": {"kmsKeyName": "${key.id}"}},
        (("closedkey", "key", {"name": "sim-closed"}),),
    ),
    Refusal(
        f"{GITHUB}/sky-uk/kfp-operator/issues/557",
        MISSING,
        "schedule",
        "InvalidArgument: Field: pipeline_job.runtime_config.gcs_output_directory; Message: "
        "gcs_output_directory is empty",
        _run(""),
        _run("gs://sim-bucket/runs"),
    ),
]

PUBSUB = [
    Refusal(
        f"{TERRAFORM}/issues/8929",
        PATTERN,
        "topic",
        "Error 404 for a topic with a slash in its name",
        {"name": "demo/test_topic"},
        {"name": "demo_test_topic"},
    ),
    Refusal(
        f"{GITHUB}/googleapis/nodejs-pubsub/issues/1111",
        MISSING,
        "subscription",
        "You have passed an invalid argument to the service (argument=PushConfig::push_endpoint)",
        {"pushConfig": {"pushEndpoint": "", "oidcToken": TOKEN}},
        {"pushConfig": {"pushEndpoint": "https://example.org/push", "oidcToken": TOKEN}},
    ),
    Refusal(
        f"{GITHUB}/googleapis/google-cloud-node/issues/1694",
        PATTERN,
        "subscription",
        "Invalid resource name given: it has to start with a letter",
        {"name": "7fc49e57-7ec2-422a-a90c-d40297b763bc"},
        {"name": "s7fc49e57-7ec2-422a-a90c-d40297b763bc"},
    ),
    Refusal(
        f"{GITHUB}/spinnaker/spinnaker/issues/3880",
        PATTERN,
        "subscription",
        "Invalid resource name given (name=.../subscriptions/googleCloudBuilds): the name must "
        "not begin with goog",
        {"name": "googleCloudBuilds"},
        {"name": "cloudBuilds"},
    ),
    Refusal(
        f"{GITHUB}/Liscor/terraform_dataform_ga4_pipeline/issues/1",
        REFERENCE,
        "topicmember",
        "Error 400: Service account service-802491271465@gcp-sa-logging.iam.gserviceaccount.com "
        "does not exist",
        {"member": f"serviceAccount:service-{NUMBER}@gcp-sa-logging.iam.gserviceaccount.com"},
        accepted="the sink among the samples has made the account",
    ),
]

WORKFLOWS = [
    Refusal(
        f"{GITHUB}/hashicorp/terraform-cdk/issues/1992",
        TEXT,
        "workflow",
        "main.yaml:1:1: parse error: expected a map of workflows or a sequence of steps; got "
        "string",
        {"sourceContents": "this is sample data"},
        {"sourceContents": "main:\n  steps:\n    - done:\n        return: this is sample data\n"},
    ),
    Refusal(
        f"{TERRAFORM}/issues/28234",
        MISSING,
        "workflow",
        "source_contents is said to be optional and is not",
        {"sourceContents": ""},
    ),
    Refusal(
        f"{TERRAFORM}/issues/15209",
        REFERENCE,
        "trigger",
        "a trigger in global does not take a workflow of a region",
        {"location": "global"},
    ),
    Refusal(
        f"{GITHUB}/pypi/linehaul-cloud-function/pull/166",
        REFERENCE,
        "trigger",
        "Bucket 'linehaul-logs' is in location 'us-central1', but the trigger location is "
        "'us-east5'. The trigger must be in the same location as the bucket.",
        _objects("${farbucket.name}"),
        _objects("${bucket.name}"),
        FAR_BUCKET,
    ),
    Refusal(
        f"{GITHUB}/pulumi/pulumi-gcp/issues/831",
        ENUM,
        "trigger",
        'Error 400: The request was invalid: invalid attribute "resourceName"',
        _objects(
            "${bucket.name}",
            {
                "attribute": "resourceName",
                "value": "/projects/_/buckets/bucket-1/objects/*",
                "operator": "match-path-pattern",
            },
        ),
        _objects("${bucket.name}"),
    ),
]

JOBS = [
    Refusal(
        f"{GITHUB}/hashicorp/terraform/issues/31571",
        MISSING,
        "job",
        "Error 400: Schedule or time zone is invalid (a job without a schedule)",
        {"schedule": ""},
    ),
    Refusal(
        f"{GITHUB}/htsuruo/firebase-extensions/issues/14",
        ENUM,
        "job",
        "400: Schedule or time zone is invalid (Asia/Munbai)",
        {"timeZone": "Asia/Munbai"},
        {"timeZone": "Asia/Kolkata"},
    ),
    Refusal(
        f"{TERRAFORM}/issues/16790",
        RANGE,
        "budget",
        "Attribute all_updates_rule.0.monitoring_notification_channels supports 5 item maximum, "
        "but config has 12 declared",
        _mails(12),
        _mails(5),
        CHANNELS,
    ),
]

LOGGING = [
    Refusal(
        f"{GITHUB}/pulumi/pulumi-gcp/issues/3634",
        PATTERN,
        "logbucket",
        "Error creating Bucket: Error 400: Resource id can only start with an alphanumber "
        "character",
        {"bucketId": "_Default", "location": "global", "retentionDays": 90},
        {"bucketId": "Default", "location": "global", "retentionDays": 90},
        accepted="the provider acquires the bucket that a project has; this project had none yet",
    ),
    Refusal(
        f"{GITHUB}/GoogleCloudPlatform/cloud-foundation-fabric/issues/990",
        EXCLUSIVE,
        "sink",
        "Error 400: Provided options do not match the sink's destination service",
        {"bigqueryOptions": {"usePartitionedTables": False}},
    ),
    Refusal(
        f"{GITHUB}/googleapis/google-cloud-ruby/issues/575",
        MISSING,
        "sink",
        "Gcloud::InvalidArgumentError: 3:Destination is missing",
        {"destination": ""},
    ),
    Refusal(
        f"{GITHUB}/googleapis/nodejs-logging/issues/684",
        EXCLUSIVE,
        "sink",
        "3 INVALID_ARGUMENT: The destination project must be the same as the sink's project. Use "
        "uniqueWriterIdentity=true to allow cross project",
        {
            "destination": "pubsub.googleapis.com/projects/central-logs/topics/only-errors",
            "uniqueWriterIdentity": False,
        },
        {
            "destination": "pubsub.googleapis.com/projects/central-logs/topics/only-errors",
            "uniqueWriterIdentity": True,
        },
    ),
]

MORE = [*VERTEX, *PUBSUB, *WORKFLOWS, *JOBS, *LOGGING, *WATCH]
