"""Requests to Vertex AI's registry, made without any call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from training.scoring import MODEL, THREADS
from training.versions import Manifest

PORT, HEALTH, PREDICT = 8080, "/ping", "/invocations"
STORE, LISTENER = "MLOPS_STORE", "MLOPS_LISTENER"
# The service tries to connect to the port 4 times, 10 seconds apart, and then starts the container
# anew, which would be before its libraries are installed: so the port is open from the first second
# on, and the server takes it over. Until then nothing answers, which the service takes for "not
# ready": https://cloud.google.com/vertex-ai/docs/predictions/custom-container-requirements.
LISTEN = f"""\
import os, socket
port = int(os.environ.get("AIP_HTTP_PORT", {PORT}))
listener = socket.create_server(("", port), backlog=1024)
listener.set_inheritable(True)
os.environ["{LISTENER}"] = str(listener.fileno())
"""
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
INSTALL = 'pip install --quiet "$(echo "$PWD"/*.whl)[gcp]" && exec python -m training.scoring.gcp'
HAND_OVER = f"""\
os.execvp("bash", ["bash", "-c", {INSTALL!r}])
"""
START = 'cd "$(mktemp -d)" && exec python -c "$0" "$1"'

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
            "command": ["bash", "-c", START, LISTEN + FETCH + HAND_OVER, sources.package],
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
    # No account: the service then reads the folder and the image as its own agent, which may.
    own = {"modelId": entry.split("/")[-1]} if first else {"parentModel": entry}
    return {"model": model, **own}
