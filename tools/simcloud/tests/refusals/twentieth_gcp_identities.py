"""A second independent sample on Google Cloud: accounts, roles, grants and identity pools."""

from __future__ import annotations

from pulumi_simcloud.platforms import project_number

from refusals.case import ENUM, GITHUB, MISSING, PATTERN, REFERENCE, TEXT, Refusal

TERRAFORM = f"{GITHUB}/hashicorp/terraform-provider-google"
PROJECT = "sim-project"
NUMBER = project_number(PROJECT)
USER_ROLE = "roles/iam.workloadIdentityUser"

IDENTITIES = [
    Refusal(
        f"{TERRAFORM}/issues/5421",
        PATTERN,
        "account",
        '"account_id" ("hoge") doesn\'t match regexp "^[a-z](?:[-a-z0-9]{4,28}[a-z0-9])$"',
        {"accountId": "hoge"},
        {"accountId": "hoge-1"},
    ),
    Refusal(
        f"{GITHUB}/lacework/terraform-gcp-audit-log/pull/6",
        PATTERN,
        "account",
        '"account_id" ("lw-at-lacework-svc-account-47422dba") doesn\'t match regexp '
        '"^[a-z](?:[-a-z0-9]{4,28}[a-z0-9])$"',
        {"accountId": "lw-at-lacework-svc-account-47422dba"},
        {"accountId": "lw-at-svc-account-47422dba"},
    ),
    Refusal(
        f"{GITHUB}/GoogleCloudPlatform/agent-starter-pack/issues/36",
        PATTERN,
        "account",
        '"account_id" ("Leave_Agent-cr") must match regex "^[a-z]([-a-z0-9]*[a-z0-9])?$"',
        {"accountId": "Leave_Agent-cr"},
        {"accountId": "leave-agent-cr"},
    ),
    Refusal(
        f"{TERRAFORM}/issues/13987",
        PATTERN,
        "accountmember",
        "service_account_id is the account's e-mail address: it does not match the regex",
        {"serviceAccountId": "${account.email}"},
        {"serviceAccountId": "${account.name}"},
    ),
    Refusal(
        f"{GITHUB}/DefangLabs/defang/pull/1541",
        PATTERN,
        "accountmember",
        "The member eric.liu@defang.io is of an unknown type. Please set a valid type prefix "
        "for the member.",
        {"member": "eric.liu@defang.io"},
        {"member": "user:eric.liu@defang.io"},
    ),
    Refusal(
        f"{GITHUB}/terraform-google-modules/terraform-google-kubernetes-engine/issues/916",
        REFERENCE,
        "accountmember",
        "Error 400: Identity Pool does not exist (<project_id>.svc.id.goog)",
        {
            "role": USER_ROLE,
            "member": f"serviceAccount:{PROJECT}.svc.id.goog[argo-events/argo-events-sa]",
        },
        {"role": USER_ROLE},
    ),
    Refusal(
        f"{GITHUB}/terraform-google-modules/terraform-google-iam/issues/158",
        ENUM,
        "role",
        "Error 400: Permission resourcemanager.projects.list is not valid., badRequest",
        {"permissions": ["resourcemanager.projects.get", "resourcemanager.projects.list"]},
        {"permissions": ["resourcemanager.projects.get"]},
    ),
    Refusal(
        f"{TERRAFORM}/issues/3408",
        ENUM,
        "role",
        "Error 400: Permission iam.serviceaccountkeys.get is not valid",
        {"permissions": ["iam.roles.get", "iam.roles.list", "iam.serviceaccountkeys.get"]},
        {"permissions": ["iam.roles.get", "iam.roles.list", "iam.serviceAccountKeys.get"]},
    ),
    Refusal(
        f"{TERRAFORM}/issues/6899",
        PATTERN,
        "role",
        "400 for the role id mesh-replicator-tf: no hyphens",
        {"roleId": "mesh-replicator-tf"},
        {"roleId": "mesh_replicator_tf"},
    ),
    Refusal(
        f"{GITHUB}/googlearchive/gmemegen/issues/10",
        TEXT,
        "projectmember",
        'INVALID_ARGUMENT: Account john.doe@example.com is of type "user". Please set the type '
        'prefix to be "user:".',
        {"member": "serviceAccount:john.doe@example.com"},
        {"member": "user:john.doe@example.com"},
    ),
    Refusal(
        f"{GITHUB}/GoogleCloudPlatform/genai-for-marketing/issues/139",
        REFERENCE,
        "projectmember",
        "Error 400: Service account 765896565215-compute@developer.gserviceaccount.com does not "
        "exist",
        {"member": f"serviceAccount:{NUMBER}-compute@developer.gserviceaccount.com"},
    ),
    Refusal(
        f"{GITHUB}/terraform-google-modules/terraform-google-iam/issues/219",
        REFERENCE,
        "projectmember",
        "Error 400: Role roles/custom.vertex.prediction is not supported for this resource",
        {"role": "roles/custom.vertex.prediction"},
    ),
    Refusal(
        f"{GITHUB}/kushin77/self-hosted-runner/issues/1900",
        PATTERN,
        "pool",
        "display name must be less than or equal to 32 characters",
        {"displayName": "GitHub Actions Workload Identity Pool"},
        {"displayName": "GitHub Actions Identity Pool"},
    ),
    Refusal(
        f"{GITHUB}/chainguard-dev/terraform-infra-common/pull/672",
        MISSING,
        "provider",
        "Error 400: The attribute condition must reference one of the provider's claims",
        {"attributeCondition": ""},
        {"attributeCondition": "assertion.repository_owner == 'chainguard-dev'"},
    ),
    Refusal(
        f"{GITHUB}/google-github-actions/auth/issues/379",
        PATTERN,
        "provider",
        "the ID of the provider starts with gcp-, which is reserved",
        {"workloadIdentityPoolProviderId": "gcp-python-tornado-gh-actions"},
        {"workloadIdentityPoolProviderId": "python-tornado-gh-actions"},
    ),
    Refusal(
        f"{GITHUB}/kushin77/self-hosted-runner/issues/1900",
        PATTERN,
        "provider",
        "Invalid mapped attribute key: assertion.aud. Custom mapped attributes must be in "
        "format 'attribute.{custom_attribute}'",
        {"attributeMapping": {"google.subject": "assertion.sub", "assertion.aud": "assertion.aud"}},
        {"attributeMapping": {"google.subject": "assertion.sub", "attribute.aud": "assertion.aud"}},
    ),
]
