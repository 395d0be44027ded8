"""In words: where data or an endpoint would be lost."""

from __future__ import annotations

from collections.abc import Iterator

from tools.preview.model import DELETE, REPLACE, Change

# What is gone with a resource of each type, by the last part of its type.
DATA = {
    "Bucket": "the artifacts, captures and reports in it",
    "StorageAccount": "the artifacts, captures and reports in it",
    "BlobContainer": "the blobs in it",
    "Key": "everything that was encrypted with it",
    "CryptoKey": "everything that was encrypted with it",
    "Vault": "the keys and secrets in it",
    "ModelPackageGroup": "the registered model versions",
    "ModelContainer": "the registered model versions",
    "RegisteredModel": "the registered model versions",
    "Entry": "the registered model versions",
    "Workspace": "the models, runs and schedules in it",
    "LogGroup": "the logs in it",
    "Dataset": "the tables in it",
    "Folder": "the artifacts, captures and reports in it",
}
SERVING = ("Endpoint", "OnlineEndpoint", "AiEndpoint")
# What its users have to do when an endpoint gets a new address.
NEW_ADDRESS = "its address may change, and nothing answers until a version is released again"


def losses(changes: tuple[Change, ...]) -> Iterator[str]:
    """A sentence for each change that loses something."""
    for change in changes:
        if change.operation not in (DELETE, REPLACE) or change.retained:
            continue
        effect = "deleted" if change.operation == DELETE else "replaced"
        kind = change.type.rsplit(".", 1)[-1]
        because = f" because of {', '.join(change.reasons)}" if change.reasons else ""
        loss = f"{change.name} ({change.type}) would be {effect}{because}"
        if kind in SERVING:
            after = NEW_ADDRESS if change.operation == REPLACE else "nothing answers any more"
            yield f"Endpoint lost: {loss}; {after}."
        elif kind in DATA:
            yield f"Data lost: {loss}, and with it {DATA[kind]}."
