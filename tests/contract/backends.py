"""Stores and registries of the targets: a `Backend` each."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from tests.installed import has, only

if TYPE_CHECKING or has("aws"):
    from tests.clouds import aws
if TYPE_CHECKING or has("azure"):
    from tests.clouds import azure
if TYPE_CHECKING or has("gcp"):
    from tests.clouds import gcp

MODEL = "cancer"


class Backend(Protocol):
    """A target with one registry, which goes on from test to test, and any number of stores."""

    needs: ClassVar[tuple[str, ...]]
    registry: str

    def __init__(self, folder: Path) -> None: ...

    def store(self) -> str:
        """The address of a new, empty store."""
        ...

    def enter(self, description: dict[str, Any]) -> None:
        """Do what the service itself does in a pipeline before the step `register`."""
        ...


class Local:
    """This computer: a folder, and MLflow on SQLite."""

    needs: ClassVar[tuple[str, ...]] = ()

    def __init__(self, folder: Path) -> None:
        from training.registry.local import MlflowRegistry

        self.folder = folder
        self.registry = f"sqlite:///{folder}/registry.db"
        MlflowRegistry(self.registry).create_model(MODEL, {})

    def store(self) -> str:
        return str(self.folder / uuid.uuid4().hex)

    def enter(self, description: dict[str, Any]) -> None:
        """Nothing: the step does it all."""


class Aws:
    """S3 and SageMaker, as moto has them."""

    needs: ClassVar[tuple[str, ...]] = ("aws_called",)

    def __init__(self, folder: Path) -> None:
        self.registry = aws.registry(MODEL)

    def store(self) -> str:
        return f"s3://{aws.bucket()}"

    def enter(self, description: dict[str, Any]) -> None:
        aws.enter(self.registry, description)


class Azure:
    """Blob Storage and Azure ML, as our double has them."""

    needs: ClassVar[tuple[str, ...]] = ("azure_called",)

    def __init__(self, folder: Path) -> None:
        self.registry = azure.REGISTRY

    def store(self) -> str:
        return azure.current().container(f"store-{uuid.uuid4().hex[:12]}")

    def enter(self, description: dict[str, Any]) -> None:
        """Nothing: the step does it all."""


class Gcp:
    """Cloud Storage and Vertex AI, as the checked double has them."""

    needs: ClassVar[tuple[str, ...]] = ("gcp_called",)

    def __init__(self, folder: Path) -> None:
        self.vertex = gcp.current()
        self.registry = gcp.registry(self.vertex, MODEL)

    def store(self) -> str:
        return f"gs://{gcp.bucket(self.vertex)}"

    def enter(self, description: dict[str, Any]) -> None:
        """Nothing: the step does it all."""


BACKENDS: dict[str, type[Backend]] = only({"local": Local, "aws": Aws, "azure": Azure, "gcp": Gcp})
