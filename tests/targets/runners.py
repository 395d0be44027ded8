"""Stacks that are up and run their own compiled pipelines on real flights."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pytest
import yaml

from tests import warm
from tests.installed import has, only
from tests.project import REPOSITORY, Project
from tests.targets import running
from tests.targets.running import MODEL, Results
from training import clock, release, versions
from training.drift.verdict import DRIFT as DRIFTED
from training.monitoring import drift_checks
from training.platform import platform_at
from training.predictor import Predictor, load
from training.retraining_admission import DRIFT
from training.serving import requests
from training.serving.capture import Captured, Captures

if TYPE_CHECKING or has("aws"):
    from tests.targets.aws.runner import running_aws
if TYPE_CHECKING or has("azure"):
    from tests.targets.azure.runner import running_azure
if TYPE_CHECKING or has("gcp"):
    from tests.targets.gcp.runner import running_gcp


class Runner(Protocol):
    """A stack of a target that is up, with the flights model."""

    def month(self, file: Path) -> None:
        """A month's flights arrive."""
        ...

    def run(self, pipeline: str, **parameters: str) -> Results:
        """Run a pipeline; what its steps summed up."""
        ...

    def capture(self, at: datetime, body: bytes, answer: bytes) -> None:
        """The endpoint captures a request that it answered, both JSON, as the service does."""
        ...

    def react(self, at: datetime) -> list[Results]:
        """What the stack's own resources start because of what a drift check told at that time.

        Of each run, once it has ended, what its steps summed up.
        """
        ...

    def records(self, journal: str) -> list[dict[str, Any]]:
        """The records of one of the model's journals, oldest first."""
        ...


def config() -> dict[str, Any]:
    """The settings of the flights model, as the stack of this repository has them."""
    file = REPOSITORY / "stacks" / "Pulumi.local.yaml"
    # Days that were held out differ a little from those of the training.
    return {**yaml.safe_load(file.read_text())["config"], "mlops:drift": {"minEffect": 0.12}}


class Local:
    """The reference: the local runner."""

    def __init__(self, folder: Path, first: Path) -> None:
        self.project = Project.make(folder / "project")
        self.data = self.project.path / ".mlops/data/flights"
        self.data.mkdir(parents=True)
        self.month(first)
        settings = {key.removeprefix("mlops:"): value for key, value in config().items()}
        self.project.stack("local", settings)
        self.project.up("local")
        self.platform = platform_at(str(self.project.path / ".mlops/local"), self.project.path)

    def month(self, file: Path) -> None:
        shutil.copy(file, self.data)

    def run(self, pipeline: str, **parameters: str) -> Results:
        # A Python like that of the clouds' jobs: the bytes of a pickle depend on which equal
        # strings are one object, and with that on what has been imported.
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "executable", str(warm.programs() / "python"))
            return running.run(self.platform, pipeline, parameters)

    def capture(self, at: datetime, body: bytes, answer: bytes) -> None:
        fields, columns = json.loads(answer), self.champion().columns
        folder = self.project.path / f".mlops/local/models/{MODEL}/captures"
        folder.mkdir(exist_ok=True)
        writer = Captures(folder)
        answered = np.array(fields["predictions"]), np.array(fields["scores"])
        inputs = requests.parse(requests.JSON, body, columns)
        writer.add(Captured(fields["request_id"], at, fields["version"], inputs, *answered))
        writer.flush()

    def react(self, at: datetime) -> list[Results]:
        # `mlops serve` asks for a retraining at each check that finds drift.
        check = drift_checks(self.platform.store, MODEL).records()[-1]
        assert clock.parse(check["when"]) == at
        return [self.run("training", trigger=DRIFT)] if check["verdict"] == DRIFTED else []

    def records(self, journal: str) -> list[dict[str, Any]]:
        return running.records(self.platform, journal)

    def champion(self) -> Predictor:
        """The released model: the same on all targets."""
        store = self.platform.store
        current = release.champion(store, MODEL)
        assert current is not None, "a version was released"
        return load(store, versions.manifest(store, MODEL, current.version))


RUNNERS: dict[str, Callable[[Path], AbstractContextManager[Runner]]] = only(
    {
        "aws": lambda folder: running_aws(folder, config()),
        "azure": lambda folder: running_azure(folder, config()),
        "gcp": lambda folder: running_gcp(folder, config()),
    }
)
