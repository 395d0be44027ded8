"""The registry on Google Cloud: a bucket with a key of its own, and Vertex AI's model entries.

Everything else of a stack waits for this: the APIs are enabled first, then the accounts that
Google's services act as are made, which a project has none of before somebody asks for them, then
they get the key, and only then is anything encrypted with it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

import pulumi
import pulumi_gcp as gcp

from components.capability import INTERNAL, protected, retained
from components.registry import Registry, RegistryArgs, RegistryModel, RegistryShared
from components.scope import ModelScope, StackScope
from components.targets.gcp.dynamic import Entry
from components.targets.gcp.resources import (
    depending_on,
    location,
    patient,
    project,
    region,
    underscored,
    uri,
)

# Deleted objects and replaced documents can be brought back for so long.
OLD_VERSIONS_DAYS = 30
# What is deleted for good can be restored for so long, and is paid for:
# https://cloud.google.com/storage/docs/soft-delete.
SOFT_DELETED_SECONDS = 7 * 86_400
ROTATION = f"{90 * 86_400}s"
KEY_USER = "roles/cloudkms.cryptoKeyEncrypterDecrypter"


@dataclass(frozen=True)
class Foundation(RegistryShared):
    """The foundation of the other capabilities on Google Cloud.

    `key` is the name of the stack's key, `dataset` where captures are kept, `number` the project's.
    """

    bucket: pulumi.Output[str] = field(metadata=INTERNAL)
    key: pulumi.Output[str] = field(metadata=INTERNAL)
    dataset: pulumi.Output[str] = field(metadata=INTERNAL)
    number: pulumi.Output[str] = field(metadata=INTERNAL)


def foundation(registry: Registry) -> Foundation:
    """The shared part of a registry on Google Cloud."""
    return cast(Foundation, registry.shared)


def create_shared(
    scope: StackScope, args: RegistryArgs, opts: pulumi.ResourceOptions
) -> Foundation:
    """The APIs, the key, the bucket, and the dataset of captures."""
    opts = patient(opts)
    services = _services(scope, opts)
    ready = depending_on(opts, *services)
    protected_opts = protected(ready, scope.settings.allow_model_deletion)
    key, users = _key(scope, services, ready, protected_opts)
    bucket = _store(scope, key, users, protected_opts)
    # Whoever is told the key may use it: nothing is encrypted before that.
    usable = pulumi.Output.all(key.id, *[user.id for user in users]).apply(lambda ids: ids[0])
    dataset = _captures(scope, usable, ready)
    return Foundation(
        store=pulumi.Output.concat("gs://", bucket.name),
        registry=pulumi.Output.concat("vertex://", location(), "/", bucket.name),
        bucket=bucket.name,
        key=usable,
        dataset=dataset.dataset_id,
        number=gcp.organizations.get_project_output(
            project_id=project(), opts=pulumi.InvokeOutputOptions(depends_on=services)
        ).number,
    )


def create_model(
    scope: ModelScope, args: RegistryArgs, shared: RegistryShared, opts: pulumi.ResourceOptions
) -> RegistryModel:
    """The model's entry, which its first version makes, and its folder."""
    bucket = cast(Foundation, shared).bucket
    protected_opts = protected(opts, scope.settings.allow_model_deletion)
    Entry(f"{scope.model.name}-entry", shared.registry, scope.model.name, protected_opts)
    return RegistryModel(
        # Named by the store: a later stack of this name has another, and entries of its own.
        entry=pulumi.Output.concat(bucket, "-", scope.model.name),
        folder=uri(bucket, f"models/{scope.model.name}"),
    )


def _services(scope: StackScope, opts: pulumi.ResourceOptions) -> list[gcp.projects.Service]:
    """The APIs that the stack calls; left enabled at the end: others in the project call them."""
    return [
        gcp.projects.Service(
            f"api-{service}",
            gcp.projects.ServiceArgs(service=f"{service}.googleapis.com", disable_on_destroy=False),
            opts,
        )
        for service, calls in _calls(scope).items()
        if calls
    ]


def _calls(scope: StackScope) -> dict[str, bool]:
    """Each API, and whether the stack calls it."""
    budget = scope.settings.budget.monthly is not None
    workflows = scope.settings.ci.github.repository is not None
    on_drift = any(model.retraining.on_drift for model in scope.settings.models)
    return {
        "aiplatform": True,  # versions, runs, endpoints, schedules
        "bigquery": True,  # captures
        "billingbudgets": budget,
        "cloudbilling": budget,  # the account that a budget is of
        "cloudkms": True,
        "cloudresourcemanager": True,  # the project's number, and who may do what in it
        "eventarc": on_drift,  # from the alarm's topic to the workflow
        "iam": True,  # accounts and roles; the pool of identities
        "iamcredentials": workflows,  # a job of the code host acts as an account
        "logging": True,
        "monitoring": True,
        "pubsub": on_drift,  # the topic of an alarm
        "storage": True,
        "sts": workflows,  # the code host's token for one of Google's
        "workflowexecutions": on_drift,
        "workflows": on_drift,  # what starts the retraining
    }


def _key(
    scope: StackScope,
    services: list[gcp.projects.Service],
    opts: pulumi.ResourceOptions,
    protected_opts: pulumi.ResourceOptions,
) -> tuple[gcp.kms.CryptoKey, list[gcp.kms.CryptoKeyIAMMember]]:
    """The key, and the services' agents that encrypt with it."""
    ring = gcp.kms.KeyRing(scope.prefix, gcp.kms.KeyRingArgs(location=region()), opts)
    key = gcp.kms.CryptoKey(
        scope.prefix,
        gcp.kms.CryptoKeyArgs(key_ring=ring.id, rotation_period=ROTATION, labels=scope.tags),
        protected_opts,
    )
    # To ask for the agent of Cloud Storage or BigQuery makes it, if the project has none yet.
    enabled = pulumi.InvokeOutputOptions(depends_on=services)
    agents = {
        "storage": gcp.storage.get_project_service_account_output(
            project=project(), opts=enabled
        ).member,
        "bigquery": gcp.bigquery.get_default_service_account_output(
            project=project(), opts=enabled
        ).member,
        "aiplatform": create_agent("aiplatform", "roles/aiplatform.serviceAgent", opts).member,
    }
    users = [
        gcp.kms.CryptoKeyIAMMember(
            f"key-{service}",
            gcp.kms.CryptoKeyIAMMemberArgs(crypto_key_id=key.id, role=KEY_USER, member=member),
            opts,
        )
        for service, member in agents.items()
    ]
    return key, users


def create_agent(service: str, role: str, opts: pulumi.ResourceOptions) -> gcp.projects.IAMMember:
    """The member that an API acts as in the project, with the role that its agent has.

    Google grants that role when the API makes the agent by itself, and not always when somebody
    asks for one (https://github.com/pulumi/pulumi-gcp/issues/1290). It is the project's: a destroy
    leaves it, since other stacks have the same agent.
    """
    identity = gcp.projects.ServiceIdentity(
        service,
        gcp.projects.ServiceIdentityArgs(service=f"{service}.googleapis.com"),
        opts,
    )
    return gcp.projects.IAMMember(
        f"{service}-agent",
        gcp.projects.IAMMemberArgs(project=project(), role=role, member=identity.member),
        retained(opts),
    )


def _store(
    scope: StackScope,
    key: gcp.kms.CryptoKey,
    users: list[gcp.kms.CryptoKeyIAMMember],
    protected_opts: pulumi.ResourceOptions,
) -> gcp.storage.Bucket:
    """The bucket: private, versioned, encrypted with `key` once its `users` may use it."""
    deletable = scope.settings.allow_model_deletion
    return gcp.storage.Bucket(
        scope.prefix,
        gcp.storage.BucketArgs(
            location=region(),
            uniform_bucket_level_access=True,
            public_access_prevention="enforced",
            versioning=gcp.storage.BucketVersioningArgs(enabled=True),
            # A stack whose models may go leaves nothing that is paid for.
            soft_delete_policy=gcp.storage.BucketSoftDeletePolicyArgs(
                retention_duration_seconds=0 if deletable else SOFT_DELETED_SECONDS
            ),
            encryption=gcp.storage.BucketEncryptionArgs(default_kms_key_name=key.id),
            lifecycle_rules=_lifecycle(scope),
            force_destroy=deletable,
            labels=scope.tags,
        ),
        depending_on(protected_opts, *users),
    )


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


def _captures(
    scope: StackScope, key: pulumi.Output[str], opts: pulumi.ResourceOptions
) -> gcp.bigquery.Dataset:
    """The dataset in which endpoints log requests and answers."""
    return gcp.bigquery.Dataset(
        "captures",
        gcp.bigquery.DatasetArgs(
            dataset_id=underscored(scope.prefix),
            location=region(),
            default_encryption_configuration=gcp.bigquery.DatasetDefaultEncryptionConfigurationArgs(
                kms_key_name=key
            ),
            delete_contents_on_destroy=scope.settings.allow_model_deletion,
            labels=scope.tags,
        ),
        opts,
    )
