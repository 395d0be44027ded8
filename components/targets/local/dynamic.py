"""The resources of a local stack: folders, documents, the code package, MLflow entries.

They are dynamic resources. Paths are relative to the project.
"""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

import pulumi
from pulumi.dynamic import Resource

from components import package as code
from components.dynamic import JsonProvider, Properties, Provider, plain
from training import files
from training.platform import DOCUMENT, Platform
from training.serving import address

# A server answers what is under way and writes its captures before it ends.
STOP_SECONDS = 60.0


class _FolderProvider(Provider):
    identity = ("path",)

    def make(self, props: Properties) -> None:
        Path(props["path"]).mkdir(parents=True, exist_ok=True)

    def exists(self, props: Properties) -> bool:
        return Path(props["path"]).is_dir()

    def delete(self, id: str, props: Properties) -> None:
        folder = Path(props["path"])
        refuse_with_models(folder, props["allow_model_deletion"])
        files.remove_folder(folder)


class Folder(Resource, module="local", name="Folder"):
    """A folder; not deleted while it holds registered models, unless that is allowed."""

    path: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        path: pulumi.Input[str],
        allow_model_deletion: bool,
        opts: pulumi.ResourceOptions,
    ) -> None:
        props = {"path": path, "allow_model_deletion": allow_model_deletion}
        super().__init__(_FolderProvider(), name, props, opts)


class _DocumentProvider(JsonProvider):
    identity = ("path",)

    def write(self, props: Properties, content: bytes) -> None:
        path = Path(props["path"])
        files.make_folder(path.parent)
        files.replace(path, content)

    def load(self, props: Properties) -> bytes:
        return Path(props["path"]).read_bytes()

    def delete(self, id: str, props: Properties) -> None:
        Path(props["path"]).unlink(missing_ok=True)


class Document(Resource, module="local", name="Document"):
    """A JSON file; a changed setting shows in the preview under its own name."""

    path: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        path: pulumi.Input[str],
        content: pulumi.Input[Properties],
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__(_DocumentProvider(), name, {"path": path, "content": content}, opts)


class _PlatformProvider(_DocumentProvider):
    def delete(self, id: str, props: Properties) -> None:
        # Deleted first, since it depends on all others: what refuses, refuses before any is gone.
        store = Path(props["path"]).parent
        refuse_with_models(store, props["content"]["allow_model_deletion"])
        _stop_server(Platform(Path.cwd(), props["content"]))
        super().delete(id, props)


class PlatformDocument(Resource, module="local", name="Platform"):
    """The document that says the stack is up, and what it is made of."""

    def __init__(
        self,
        name: str,
        store: pulumi.Input[str],
        content: pulumi.Input[Properties],
        opts: pulumi.ResourceOptions,
    ) -> None:
        props = {"path": pulumi.Output.concat(store, "/", DOCUMENT), "content": content}
        super().__init__(_PlatformProvider(), name, props, opts)


class _CodePackageProvider(Provider):
    identity = ("store", "package")

    def make(self, props: Properties) -> None:
        wheel = code.unchanged(Path.cwd(), props["digest"])
        path = self._path(props)
        files.make_folder(path.parent)
        files.replace(path, wheel)

    def exists(self, props: Properties) -> bool:
        return self._path(props).is_file()

    def delete(self, id: str, props: Properties) -> None:
        self._path(props).unlink(missing_ok=True)

    @staticmethod
    def _path(props: Properties) -> Path:
        return Path(props["store"]) / props["package"]


class CodePackage(Resource, module="local", name="CodePackage"):
    """The wheel of `training/` in the store."""

    package: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        store: pulumi.Input[str],
        package: str,
        digest: str,
        opts: pulumi.ResourceOptions,
    ) -> None:
        props = {"store": store, "package": package, "digest": digest}
        super().__init__(_CodePackageProvider(), name, props, opts)


class _RegisteredModelProvider(Provider):
    identity = ("registry", "model")

    def make(self, props: Properties) -> None:
        self._registry(props).create_model(props["model"], plain(props["tags"]))

    def delete(self, id: str, props: Properties) -> None:
        self._registry(props).delete_model(props["model"])

    @staticmethod
    def _registry(props: Properties) -> Any:
        from training.registry.local import MlflowRegistry

        return MlflowRegistry(props["registry"])


class RegisteredModel(Resource, module="local", name="RegisteredModel"):
    """A model's entry in the MLflow registry."""

    model: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        registry: pulumi.Input[str],
        model: str,
        tags: dict[str, str],
        opts: pulumi.ResourceOptions,
    ) -> None:
        props = {"registry": registry, "model": model, "tags": tags}
        super().__init__(_RegisteredModelProvider(), name, props, opts)


def refuse_with_models(folder: Path, deletable: bool) -> None:
    """Raise ValueError if `folder` holds registered models and they may not be deleted."""
    versions = [] if deletable else sorted(folder.glob("**/versions/*.json"))
    if versions:
        raise ValueError(
            f"{folder} holds {len(versions)} registered model versions; to delete them too: "
            "pulumi config set allowModelDeletion true && pulumi up, then destroy again"
        )


def _stop_server(platform: Platform) -> None:
    """End the stack's server process, if one runs, and wait until it has written its last."""
    running = address.find(platform)
    if running is None:
        return
    os.kill(running.pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while address.find(platform) is not None:
        if time.monotonic() > deadline:
            raise ValueError(
                f"the server of stack {platform.stack!r}, process {running.pid}, does not end; "
                "end it, then destroy again"
            )
        time.sleep(0.05)
