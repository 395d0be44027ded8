"""The model registry of Vertex AI: an entry per model, whose versions the service numbers.

Entries are named by the stack's store, so that a later stack of the same name has its own. A
version's description names the run that made it, and that is how a run's number is found. What a
version is served with is fixed when it is entered: that is read from the store.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from training import runs
from training.clients import gcp
from training.clients.gcp import GoogleError
from training.errors import UserError
from training.registry import gcp_requests
from training.store import ObjectExistsError, Store
from training.store.gcp import GcsStore
from training.versions import Manifest

SCHEME = "vertex://"
CHAMPION = "champion"
ENDPOINT = "endpoint.json"
MISSING = 404


def open_at(uri: str) -> VertexRegistry:
    """The registry at ``vertex://projects/PROJECT/locations/REGION/BUCKET``."""
    match = re.fullmatch(rf"{SCHEME}(projects/[^/]+/locations/[^/]+)/([^/]+)", uri)
    if match is None:
        raise UserError(
            f"registry {uri!r}; allowed: {SCHEME}projects/PROJECT/locations/REGION/BUCKET"
        )
    return VertexRegistry(*match.groups())


class VertexRegistry:
    """Models of one stack: the entries are called BUCKET-MODEL."""

    def __init__(self, parent: str, bucket: str) -> None:
        self.parent = parent
        self.bucket = bucket
        self._store = GcsStore(bucket)

    @property
    def project(self) -> str:
        """The project's id."""
        return self.parent.split("/")[1]

    def number(self, description: Manifest) -> int:
        model, run = description["model"], description["run"]
        versions = list(self._versions(model))
        for version in versions:
            if version.get("versionDescription") == gcp_requests.version_description(run):
                return int(version["versionId"])
        endpoint = json.loads(self._store.read(f"models/{model}/{ENDPOINT}"))
        package, artifacts = self._package(description["code"]), self._artifacts(model, run)
        sources = gcp_requests.ModelSources(self._store.uri, package, artifacts)
        entry = self.entry(model)
        body = gcp_requests.upload(entry, description, endpoint, sources, first=not versions)
        # Not repeated: each time would make one more version.
        answer = gcp.call("POST", gcp.vertex(f"{self.parent}/models:upload"), body, repeat=False)
        return int(gcp.finished(json.loads(answer))["modelVersionId"])

    def adopt(self, description: Manifest, package: Path | None, store: Store) -> int:
        # The container is served with the code that made the version; what runs here is there.
        if package is not None:
            with suppress(ObjectExistsError):
                self._store.create(f"code/{package.name}", package.read_bytes())
        return self.number(description)

    def mark_champion(self, model: str, version: int) -> None:
        gcp.call(
            "POST",
            gcp.vertex(f"{self.entry(model)}@{version}:mergeVersionAliases"),
            {"versionAliases": [CHAMPION]},
        )

    def entry(self, model: str) -> str:
        """The resource name of a model."""
        return f"{self.parent}/models/{self.bucket}-{model}"

    def empty(self, model: str) -> bool:
        """Delete the entry with all its versions, if there is one; UserError if one is deployed."""
        try:
            answer = gcp.call("DELETE", gcp.vertex(self.entry(model)))
        except GoogleError as error:
            if error.status == MISSING:
                return False
            raise
        gcp.finished(json.loads(answer))
        return True

    def _artifacts(self, model: str, run: str) -> str | None:
        """The folder of the artifact that a run has trained; None for one of another store."""
        # Not at the top: it takes longer than all else that status and history import.
        from training.predictor import FILE

        key = f"{runs.folder(model, run)}/outputs/train"
        return f"{self._store.uri}/{key}" if f"{key}/{FILE}" in self._store.keys(key) else None

    def _package(self, code: str) -> str:
        """The address of the code package of a digest."""
        for key in self._store.keys("code"):
            if f"+{code[:12]}-" in key:
                return f"{self._store.uri}/{key}"
        raise UserError(f"{self._store.uri}/code has no package of the code {code[:12]}")

    def _versions(self, model: str) -> Iterator[dict[str, Any]]:
        """The versions that the service has; none before the first."""
        try:
            yield from gcp.pages(gcp.vertex(f"{self.entry(model)}:listVersions"), "models")
        except KeyError:
            return
