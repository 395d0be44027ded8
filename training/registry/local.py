"""The model registry on this computer: MLflow on SQLite."""

from __future__ import annotations

import os
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from training.card import card
from training.files import sync, sync_tree
from training.registry import mlflow_model
from training.store import Store
from training.versions import Manifest

# Nothing is sent anywhere from a local stack, and set-up of the database is no news.
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "WARNING")

from mlflow.entities import Metric, Param
from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient

CHAMPION = "champion"
RUN_TAG = "pipeline_run"
# MLflow's pages offer to promote a model and to set aliases; neither reaches what is served.
WARNING = (
    "⚠ Nothing on this page changes what is served: neither “Promote model” nor an alias "
    "(`champion` is set back). Releases are made by commands, which keep who and why."
)
COMMANDS = f"""{WARNING}

- release a version: `mlops promote VERSION --why "..."`
- go back to the one before: `mlops rollback --why "..."`
- see what is served: `mlops status`"""


def open_at(uri: str) -> MlflowRegistry:
    """The registry in the database ``sqlite:///PATH``."""
    return MlflowRegistry(uri)


class MlflowRegistry:
    """Registered models, versions and their metrics in one MLflow database file."""

    def __init__(self, uri: str) -> None:
        self.uri = uri
        self.client = MlflowClient(tracking_uri=uri, registry_uri=uri)

    def create_model(self, model: str, tags: dict[str, str]) -> None:
        """Enter the registered model and its experiment; existing ones are left as they are."""
        if self.client.get_experiment_by_name(model) is None:
            folder = Path(self.uri.removeprefix("sqlite:///")).resolve().parent
            self.client.create_experiment(model, artifact_location=(folder / "mlflow").as_uri())
        try:
            self.client.get_registered_model(model)
        except MlflowException:
            self.client.create_registered_model(model, tags=dict(tags), description=COMMANDS)

    def delete_model(self, model: str) -> None:
        """Remove the registered model, its versions and its experiment from the registry."""
        self.client.delete_registered_model(model)
        experiment = self.client.get_experiment_by_name(model)
        if experiment:
            self.client.delete_experiment(experiment.experiment_id)

    def number(self, description: Manifest) -> int:
        model, run = description["model"], description["run"]
        for matches in self.client.search_model_versions(f"name = '{model}'"):
            if matches.tags.get(RUN_TAG) == run:
                return self._described(description, int(matches.version))
        tracked = self._tracked_run(description)
        version = self.client.create_model_version(
            model,
            source=self._source(description),
            run_id=tracked,
            tags={RUN_TAG: run, "sha256": description["artifact"]["sha256"]},
        )
        return self._described(description, int(version.version))

    def _described(self, description: Manifest, version: int) -> int:
        """The version, once its page says what it is, and how to release it."""
        model, command = description["model"], f'mlops promote {version} --why "..."'
        if not self.client.get_registered_model(model).description:
            self.client.update_registered_model(model, COMMANDS)
        text = f"{WARNING}\n\nTo release this version: `{command}`\n\n{card(description)}"
        self.client.update_model_version(model, str(version), text)
        self.client.set_model_version_tag(model, str(version), "to_release", command)
        return version

    def adopt(self, description: Manifest, package: Path | None, store: Store) -> int:
        return self.number(description)

    def mark_champion(self, model: str, version: int) -> None:
        self.client.set_registered_model_alias(model, CHAMPION, str(version))

    def _source(self, description: Manifest) -> str:
        """The MLflow model of the version; made once, whole or not at all."""
        # A stack's registry is in the folder that is its store.
        root = Path(self.uri.removeprefix("sqlite:///")).resolve().parent
        parts = ("artifact", "compiled")
        keys = {part: description.get(part, {}).get("key") for part in parts}
        files = {part: root / key for part, key in keys.items() if key}
        if not files["artifact"].exists():
            return description["artifact"]["key"]
        folder = root / "models" / description["model"] / "mlflow" / description["run"]
        if not folder.exists():
            folder.parent.mkdir(parents=True, exist_ok=True)
            with TemporaryDirectory(prefix=".staged-", dir=folder.parent) as staged:
                mlflow_model.save(Path(staged) / "model", description, files)
                sync_tree(Path(staged) / "model")
                os.replace(Path(staged) / "model", folder)
                sync(folder.parent)
        return folder.as_uri()

    def _tracked_run(self, description: Manifest) -> str:
        experiment = self.client.get_experiment_by_name(description["model"])
        assert experiment is not None, "create_model has made it"
        run_id = self.client.create_run(
            experiment.experiment_id, run_name=description["run"]
        ).info.run_id
        self.client.log_batch(run_id, _metrics(description), _parameters(description))
        self.client.set_terminated(run_id)
        return run_id


def _metrics(description: Manifest) -> list[Metric]:
    numbers = {
        name: value
        for name, value in description["metrics"].items()
        if isinstance(value, (int, float)) and not isinstance(value, bool)
    }
    now = int(time.time() * 1000)
    return [Metric(name, value, now, 0) for name, value in numbers.items()]


def _parameters(description: Manifest) -> list[Param]:
    values = {
        "task": description["task"],
        "target": description["target"],
        "metric": description["metrics"]["metric"],
        "code": description["code"],
        **{f"data_{name}": value for name, value in description["data"].items()},
    }
    return [Param(name, str(value)) for name, value in values.items()]
