"""A second independent sample on Google Cloud: keys, storage, registries and tables."""

from __future__ import annotations

import json

from refusals.case import (
    ENUM,
    GITHUB,
    MISSING,
    PATTERN,
    REFERENCE,
    Refusal,
)
from refusals.twentieth_gcp_identities import IDENTITIES
from refusals.twentieth_gcp_more import MORE

TERRAFORM = f"{GITHUB}/hashicorp/terraform-provider-google"
PROJECT = "sim-project"
BROKEN_NAME = "cloud-cpp-testing-2022-05-30_xzeg5fhpmld3mtl82ubkdj65s0nug00gl3"
# A key outside the region of the bucket, which the agent of the bucket may use.
GLOBAL_KEY = (
    ("globalring", "ring", {"name": "sim-global", "location": "global"}),
    ("globalkey", "key", {"name": "sim-global", "keyRing": "${globalring.id}"}),
    ("globalgrant", "storageagent", {"cryptoKeyId": "${globalkey.id}"}),
)


def _enabled(service: str) -> tuple[tuple[str, str, dict[str, str]], ...]:
    """A service that is switched on beside those of the samples."""
    return (("enabled", "api-iam", {"service": service}),)


def _rule(**action: str) -> dict[str, object]:
    """A rule for the age of a bucket's objects."""
    return {"lifecycleRules": [{"action": action, "condition": {"age": 60}}]}


CLOCK_SCHEMA = json.dumps(
    [
        {"name": "logging_time", "type": "TIMESTAMP"},
        {"name": "stsc_time1", "type": "TIME"},
        {"name": "stsc_date", "type": "DATETIME"},
    ]
)

SERVICES = [
    Refusal(
        f"{GITHUB}/hashicorp/terraform/issues/13004",
        REFERENCE,
        "api-billingbudgets",
        "Error 403: Service 'dataproc-control.googleapis.com' not found or permission denied",
        {"service": "dataproc-control.googleapis.com"},
        {"service": "dataproc.googleapis.com"},
    ),
    Refusal(
        f"{GITHUB}/terraform-google-modules/terraform-google-project-factory/pull/628",
        ENUM,
        "agent",
        "the identity of compute.googleapis.com cannot be made with a service identity",
        {"service": "compute.googleapis.com"},
        {},
        _enabled("compute.googleapis.com"),
        accepted="it is made since then, without an address, as k8s-config-connector shows",
    ),
    Refusal(
        f"{GITHUB}/GoogleCloudPlatform/cloud-foundation-fabric/issues/4043",
        ENUM,
        "agent",
        "dns.googleapis.com does not support service identities",
        {"service": "dns.googleapis.com"},
        {},
        _enabled("dns.googleapis.com"),
    ),
    Refusal(
        f"{TERRAFORM}/issues/18649",
        ENUM,
        "agent",
        "INVALID_ARGUMENT: Service stackdriverprovisioning.googleapis.com has not been "
        "configured for service identities",
        {"service": "stackdriverprovisioning.googleapis.com"},
    ),
]

KEYS = [
    Refusal(
        f"{GITHUB}/terraform-google-modules/terraform-docs-samples/issues/504",
        REFERENCE,
        "ring",
        "KMS error: keyring-name already exists",
        {"name": "keyring-name"},
        {"name": "keyring-name-4f2a"},
        (("earlier", "ring", {"name": "keyring-name"}),),
    ),
    Refusal(
        f"{GITHUB}/googleapis/google-cloud-dotnet/issues/3178",
        PATTERN,
        "key",
        "Invalid value at 'crypto_key.rotation_period' (google.protobuf.Duration) [400]",
        {"rotationPeriod": "90.00:00:00"},
        {"rotationPeriod": "7776000s"},
    ),
    Refusal(
        f"{GITHUB}/googleapis/google-cloud-go/issues/4330",
        PATTERN,
        "storageagent",
        "The member precise-truck-742@precise-truck-742.iam.gserviceaccount.com is of an unknown "
        "type. Please set a valid type prefix for the member.",
        {"member": "${account.email}"},
        {"member": "serviceAccount:${account.email}"},
    ),
]

STORAGE = [
    Refusal(
        f"{GITHUB}/googleapis/google-cloud-cpp/issues/9106",
        PATTERN,
        "bucket",
        "Bucket name cloud-cpp-testing-2022-05-30_xzeg...nug00gl3 is invalid: it holds g00gl",
        {"name": BROKEN_NAME},
        {"name": BROKEN_NAME.replace("g00gl", "h00hl")},
    ),
    Refusal(
        f"{GITHUB}/pulumi/pulumi-gcp/issues/126",
        PATTERN,
        "bucket",
        "googleapi: Error 400: Invalid bucket name: 'newObject-f691b50', invalid",
        {"name": "newObject-f691b50"},
        {"name": "newobject-f691b50"},
    ),
    Refusal(
        f"{GITHUB}/terraform-google-modules/terraform-google-cloud-storage/issues/263",
        MISSING,
        "bucket",
        "googleapi: Error 400: Invalid argument: SetStorageClass without a storage class",
        _rule(type="SetStorageClass"),
        _rule(type="SetStorageClass", storageClass="NEARLINE"),
    ),
    Refusal(
        f"{GITHUB}/kestra-io/plugin-gcp/issues/318",
        PATTERN,
        "bucketmember",
        "The member test-kestra-gcs@shruti-demo-project.iam.gserviceaccount.com is of an "
        "unknown type. Please set a valid type prefix for the member.",
        {"member": "${account.email}"},
        {"member": "serviceAccount:${account.email}"},
    ),
    Refusal(
        f"{TERRAFORM}/issues/9130",
        REFERENCE,
        "bucketmember",
        "Error 400: Role roles/storage.viewer is not supported for this resource",
        {"role": "roles/storage.viewer"},
        {"role": "roles/storage.objectViewer"},
    ),
    Refusal(
        f"{GITHUB}/GoogleCloudPlatform/gsutil/issues/550",
        PATTERN,
        "bucketmember",
        "BadRequestException: 400 Invalid argument (roles/storage.projects/test/roles/custom)",
        {"role": "roles/storage.projects/test/roles/custom"},
    ),
    Refusal(
        f"{GITHUB}/googleapis/google-cloud-go/issues/196",
        PATTERN,
        "object",
        "googleapi: Error 400: Disallowed unicode characters present in object name",
        {"name": "code/a\nb.txt"},
        {"name": "code/a-b.txt"},
    ),
    Refusal(
        f"{GITHUB}/googleapis/google-cloud-go/issues/196",
        MISSING,
        "object",
        "an empty object name fails with googleapi: Error 400: Required, required",
        {"name": ""},
        {"name": "a"},
    ),
    Refusal(
        f"{GITHUB}/googleapis/google-cloud-go/issues/1787",
        REFERENCE,
        "object",
        "Error 400: Cloud KMS region 'global' not available for use with GCS region 'US'",
        {"kmsKeyName": "${globalkey.id}"},
        {"kmsKeyName": "${key.id}"},
        GLOBAL_KEY,
    ),
]

REGISTRIES = [
    Refusal(
        f"{TERRAFORM}/issues/10184",
        ENUM,
        "registry",
        "Error 400 Invalid argument: location eu-west3",
        {"location": "eu-west3"},
        {"location": "europe-west3"},
    ),
    Refusal(
        f"{GITHUB}/pulumi/pulumi-google-native/issues/259",
        MISSING,
        "registry",
        "Error 400: Request contains an invalid argument: no repositoryId",
        {"repositoryId": ""},
        {"repositoryId": "cloud-functions"},
    ),
    Refusal(
        f"{GITHUB}/kubernetes/k8s.io/pull/3968",
        PATTERN,
        "registrymember",
        'INVALID_ARGUMENT: The role name must be in the form "roles/{role}", '
        '"organizations/{organization_id}/roles/{role}" or "projects/{project_id}/roles/{role}"',
        {"role": "artifactregistry.reader"},
        {"role": "roles/artifactregistry.reader"},
    ),
]

TABLES = [
    Refusal(
        f"{GITHUB}/miraisolutions/sparkbq/issues/20",
        PATTERN,
        "dataset",
        'Invalid dataset ID "spark_staging_europe-west2". Dataset IDs must be alphanumeric '
        "(plus underscores) and must be at most 1024 characters long",
        {"datasetId": "spark_staging_europe-west2"},
        {"datasetId": "spark_staging_europe_west2"},
    ),
    Refusal(
        f"{GITHUB}/GoogleCloudPlatform/DataflowTemplates/pull/407",
        PATTERN,
        "dataset",
        'Invalid dataset ID "ben_{_metadata_dataset}_log"',
        {"datasetId": "ben_{_metadata_dataset}_log"},
        {"datasetId": "ben_metadata_dataset_log"},
    ),
    Refusal(
        f"{GITHUB}/terraform-google-modules/terraform-google-bigquery/issues/428",
        MISSING,
        "dataset",
        "Error 400: An access entry must have exactly one of userByEmail, groupByEmail, domain, "
        "specialGroup defined, view, routine, or dataset., invalid",
        {
            "accesses": [
                {"role": "OWNER", "specialGroup": "projectOwners"},
                {"role": "roles/bigquery.dataViewer"},
            ]
        },
        {
            "accesses": [
                {"role": "OWNER", "specialGroup": "projectOwners"},
                {"role": "roles/bigquery.dataViewer", "userByEmail": "${account.email}"},
            ]
        },
    ),
    Refusal(
        f"{TERRAFORM}/issues/6937",
        REFERENCE,
        "datasetmember",
        "a dataset does not support roles/bigquery.jobUser",
        {"role": "roles/bigquery.jobUser"},
        {"role": "roles/bigquery.dataEditor"},
    ),
    Refusal(
        f"{TERRAFORM}/pull/465",
        PATTERN,
        "table",
        'Error 400: Invalid dataset ID "project-id:dataset". Dataset IDs must be alphanumeric',
        {"datasetId": f"{PROJECT}:sim"},
        {"datasetId": "${dataset.datasetId}"},
    ),
    Refusal(
        f"{GITHUB}/airbytehq/airbyte/issues/30720",
        REFERENCE,
        "table",
        "Invalid value: Field stsc_time1 has type TIME, which is not supported for clustering",
        {"schema": CLOCK_SCHEMA, "clusterings": ["stsc_time1"]},
        {"schema": CLOCK_SCHEMA, "clusterings": ["stsc_date"]},
    ),
]

GCP = [
    *SERVICES,
    *KEYS,
    *STORAGE,
    *REGISTRIES,
    *TABLES,
    *IDENTITIES,
    *MORE,
]
