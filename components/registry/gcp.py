"""The registry on Google Cloud: a bucket with a key of its own.

Vertex AI's entry of a model is made by its first version: there is no resource for it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

import pulumi
import pulumi_gcp as gcp

from components.capability import INTERNAL
from components.gcp_resources import after, location, project, region, uri, word
from components.names import name, prefix, tags
from components.registry import Registry, RegistryArgs, RegistryModel, RegistryShared
from components.settings import Model, Settings

# What the platform calls; left enabled at the end, since others in the project may use it.
SERVICES = (
    "aiplatform",
    "bigquery",
    "billingbudgets",
    "cloudkms",
    "cloudresourcemanager",
    "eventarc",
    "iam",
    "iamcredentials",
    "logging",
    "monitoring",
    "pubsub",
    "storage",
    "sts",
    "workflowexecutions",
    "workflows",
)
# Deleted objects and replaced documents can be brought back for so long.
OLD_VERSIONS_DAYS = 30
ROTATION = f"{90 * 86400}s"
KEY_USER = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
BIGQUERY_AGENT = "serviceAccount:bq-{number}@bigquery-encryption.iam.gserviceaccount.com"


@dataclass(frozen=True)
class Foundation(RegistryShared):
    """What the other capabilities on Google Cloud build on.

    `key` is the name of the stack's key, `dataset` where captures are kept, `number` the project's.
    """

    bucket: pulumi.Output[str] = field(metadata=INTERNAL)
    key: pulumi.Output[str] = field(metadata=INTERNAL)
    dataset: pulumi.Output[str] = field(metadata=INTERNAL)
    number: pulumi.Output[str] = field(metadata=INTERNAL)


def foundation(registry: Registry) -> Foundation:
    """The shared part of a registry on Google Cloud."""
    return cast(Foundation, registry.shared)


def shared(args: RegistryArgs, opts: pulumi.ResourceOptions) -> Foundation:
    """The APIs, the key, the bucket, and the dataset of captures."""
    settings = args.settings
    services = [_service(service, opts) for service in SERVICES]
    ready = after(opts, *services)
    kept = pulumi.ResourceOptions.merge(
        ready, pulumi.ResourceOptions(protect=not settings.allow_model_deletion)
    )
    number = gcp.organizations.get_project_output(project_id=project()).number
    key, users = _key(settings, number, ready, kept)
    bucket = gcp.storage.Bucket(
        prefix(settings),
        gcp.storage.BucketArgs(
            location=region(),
            uniform_bucket_level_access=True,
            public_access_prevention="enforced",
            versioning=gcp.storage.BucketVersioningArgs(enabled=True),
            encryption=gcp.storage.BucketEncryptionArgs(default_kms_key_name=key.id),
            lifecycle_rules=_lifecycle(settings),
            force_destroy=settings.allow_model_deletion,
            labels=tags(settings),
        ),
        after(kept, *users),
    )
    # Whoever is told the key may use it: nothing is encrypted before that.
    usable = pulumi.Output.all(key.id, *[user.id for user in users]).apply(lambda known: known[0])
    dataset = gcp.bigquery.Dataset(
        "captures",
        gcp.bigquery.DatasetArgs(
            dataset_id=word(prefix(settings)),
            location=region(),
            default_encryption_configuration=gcp.bigquery.DatasetDefaultEncryptionConfigurationArgs(
                kms_key_name=usable
            ),
            delete_contents_on_destroy=settings.allow_model_deletion,
            labels=tags(settings),
        ),
        ready,
    )
    return Foundation(
        store=uri(bucket.name, "").apply(lambda address: address.rstrip("/")),
        registry=pulumi.Output.concat(
            f"vertex://{location()}/{prefix(settings)}?store=", bucket.name
        ),
        bucket=bucket.name,
        key=usable,
        dataset=dataset.dataset_id,
        number=number,
    )


def model(
    args: RegistryArgs, settings: Model, shared: RegistryShared, opts: pulumi.ResourceOptions
) -> RegistryModel:
    """The names: folders are no resources, and a model's first version makes its entry."""
    return RegistryModel(
        entry=pulumi.Output.from_input(name(args.settings, settings)),
        folder=uri(cast(Foundation, shared).bucket, f"models/{settings.name}"),
    )


def _service(service: str, opts: pulumi.ResourceOptions) -> gcp.projects.Service:
    return gcp.projects.Service(
        f"api-{service}",
        gcp.projects.ServiceArgs(service=f"{service}.googleapis.com", disable_on_destroy=False),
        opts,
    )


def _key(
    settings: Settings,
    number: pulumi.Output[str],
    opts: pulumi.ResourceOptions,
    kept: pulumi.ResourceOptions,
) -> tuple[gcp.kms.CryptoKey, list[gcp.kms.CryptoKeyIAMMember]]:
    """The key, and the services' agents that encrypt with it."""
    ring = gcp.kms.KeyRing(prefix(settings), gcp.kms.KeyRingArgs(location=region()), opts)
    key = gcp.kms.CryptoKey(
        prefix(settings),
        gcp.kms.CryptoKeyArgs(key_ring=ring.id, rotation_period=ROTATION, labels=tags(settings)),
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


def _lifecycle(settings: Settings) -> list[gcp.storage.BucketLifecycleRuleArgs]:
    """Run files go after `retentionDays`, what was replaced after a month."""
    delete = gcp.storage.BucketLifecycleRuleActionArgs(type="Delete")
    condition = gcp.storage.BucketLifecycleRuleConditionArgs
    runs = [f"models/{model.name}/runs/" for model in settings.models]
    return [
        gcp.storage.BucketLifecycleRuleArgs(
            action=delete,
            condition=condition(
                age=settings.retention_days, matches_prefixes=[*runs, "pipeline-root/"]
            ),
        ),
        gcp.storage.BucketLifecycleRuleArgs(
            action=delete,
            condition=condition(
                days_since_noncurrent_time=OLD_VERSIONS_DAYS, with_state="ARCHIVED"
            ),
        ),
    ]
