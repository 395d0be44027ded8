"""What the resources of an Azure stack have in common: names, places, grants, blobs.

Blobs are dynamic resources: azure-native's own `storage.Blob` signs in with the account's key
(github.com/pulumi/pulumi-azure-native/pull/3719), and the account of a stack takes no key. Their
providers stand in this importable module, so that the state names them instead of holding a copy
of their code.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pulumi
import pulumi_azure_native as azure
from pulumi.dynamic import (
    CreateResult,
    DiffResult,
    ReadResult,
    Resource,
    ResourceProvider,
    UpdateResult,
)

from components import package as code
from components.azure_permissions import PERMISSIONS
from components.local_resources import plain
from components.registry import RegistryShared
from components.settings import Model, Settings
from training.clients.azure import AzureError
from training.store.azure import open_at

Properties = dict[str, Any]

# The container of the account that is the artifact store, and the datastore that names it.
STORE = "store"

# A new grant takes effect after some minutes (learn.microsoft.com, "Troubleshoot Azure RBAC").
GRANT_SECONDS = 600.0
RETRY_SECONDS = 10.0


def prefix(settings: Settings) -> str:
    """What names in the subscription begin with."""
    return f"{settings.prefix}-{pulumi.get_stack()}"


def model_prefix(settings: Settings, model: Model) -> str:
    """What names of a model begin with."""
    return f"{prefix(settings)}-{model.name}"


def tags(settings: Settings) -> dict[str, str]:
    """What a bill or an audit is read by, and the team's own."""
    return {"project": pulumi.get_project(), "stack": pulumi.get_stack(), **settings.tags}


@dataclass(frozen=True)
class Place:
    """Where a stack stands: read from the registry's and the store's addresses."""

    subscription: pulumi.Output[str]
    group: pulumi.Output[str]
    workspace: pulumi.Output[str]
    account: pulumi.Output[str]

    @classmethod
    def of(cls, registry: RegistryShared) -> Place:
        """The place of the registry at ``azureml://subscriptions/S/resourceGroups/G/...``."""
        parts = registry.registry.apply(lambda uri: uri.removeprefix("azureml://").split("/"))
        return cls(
            subscription=parts.apply(lambda found: found[1]),
            group=parts.apply(lambda found: found[3]),
            workspace=parts.apply(lambda found: found[5]),
            account=registry.store.apply(
                lambda uri: uri.removeprefix("https://").partition(".")[0]
            ),
        )

    @property
    def group_id(self) -> pulumi.Output[str]:
        """The resource id of the resource group."""
        return pulumi.Output.concat(
            "/subscriptions/", self.subscription, "/resourceGroups/", self.group
        )

    def id(self, kind: str, name: pulumi.Input[str]) -> pulumi.Output[str]:
        """The resource id of what is called `name` in the group, such as the workspace's."""
        return pulumi.Output.concat(self.group_id, "/providers/", kind, "/", name)

    @property
    def workspace_id(self) -> pulumi.Output[str]:
        """The resource id of the workspace."""
        return self.id("Microsoft.MachineLearningServices/workspaces", self.workspace)

    @property
    def container_id(self) -> pulumi.Output[str]:
        """The resource id of the store's container."""
        account = self.id("Microsoft.Storage/storageAccounts", self.account)
        return pulumi.Output.concat(account, "/blobServices/default/containers/", STORE)

    @property
    def datastore_id(self) -> pulumi.Output[str]:
        """The resource id of the datastore that names the store's container."""
        return pulumi.Output.concat(self.workspace_id, "/datastores/", STORE)

    def scope(self, name: str, stack: str) -> pulumi.Output[str]:
        """The resource id of a scope of `PERMISSIONS`; `stack` is the stack's prefix."""
        return {
            "group": self.group_id,
            "workspace": self.workspace_id,
            "store": self.container_id,
            "insights": self.id("Microsoft.Insights/components", stack),
        }[name]


def after(value: pulumi.Input[str], *others: pulumi.Input[Any]) -> pulumi.Output[str]:
    """The same value, known only once the `others` are: what uses it is made after them."""
    return pulumi.Output.all(value, *others).apply(lambda found: found[0])


def grant(
    actor: str,
    settings: Settings,
    place: Place,
    principal: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
    name: str | None = None,
    kind: str | None = "ServicePrincipal",
) -> list[azure.authorization.RoleAssignment]:
    """Give `principal` what `actor` calls, and no more: a role of its own on every scope.

    `name` is that of the resources where several principals are one kind of actor; `kind` is
    None for whoever brings the stack up, a person or a workflow.
    """
    name, stack = name or actor, prefix(settings)
    assignments = []
    for scope, permission in PERMISSIONS[actor].items():
        role = azure.authorization.RoleDefinition(
            f"{name}-{scope}",
            azure.authorization.RoleDefinitionArgs(
                scope=place.group_id,
                assignable_scopes=[place.group_id],
                # Unique in the whole directory.
                role_name=f"{stack}-{name}-{scope}",
                description=f"What the {actor} of {stack} calls",
                role_type="CustomRole",
                permissions=[
                    azure.authorization.PermissionArgs(
                        actions=list(permission.actions),
                        data_actions=list(permission.data_actions),
                    )
                ],
            ),
            opts,
        )
        assignments.append(
            azure.authorization.RoleAssignment(
                f"{name}-{scope}",
                azure.authorization.RoleAssignmentArgs(
                    scope=place.scope(scope, stack),
                    principal_id=principal,
                    principal_type=kind,
                    role_definition_id=role.id,
                ),
                opts,
            )
        )
    return assignments


class _BlobProvider(ResourceProvider):
    """A blob of the store, identified by its address."""

    # The provider holds no secret; kept readable in the state.
    serialize_as_secret_always = False

    def create(self, props: Properties) -> CreateResult:
        self._write(props)
        return CreateResult(f"{props['store']}/{props['key']}", props)

    def update(self, id: str, olds: Properties, news: Properties) -> UpdateResult:
        self._write(news)
        return UpdateResult(news)

    def diff(self, id: str, olds: Properties, news: Properties) -> DiffResult:
        changed = [name for name in news if olds.get(name) != news[name]]
        replaced = [name for name in changed if name in ("store", "key")]
        return DiffResult(changes=bool(changed), replaces=replaced, delete_before_replace=False)

    def delete(self, id: str, props: Properties) -> None:
        open_at(props["store"]).delete(props["key"])

    def content(self, props: Properties) -> bytes:
        raise NotImplementedError

    def _write(self, props: Properties) -> None:
        content = self.content(props)
        deadline = time.monotonic() + GRANT_SECONDS
        while True:
            try:
                open_at(props["store"]).write(props["key"], content)
                return
            except AzureError as error:
                if error.status != 403 or time.monotonic() > deadline:
                    raise
                time.sleep(RETRY_SECONDS)


class _DocumentProvider(_BlobProvider):
    def content(self, props: Properties) -> bytes:
        return f"{json.dumps(plain(props['content']), indent=1)}\n".encode()

    def read(self, id: str, props: Properties) -> ReadResult:
        try:
            content = json.loads(open_at(props["store"]).read(props["key"]))
        except (KeyError, json.JSONDecodeError):
            return ReadResult("", props)
        return ReadResult(id, {**props, "content": content})


class Document(Resource, module="azure", name="Document"):
    """A JSON object in the store; a changed setting shows in the preview under its own name."""

    key: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        store: pulumi.Input[str],
        key: str,
        content: pulumi.Input[Properties],
        opts: pulumi.ResourceOptions,
    ) -> None:
        props = {"store": store, "key": key, "content": content}
        super().__init__(_DocumentProvider(), name, props, opts)


class _CodeProvider(_BlobProvider):
    def content(self, props: Properties) -> bytes:
        files = code.contents(Path.cwd())
        if code.digest(files) != props["digest"]:
            raise ValueError("training/ was changed while the stack came up; run it again")
        return code.build(files)

    def read(self, id: str, props: Properties) -> ReadResult:
        there = props["key"] in open_at(props["store"]).keys(props["key"].rpartition("/")[0])
        return ReadResult(id if there else "", props)


class CodePackage(Resource, module="azure", name="CodePackage"):
    """The wheel of `training/` in the store."""

    store: pulumi.Output[str]
    key: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        store: pulumi.Input[str],
        key: str,
        digest: str,
        opts: pulumi.ResourceOptions,
    ) -> None:
        props = {"store": store, "key": key, "digest": digest}
        super().__init__(_CodeProvider(), name, props, opts)
