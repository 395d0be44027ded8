"""Requests to Vertex AI's registry, made without any call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from training.scoring import MODEL, THREADS
from training.versions import Manifest

# How the container gets the code that made the version and serves it, with nothing but Python.
# https://cloud.google.com/compute/docs/access/authenticate-workloads#applications
FETCH = """\
import json, sys, urllib.request as http
from urllib.parse import quote
host = "http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default"
asked = http.Request(f"{host}/token", headers={"Metadata-Flavor": "Google"})
token = json.load(http.urlopen(asked))["access_token"]
bucket, _, key = sys.argv[1].removeprefix("gs://").partition("/")
place = f"https://storage.googleapis.com/storage/v1/b/{bucket}/o/{quote(key, safe='')}?alt=media"
asked = http.Request(place, headers={"Authorization": f"Bearer {token}"})
with http.urlopen(asked) as wheel, open(key.rsplit("/", 1)[-1], "wb") as file:
    file.write(wheel.read())
"""
START = (
    'cd "$(mktemp -d)" && python -c "$0" "$1" && pip install --quiet "$(echo "$PWD"/*.whl)[gcp]"'
    " && exec python -m training.scoring.gcp"
)
PORT, HEALTH, PREDICT = 8080, "/ping", "/invocations"
STORE = "MLOPS_STORE"

Request = dict[str, Any]


def version_description(run: str) -> str:
    """The description of the version that `run` makes."""
    return f"run {run}"


@dataclass(frozen=True)
class ModelSources:
    """The stack's store, the code package in it that made a version, and the version's artifact.

    `artifacts` is the folder that has a ``model.joblib``; None if the store has none.
    """

    store: str
    package: str
    artifacts: str | None = None


def upload(
    entry: str, description: Manifest, part: Request, sources: ModelSources, *, first: bool
) -> Request:
    """models.upload of a version of the model `entry`, which the `first` one makes.

    `part` is the model's ``endpoint.json``.
    """
    model = {
        "displayName": part["name"],
        "versionDescription": version_description(description["run"]),
        "containerSpec": {
            "imageUri": description.get("image") or part["image"],
            "command": ["bash", "-c", START, FETCH, sources.package],
            "env": [
                {"name": MODEL, "value": description["model"]},
                {"name": STORE, "value": sources.store},
                *({"name": name, "value": value} for name, value in THREADS.items()),
            ],
            "ports": [{"containerPort": PORT}],
            "healthRoute": HEALTH,
            "predictRoute": PREDICT,
        },
        "encryptionSpec": {"kmsKeyName": part["key"]},
        "labels": part["labels"],
    }
    if sources.artifacts is not None:
        # The container does not ask for it; but the service looks for a model's file beside an
        # image of its own: https://cloud.google.com/vertex-ai/docs/model-registry/import-model.
        model["artifactUri"] = sources.artifacts
    request: Request = {"model": model, "serviceAccount": part["service_account"]}
    return {**request, **({"modelId": entry.split("/")[-1]} if first else {"parentModel": entry})}
