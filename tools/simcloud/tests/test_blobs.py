"""Blob Storage of the simulated cloud, asked by the client of the service itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError
from azure.storage.blob import ContainerClient
from pulumi_simcloud.harness import SimCloud

GATEWAY = "BLOBS"
SETTINGS = {"location": "westeurope"}
STORAGE = "azure-native:storage"


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[SimCloud]:
    """A cloud with the container `store` in the account `sim`."""
    with SimCloud(tmp_path / "cloud", gateways={"azure": GATEWAY}) as cloud:
        group = {"resourceGroupName": "sim"}
        account = {"accountName": "simaccount", **group}
        cloud.seed("azure-native:resources:ResourceGroup", "g", group, SETTINGS)
        sku = {"kind": "StorageV2", "sku": {"name": "Standard_LRS"}}
        cloud.seed(f"{STORAGE}:StorageAccount", "a", {**account, **sku}, SETTINGS)
        store = {**account, "containerName": "store"}
        cloud.seed(f"{STORAGE}:BlobContainer", "c", store, SETTINGS)
        yield cloud


def client(cloud: SimCloud, container: str = "store") -> ContainerClient:
    host = "simaccount.blob.core.windows.net"
    return ContainerClient(f"{cloud.environment[GATEWAY]}/{host}", container, retry_total=0)


def test_the_services_own_client_writes_reads_lists_and_deletes(cloud: SimCloud) -> None:
    blobs = client(cloud)
    names = ["a/1+2 ü.json", "a/b/2", "b"]
    for name in names:
        blobs.upload_blob(name, name.encode(), overwrite=True)
    assert [blob.name for blob in blobs.list_blobs()] == names
    assert [blob.name for blob in blobs.list_blobs(name_starts_with="a/")] == names[:2]
    assert cloud.objects("az/simaccount/store")[names[0]] == names[0].encode()
    blobs.delete_blob("b")
    with pytest.raises(ResourceNotFoundError):
        blobs.delete_blob("b")


def test_create_only_is_refused_for_what_is_there(cloud: SimCloud) -> None:
    blobs = client(cloud)
    blobs.upload_blob("a", b"first")
    with pytest.raises(ResourceExistsError):
        blobs.upload_blob("a", b"second")
    assert cloud.objects("az/simaccount/store") == {"a": b"first"}


def test_a_container_that_nobody_made_is_refused(cloud: SimCloud) -> None:
    with pytest.raises(ResourceNotFoundError, match="ContainerNotFound"):
        client(cloud, "none").upload_blob("a", b"")
