"""A nineteenth round on Google Cloud: members, roles, accounts, keys and identities."""

from __future__ import annotations

from planted.case import REMOVED

from refusals.case import (
    EXCLUSIVE,
    GITHUB,
    MISSING,
    PATTERN,
    RANGE,
    REFERENCE,
    Refusal,
)
from refusals.nineteenth_gcp_more import SERVICES
from refusals.nineteenth_gcp_stores import STORES

TERRAFORM = f"{GITHUB}/hashicorp/terraform-provider-google"
MODULES = f"{GITHUB}/terraform-google-modules"
IN_FUTURE = {"title": "until", "expression": 'request.time < timestamp("2030-01-01T00:00:00Z")'}
# The name that a test of an SDK drew; it has "g00gl" in it.
DRAWN = "cloud-cpp-testing-2022-05-30_xzeg5fhpmld3mtl82ubkdj65s0nu"

ACCOUNTS = [
    Refusal(
        f"{TERRAFORM}/issues/791",
        RANGE,
        "account",
        "account_id should be between 6 and 30 characters",
        {"accountId": "test"},
        {"accountId": "test-1"},
    ),
    Refusal(
        f"{GITHUB}/GoogleCloudPlatform/cloud-code-intellij/issues/2062",
        PATTERN,
        "account",
        "delete-me-spring-initlzr-demo- does not match [a-z][a-z\\d\\-]*[a-z\\d].",
        {"accountId": "delete-me-spring-initlzr-demo-"},
        {"accountId": "delete-me-spring-initlzr-demo"},
    ),
    Refusal(
        f"{MODULES}/terraform-google-sql-db/issues/733",
        RANGE,
        "account",
        "The display_name length (101) is longer than the maximum allowed length 100.",
        {"displayName": "x" * 101},
        {"displayName": "x" * 100},
    ),
    Refusal(
        f"{GITHUB}/googleapis/google-cloud-python/issues/10499",
        EXCLUSIVE,
        "accountmember",
        "Role roles/storage.objectCreator is not supported for this resource.",
        {"role": "roles/storage.objectCreator"},
        {"role": "roles/iam.serviceAccountTokenCreator"},
    ),
    Refusal(
        f"{TERRAFORM}/issues/13987",
        PATTERN,
        "accountmember",
        "service_account_id doesn't match regexp projects/.../serviceAccounts/...",
        {"serviceAccountId": "${account.email}"},
        {"serviceAccountId": "${account.name}"},
    ),
    Refusal(
        f"{TERRAFORM}/issues/10562",
        PATTERN,
        "accountmember",
        "service_account_id (projects/p/serviceAccounts/my-dummy-service-account) doesn't match",
        {"serviceAccountId": "projects/sim-project/serviceAccounts/sim-steps"},
        {"serviceAccountId": "projects/sim-project/serviceAccounts/${account.email}"},
    ),
]
ROLES = [
    Refusal(
        f"{GITHUB}/pulumi/pulumi-gcp/issues/70",
        PATTERN,
        "role",
        'The role name must be in the form "projects/{project_id}/roles/{role}" (it has a -)',
        {"roleId": "test-ci"},
        {"roleId": "testci"},
    ),
    Refusal(
        f"{MODULES}/terraform-google-iam/issues/158",
        EXCLUSIVE,
        "role",
        "Permission resourcemanager.projects.list is not valid.",
        {"permissions": ["resourcemanager.projects.list"]},
        {"permissions": ["resourcemanager.projects.get"]},
    ),
    Refusal(
        f"{TERRAFORM}/issues/3408",
        PATTERN,
        "role",
        "Permission iam.serviceaccountkeys.get is not valid.",
        {"permissions": ["iam.roles.get", "iam.serviceaccountkeys.get"]},
        {"permissions": ["iam.roles.get", "iam.serviceAccountKeys.get"]},
    ),
    Refusal(
        f"{TERRAFORM}/issues/5107",
        REFERENCE,
        "projectmember",
        "Role roles/myCustomRole is not supported for this resource.",
        {"role": "roles/simSteps"},
        {"role": "projects/sim-project/roles/simSteps"},
    ),
    Refusal(
        f"{TERRAFORM}/issues/7281",
        PATTERN,
        "projectmember",
        "Role roles/iam.ServiceAccountTokenCreator is not supported for this resource.",
        {"role": "roles/iam.ServiceAccountTokenCreator"},
        {"role": "roles/iam.serviceAccountTokenCreator"},
    ),
    Refusal(
        f"{TERRAFORM}/issues/7833",
        EXCLUSIVE,
        "projectmember",
        "LintValidationUnits/BindingLinting: conditions can't be set on primitive roles",
        {"role": "roles/editor", "condition": IN_FUTURE},
        {"role": "roles/storage.objectViewer", "condition": IN_FUTURE},
    ),
    Refusal(
        f"{TERRAFORM}/issues/9130",
        REFERENCE,
        "bucketmember",
        "Role roles/storage.viewer is not supported for this resource.",
        {"role": "roles/storage.viewer"},
        {"role": "roles/storage.objectViewer"},
    ),
    Refusal(
        f"{GITHUB}/kubernetes/k8s.io/pull/3968",
        PATTERN,
        "registrymember",
        'The role name must be in the form "roles/{role}", "organizations/...", "projects/..."',
        {"role": "artifactregistry.reader"},
        {"role": "roles/artifactregistry.reader"},
    ),
    Refusal(
        f"{MODULES}/terraform-google-iam/pull/201",
        REFERENCE,
        "registrymember",
        "error 400: us-central-1 doesn't exist as a location",
        {"repository": "sim", "location": "europe-west-4"},
        {"repository": "sim", "location": "europe-west4"},
    ),
]
KEYS = [
    Refusal(
        f"{GITHUB}/cloud-custodian/cloud-custodian/pull/10910",
        EXCLUSIVE,
        "key",
        "Automatic rotation requires a CryptoKey with purpose ENCRYPT_DECRYPT",
        {"purpose": "ASYMMETRIC_SIGN", "versionTemplate": {"algorithm": "EC_SIGN_P256_SHA256"}},
        {
            "purpose": "ASYMMETRIC_SIGN",
            "versionTemplate": {"algorithm": "EC_SIGN_P256_SHA256"},
            "rotationPeriod": REMOVED,
        },
    ),
    Refusal(
        f"{GITHUB}/googleapis/google-api-dotnet-client/issues/1321",
        PATTERN,
        "key",
        "crypto_key_id: '' does not match pattern '([a-zA-Z0-9_-]{1,63})'.",
        {"name": ""},
        {"name": "k"},
    ),
    Refusal(
        f"{GITHUB}/googleapis/google-cloud-go/issues/4330",
        PATTERN,
        "storageagent",
        "The member is of an unknown type. Please set a valid type prefix for the member.",
        {"member": "${account.email}"},
        {"member": "serviceAccount:${account.email}"},
    ),
    Refusal(
        f"{GITHUB}/crossplane-contrib/provider-gcp/issues/381",
        EXCLUSIVE,
        "storageagent",
        "Role roles/container.clusterAdmin is not supported for this resource.",
        {"role": "roles/container.clusterAdmin"},
        {"role": "roles/cloudkms.cryptoKeyDecrypter"},
    ),
]
IDENTITIES = [
    Refusal(
        f"{GITHUB}/chainguard-dev/terraform-infra-common/pull/672",
        MISSING,
        "provider",
        "The attribute condition must reference one of the provider's claims.",
        {"attributeCondition": REMOVED},
    ),
    Refusal(
        f"{GITHUB}/google-github-actions/auth/issues/379",
        PATTERN,
        "provider",
        "the ID of a provider has the reserved prefix gcp-",
        {"workloadIdentityPoolProviderId": "gcp-python-tornado-gh-actions"},
        {"workloadIdentityPoolProviderId": "python-tornado-gh-actions"},
    ),
    Refusal(
        f"{GITHUB}/kushin77/self-hosted-runner/issues/1900",
        PATTERN,
        "provider",
        "Invalid mapped attribute key: assertion.aud.",
        {"attributeMapping": {"google.subject": "assertion.sub", "assertion.aud": "assertion.aud"}},
        {"attributeMapping": {"google.subject": "assertion.sub", "attribute.aud": "assertion.aud"}},
    ),
    Refusal(
        f"{GITHUB}/kushin77/self-hosted-runner/issues/1900",
        RANGE,
        "pool",
        "display name must be less than or equal to 32 characters",
        {"displayName": "x" * 33},
        {"displayName": "x" * 32},
    ),
    Refusal(
        f"{TERRAFORM}/issues/18649",
        REFERENCE,
        "agent",
        "Service stackdriverprovisioning.googleapis.com has not been configured for identities.",
        {"service": "stackdriverprovisioning.googleapis.com"},
    ),
    Refusal(
        f"{GITHUB}/GoogleCloudPlatform/cloud-foundation-fabric/issues/4043",
        REFERENCE,
        "agent",
        "dns.googleapis.com does not support a service identity",
        {"service": "dns.googleapis.com"},
    ),
    Refusal(
        f"{MODULES}/terraform-google-project-factory/issues/344",
        REFERENCE,
        "api-iam",
        "expected service to not match any of [... bigquery-json.googleapis.com]",
        {"service": "bigquery-json.googleapis.com"},
        {"service": "bigquery.googleapis.com"},
    ),
    Refusal(
        f"{GITHUB}/googleapis/google-cloud-cpp/issues/9106",
        PATTERN,
        "bucket",
        "Bucket name cloud-cpp-testing-2022-05-30_...g00gl3 is invalid.",
        {"name": f"{DRAWN}g00gl3"},
        {"name": f"{DRAWN}g00hl3"},
    ),
]
NINETEENTH_GCP = [*ACCOUNTS, *ROLES, *KEYS, *IDENTITIES, *STORES, *SERVICES]
