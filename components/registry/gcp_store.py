"""The artifact store on Google Cloud: a bucket, and the key that it and the captures have."""

from __future__ import annotations

import pulumi
import pulumi_gcp as gcp

from components.scope import StackScope
from components.targets.gcp.resources import after, project, region

# Deleted objects and replaced documents can be brought back for so long.
OLD_VERSIONS_DAYS = 30
ROTATION = f"{90 * 86400}s"
KEY_USER = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
BIGQUERY_AGENT = "serviceAccount:bq-{number}@bigquery-encryption.iam.gserviceaccount.com"


def store(
    scope: StackScope,
    key: gcp.kms.CryptoKey,
    users: list[gcp.kms.CryptoKeyIAMMember],
    kept: pulumi.ResourceOptions,
) -> gcp.storage.Bucket:
    """The bucket: private, versioned, encrypted with `key` once its `users` may use it."""
    return gcp.storage.Bucket(
        scope.prefix,
        gcp.storage.BucketArgs(
            location=region(),
            uniform_bucket_level_access=True,
            public_access_prevention="enforced",
            versioning=gcp.storage.BucketVersioningArgs(enabled=True),
            encryption=gcp.storage.BucketEncryptionArgs(default_kms_key_name=key.id),
            lifecycle_rules=_lifecycle(scope),
            force_destroy=scope.settings.allow_model_deletion,
            labels=scope.tags,
        ),
        after(kept, *users),
    )


def key_of(
    scope: StackScope,
    number: pulumi.Output[str],
    opts: pulumi.ResourceOptions,
    kept: pulumi.ResourceOptions,
) -> tuple[gcp.kms.CryptoKey, list[gcp.kms.CryptoKeyIAMMember]]:
    """The key, and the services' agents that encrypt with it; `number` is the project's."""
    ring = gcp.kms.KeyRing(scope.prefix, gcp.kms.KeyRingArgs(location=region()), opts)
    key = gcp.kms.CryptoKey(
        scope.prefix,
        gcp.kms.CryptoKeyArgs(key_ring=ring.id, rotation_period=ROTATION, labels=scope.tags),
        kept,
    )
    storage = gcp.storage.get_project_service_account_output(project=project()).member
    vertex = gcp.projects.ServiceIdentity(
        "aiplatform",
        gcp.projects.ServiceIdentityArgs(service="aiplatform.googleapis.com"),
        opts,
    )
    agents = {
        "storage": storage,
        "bigquery": number.apply(lambda given: BIGQUERY_AGENT.format(number=given)),
        "aiplatform": vertex.member,
    }
    users = [
        gcp.kms.CryptoKeyIAMMember(
            f"key-{agent}",
            gcp.kms.CryptoKeyIAMMemberArgs(crypto_key_id=key.id, role=KEY_USER, member=member),
            opts,
        )
        for agent, member in agents.items()
    ]
    return key, users


def _lifecycle(scope: StackScope) -> list[gcp.storage.BucketLifecycleRuleArgs]:
    """Run files go after `retentionDays`, what was replaced after a month."""
    delete = gcp.storage.BucketLifecycleRuleActionArgs(type="Delete")
    condition = gcp.storage.BucketLifecycleRuleConditionArgs
    runs = [f"models/{model.name}/runs/" for model in scope.settings.models]
    return [
        gcp.storage.BucketLifecycleRuleArgs(
            action=delete,
            condition=condition(
                age=scope.settings.retention_days, matches_prefixes=[*runs, "pipeline-root/"]
            ),
        ),
        gcp.storage.BucketLifecycleRuleArgs(
            action=delete,
            condition=condition(
                days_since_noncurrent_time=OLD_VERSIONS_DAYS, with_state="ARCHIVED"
            ),
        ),
    ]
