"""The nineteenth round on Google Cloud: buckets, registries, datasets, topics and endpoints."""

from __future__ import annotations

import json

from planted.case import REMOVED

from refusals.case import (
    ENUM,
    EXCLUSIVE,
    GITHUB,
    MISSING,
    PATTERN,
    RANGE,
    Refusal,
)

TERRAFORM = f"{GITHUB}/hashicorp/terraform-provider-google"
MODULES = f"{GITHUB}/terraform-google-modules"
STORAGE_MODULE = f"{MODULES}/terraform-google-cloud-storage"
UUID = "7fc49e57-7ec2-422a-a90c-d40297b763bc"
AGE = {"age": 60}
UNIT = {"name": "units", "type": "STRING"}
LOGGED = {"name": "logging_time", "type": "TIMESTAMP"}
CHANNELS = tuple(
    (
        f"mail{number}",
        "channel",
        {"type": "email", "labels": {"email_address": f"team{number}@example.org"}},
    )
    for number in range(12)
)
MAILS = [f"${{{name}.name}}" for name, _, _ in CHANNELS]

STORES = [
    Refusal(
        f"{STORAGE_MODULE}/issues/263",
        MISSING,
        "bucket",
        "Error 400: Invalid argument (SetStorageClass without a storage class)",
        {"lifecycleRules": [{"action": {"type": "SetStorageClass"}, "condition": AGE}]},
        {
            "lifecycleRules": [
                {
                    "action": {"type": "SetStorageClass", "storageClass": "NEARLINE"},
                    "condition": AGE,
                }
            ]
        },
    ),
    Refusal(
        f"{GITHUB}/mrdulin/nodejs-gcp/issues/7",
        EXCLUSIVE,
        "bucket",
        "The combination of locationConstraint and storageClass you provided is not supported",
        {"location": "ASIA", "storageClass": "REGIONAL", "encryption": REMOVED},
        {"location": "ASIA-EAST1", "storageClass": "REGIONAL", "encryption": REMOVED},
    ),
    Refusal(
        f"{GITHUB}/googleapis/google-cloud-go/issues/196",
        PATTERN,
        "object",
        "Disallowed unicode characters present in object name",
        {"name": "code/a\nb.txt"},
        {"name": "code/a b.txt"},
    ),
    Refusal(
        f"{GITHUB}/googleapis/google-cloud-go/pull/9521",
        PATTERN,
        "object",
        'storage: object name "." is not valid',
        {"name": "."},
        {"name": ".a"},
    ),
    Refusal(
        f"{TERRAFORM}/issues/10184",
        ENUM,
        "registry",
        "Error creating Repository: Error 400: Request contains an invalid argument (eu-west3)",
        {"location": "eu-west3", "format": "DOCKER"},
        {"location": "europe-west3", "format": "DOCKER"},
    ),
    Refusal(
        f"{GITHUB}/pulumi/pulumi-google-native/issues/259",
        MISSING,
        "registry",
        "Error 400: Request contains an invalid argument (no repositoryId)",
        {"repositoryId": REMOVED, "format": "DOCKER"},
        {"format": "DOCKER"},
    ),
    Refusal(
        f"{TERRAFORM}/issues/4085",
        MISSING,
        "dataset",
        "An access entry must have exactly one of userByEmail, groupByEmail, specialGroup, ...",
        {"accesses": [{"role": "OWNER"}, {"role": "READER"}]},
        {"accesses": [{"role": "OWNER", "specialGroup": "projectOwners"}]},
    ),
    Refusal(
        f"{GITHUB}/GoogleCloudPlatform/DataflowTemplates/pull/407",
        PATTERN,
        "dataset",
        'Invalid dataset ID "ben_{_metadata_dataset}_log".',
        {"datasetId": "ben_{_metadata_dataset}_log"},
        {"datasetId": "ben_metadata_dataset_log"},
    ),
    Refusal(
        f"{MODULES}/terraform-google-log-export/pull/16",
        ENUM,
        "dataset",
        "expected location to be one of [US EU asia-east1 ...], got US}",
        {"location": "US}"},
        {"location": "US"},
    ),
    Refusal(
        f"{GITHUB}/fluent-plugins-nursery/fluent-plugin-bigquery/issues/101",
        PATTERN,
        "table",
        'Invalid table ID "test$20161212".',
        {"tableId": "test$20161212"},
        {"tableId": "test_20161212"},
    ),
    Refusal(
        f"{GITHUB}/googleapis/python-bigquery-pandas/issues/280",
        EXCLUSIVE,
        "table",
        "Field units already exists in schema",
        {"schema": json.dumps([LOGGED, UNIT, UNIT])},
        {"schema": json.dumps([LOGGED, UNIT])},
    ),
    Refusal(
        f"{TERRAFORM}/pull/465",
        PATTERN,
        "table",
        'Invalid dataset ID "project-id:table_name".',
        {"datasetId": "sim-project:sim"},
        {"datasetId": "sim"},
    ),
    Refusal(
        f"{GITHUB}/GoogleCloudPlatform/magic-modules/pull/9400",
        PATTERN,
        "topic",
        "Field 'messageRetentionDuration', Illegal duration format; duration must end with 's'",
        {"messageRetentionDuration": "86400"},
        {"messageRetentionDuration": "86400s"},
    ),
    Refusal(
        f"{GITHUB}/googleapis/google-cloud-node/issues/1694",
        PATTERN,
        "subscription",
        "Invalid resource name given (name=projects/xx/subscriptions/7fc49e57-...).",
        {"name": UUID},
        {"name": f"a{UUID}"},
    ),
    Refusal(
        f"{GITHUB}/goblet/goblet/issues/399",
        MISSING,
        "subscription",
        "Invalid resource name given (dead_letter_topic=).",
        {"deadLetterPolicy": {"deadLetterTopic": "", "maxDeliveryAttempts": 5}},
        {"deadLetterPolicy": {"deadLetterTopic": "${dead.id}", "maxDeliveryAttempts": 5}},
        (("dead", "topic", {"name": "dead"}),),
    ),
    Refusal(
        f"{GITHUB}/GoogleCloudPlatform/cloud-foundation-fabric/issues/1770",
        PATTERN,
        "subscription",
        "Field 'maximumBackoff', Illegal duration format; duration must end with 's'",
        {"retryPolicy": {"minimumBackoff": "10", "maximumBackoff": "600"}},
        {"retryPolicy": {"minimumBackoff": "10s", "maximumBackoff": "600s"}},
    ),
    Refusal(
        f"{TERRAFORM}/issues/12963",
        PATTERN,
        "endpoint",
        "Error 400: the name of an endpoint is a number",
        {"name": "my-endpoint"},
        {"name": "1234567890"},
        accepted="CreateEndpointRequest, endpointId: an id may begin with a letter since",
    ),
    Refusal(
        f"{GITHUB}/statmike/vertex-ai-mlops/issues/6",
        PATTERN,
        "endpoint",
        "Field: endpoint.labels; Label keys and values can only contain lowercase letters, ...",
        {"labels": {"notebook": "Pipeline 02c"}},
        {"labels": {"notebook": "pipeline-02c"}},
    ),
    Refusal(
        f"{GITHUB}/GoogleCloudPlatform/magic-modules/pull/12110",
        EXCLUSIVE,
        "endpoint",
        "traffic_split can't be set on creation: it names models that are deployed",
        {"trafficSplit": json.dumps({"1234567890": 100})},
    ),
    Refusal(
        f"{TERRAFORM}/issues/16790",
        RANGE,
        "budget",
        "monitoring_notification_channels supports 5 item maximum, but config has 12 declared.",
        {
            "allUpdatesRule": {
                "monitoringNotificationChannels": MAILS,
                "disableDefaultIamRecipients": True,
            }
        },
        {
            "allUpdatesRule": {
                "monitoringNotificationChannels": MAILS[:5],
                "disableDefaultIamRecipients": True,
            }
        },
        CHANNELS,
    ),
]
