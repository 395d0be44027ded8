"""Accepted resources of Google Cloud."""

from __future__ import annotations

import json

from pulumi_simcloud.platforms import project_number

from samples.documents import PIPELINE_SPEC

PROJECT = "sim-project"
NUMBER = project_number(PROJECT)
PLACE = "europe-west4"
KEY_USER = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
ACCOUNT = "serviceAccount:${account.email}"
APIS = ("cloudkms", "artifactregistry", "aiplatform", "pubsub", "workflows", "eventarc")
AGENTS = {
    "storageagent": f"service-{NUMBER}@gs-project-accounts.iam.gserviceaccount.com",
    "vertexagent": f"service-{NUMBER}@gcp-sa-aiplatform.iam.gserviceaccount.com",
}

GCP = {
    **{
        f"api-{name}": (
            "gcp:projects/service:Service",
            {"project": PROJECT, "service": f"{name}.googleapis.com"},
        )
        for name in (*APIS, "cloudscheduler", "billingbudgets", "iam", "cloudresourcemanager")
    },
    "ring": ("gcp:kms/keyRing:KeyRing", {"name": "sim", "location": PLACE}),
    "key": (
        "gcp:kms/cryptoKey:CryptoKey",
        {"name": "sim", "keyRing": "${ring.id}", "rotationPeriod": "7776000s"},
    ),
    **{
        name: (
            "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember",
            {"cryptoKeyId": "${key.id}", "role": KEY_USER, "member": f"serviceAccount:{email}"},
        )
        for name, email in AGENTS.items()
    },
    "bucket": (
        "gcp:storage/bucket:Bucket",
        {
            "name": "sim-bucket",
            "location": "EUROPE-WEST4",
            "uniformBucketLevelAccess": True,
            "publicAccessPrevention": "enforced",
            "encryption": {"defaultKmsKeyName": "${key.id}"},
            "labels": {"team": "ml"},
        },
    ),
    "account": (
        "gcp:serviceaccount/account:Account",
        {"accountId": "sim-steps", "displayName": "steps"},
    ),
    "bucketmember": (
        "gcp:storage/bucketIAMMember:BucketIAMMember",
        {"bucket": "${bucket.name}", "role": "roles/storage.objectUser", "member": ACCOUNT},
    ),
    "object": (
        "gcp:storage/bucketObject:BucketObject",
        {"bucket": "${bucket.name}", "name": "code/a.txt", "content": "hello"},
    ),
    "registry": (
        "gcp:artifactregistry/repository:Repository",
        {"repositoryId": "sim", "location": PLACE, "format": "KFP"},
    ),
    "registrymember": (
        "gcp:artifactregistry/repositoryIamMember:RepositoryIamMember",
        {
            "repository": "${registry.id}",
            "location": PLACE,
            "role": "roles/artifactregistry.reader",
            "member": ACCOUNT,
        },
    ),
    "dataset": ("gcp:bigquery/dataset:Dataset", {"datasetId": "sim", "location": PLACE}),
    "datasetmember": (
        "gcp:bigquery/datasetIamMember:DatasetIamMember",
        {
            "datasetId": "${dataset.datasetId}",
            "role": "roles/bigquery.dataViewer",
            "member": ACCOUNT,
        },
    ),
    "table": (
        "gcp:bigquery/table:Table",
        {
            "datasetId": "${dataset.datasetId}",
            "tableId": "requests",
            "deletionProtection": False,
            "schema": json.dumps([{"name": "logging_time", "type": "TIMESTAMP"}]),
            "timePartitioning": {"type": "DAY", "field": "logging_time"},
        },
    ),
    "accountmember": (
        "gcp:serviceaccount/iAMMember:IAMMember",
        {
            "serviceAccountId": "${account.name}",
            "role": "roles/iam.serviceAccountUser",
            "member": ACCOUNT,
        },
    ),
    "role": (
        "gcp:projects/iAMCustomRole:IAMCustomRole",
        {
            "roleId": "simSteps",
            "title": "steps",
            "permissions": ["aiplatform.pipelineJobs.create"],
        },
    ),
    "projectmember": (
        "gcp:projects/iAMMember:IAMMember",
        {"project": PROJECT, "role": "${role.name}", "member": ACCOUNT},
    ),
    **{
        name: (
            "gcp:projects/iAMMember:IAMMember",
            {"project": PROJECT, "role": role, "member": who},
        )
        for name, role, who in (
            ("receiver", "roles/eventarc.eventReceiver", ACCOUNT),
            (
                "publisher",
                "roles/pubsub.publisher",
                f"serviceAccount:{AGENTS['storageagent']}",
            ),
        )
    },
    "pool": (
        "gcp:iam/workloadIdentityPool:WorkloadIdentityPool",
        {"workloadIdentityPoolId": "sim-github"},
    ),
    "provider": (
        "gcp:iam/workloadIdentityPoolProvider:WorkloadIdentityPoolProvider",
        {
            "workloadIdentityPoolId": "${pool.workloadIdentityPoolId}",
            "workloadIdentityPoolProviderId": "sim-github",
            "oidc": {"issuerUri": "https://token.actions.githubusercontent.com"},
            "attributeMapping": {"google.subject": "assertion.sub"},
            "attributeCondition": "assertion.repository_id == '1'",
        },
    ),
    "agent": (
        "gcp:projects/serviceIdentity:ServiceIdentity",
        {"project": PROJECT, "service": "aiplatform.googleapis.com"},
    ),
    "budget": (
        "gcp:billing/budget:Budget",
        {
            "billingAccount": "000000-AAAAAA-BBBBBB",
            "amount": {"specifiedAmount": {"currencyCode": "EUR", "units": "100"}},
            "thresholdRules": [{"thresholdPercent": 0.9}],
        },
    ),
    "endpoint": (
        "gcp:vertex/aiEndpoint:AiEndpoint",
        {
            "name": "4711",
            "displayName": "flights",
            "location": PLACE,
            "encryptionSpec": {"kmsKeyName": "${key.id}"},
            "predictRequestResponseLoggingConfig": {
                "enabled": True,
                "samplingRate": 0.2,
                "bigqueryDestination": {"outputUri": f"bq://{PROJECT}.sim.requests"},
            },
        },
    ),
    "endpointmember": (
        "gcp:vertex/aiEndpointIamMember:AiEndpointIamMember",
        {
            "endpoint": "${endpoint.name}",
            "location": PLACE,
            "role": "roles/aiplatform.user",
            "member": ACCOUNT,
        },
    ),
    "metadata": (
        "gcp:vertex/aiMetadataStore:AiMetadataStore",
        {"name": "default", "region": PLACE},
    ),
    "schedule": (
        "gcp:colab/schedule:Schedule",
        {
            "displayName": "weekly",
            "location": PLACE,
            "cron": "TZ=Europe/Berlin 0 3 * * MON",
            "maxConcurrentRunCount": "1",
            "createPipelineJobRequest": {
                "pipelineJob": {
                    "displayName": "train",
                    "pipelineSpec": PIPELINE_SPEC,
                    "serviceAccount": "${account.email}",
                    "runtimeConfig": {"gcsOutputDirectory": "gs://sim-bucket/runs"},
                    "labels": {"team": "ml"},
                }
            },
        },
    ),
    "topic": ("gcp:pubsub/topic:Topic", {"name": "drift"}),
    "subscription": (
        "gcp:pubsub/subscription:Subscription",
        {"name": "drift", "topic": "${topic.id}", "ackDeadlineSeconds": 10},
    ),
    "topicmember": (
        "gcp:pubsub/topicIAMMember:TopicIAMMember",
        {"topic": "${topic.name}", "role": "roles/pubsub.publisher", "member": ACCOUNT},
    ),
    "workflow": (
        "gcp:workflows/workflow:Workflow",
        {
            "name": "retrain",
            "region": PLACE,
            "serviceAccount": "${account.email}",
            "sourceContents": "main:\n  steps: []\n",
            "deletionProtection": False,
        },
    ),
    "trigger": (
        "gcp:eventarc/trigger:Trigger",
        {
            "name": "drift",
            "location": PLACE,
            "serviceAccount": "${account.email}",
            "destination": {"workflow": "${workflow.id}"},
            "matchingCriterias": [
                {"attribute": "type", "value": "google.cloud.pubsub.topic.v1.messagePublished"}
            ],
            "transport": {"pubsub": {"topic": "${topic.id}"}},
        },
    ),
    "job": (
        "gcp:cloudscheduler/job:Job",
        {
            "name": "weekly",
            "region": PLACE,
            "schedule": "0 3 * * 1",
            "timeZone": "Europe/Berlin",
            "httpTarget": {
                "uri": "https://example.org",
                "httpMethod": "POST",
                "oauthToken": {"serviceAccountEmail": "${account.email}"},
            },
        },
    ),
    "channel": (
        "gcp:monitoring/notificationChannel:NotificationChannel",
        {"type": "pubsub", "labels": {"topic": "${topic.id}"}},
    ),
    "descriptor": (
        "gcp:monitoring/metricDescriptor:MetricDescriptor",
        {
            "type": "custom.googleapis.com/drift",
            "metricKind": "GAUGE",
            "valueType": "DOUBLE",
            "description": "drift",
            "displayName": "drift",
        },
    ),
    "policy": (
        "gcp:monitoring/alertPolicy:AlertPolicy",
        {
            "displayName": "drift",
            "combiner": "OR",
            "notificationChannels": ["${channel.name}"],
            "conditions": [
                {
                    "displayName": "drift",
                    "conditionThreshold": {
                        "filter": 'metric.type="custom.googleapis.com/drift" '
                        'AND resource.type="global"',
                        "comparison": "COMPARISON_GT",
                        "duration": "60s",
                        "thresholdValue": 0.5,
                    },
                }
            ],
        },
    ),
    "dashboard": (
        "gcp:monitoring/dashboard:Dashboard",
        {
            "dashboardJson": json.dumps(
                {"displayName": "flights", "gridLayout": {"widgets": [{"title": "traffic"}]}}
            )
        },
    ),
    "metric": ("gcp:logging/metric:Metric", {"name": "drift", "filter": "severity>=ERROR"}),
    "logbucket": (
        "gcp:logging/projectBucketConfig:ProjectBucketConfig",
        {"project": PROJECT, "location": PLACE, "bucketId": "sim", "retentionDays": 30},
    ),
    "sink": (
        "gcp:logging/projectSink:ProjectSink",
        {"name": "sim", "destination": "storage.googleapis.com/${bucket.name}"},
    ),
}
