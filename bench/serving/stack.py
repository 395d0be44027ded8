"""A stack for the benchmark: the flights model of January and February 2013, released."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import joblib
import pandas as pd

from training import clock, registry, release, versions
from training.compiled import FILE, making
from training.model_inputs import CATEGORICAL, Column, model_frame
from training.models import flights as model
from training.platform import DOCUMENT, STACKS, Platform
from training.registry.local import MlflowRegistry
from training.replay import flights
from training.serving import trial

MODEL = "flights"
ROWS = "rows.json"


def make(root: Path) -> Platform:
    """The stack in the new folder `root`, with rows of March to ask for in `ROWS`."""
    months = root / "months"
    flights.write_months(months)
    train, later = (
        pd.concat([pd.read_parquet(flights.month_file(months, month)) for month in numbers])
        for numbers in ((1, 2), (3,))
    )
    columns = [
        Column(name, CATEGORICAL if name in ("carrier", "origin", "dest") else "numeric")
        for name in model.INPUTS
    ]
    inputs = model_frame(train, columns)
    numeric = [column.name for column in columns if column.kind != CATEGORICAL]
    texts = [column.name for column in columns if column.kind == CATEGORICAL]
    fitted = model.estimator(numeric, texts, "classification").fit(inputs, train[flights.TARGET])
    joblib.dump(fitted, root / "model.joblib", compress=3)
    (root / "profile.json").write_text("{}")
    holdout = model_frame(later[:5_000], columns)
    about = making.make(fitted, columns, "classification", inputs, holdout, root)
    if "reason" in about:
        raise RuntimeError(about["reason"])
    (root / ROWS).write_text(holdout[:1_000].to_json(orient="records"))
    platform = _platform(root)
    entries = MlflowRegistry(platform.registry_uri)
    entries.create_model(MODEL, {})
    manifest = registry.register(
        platform.store,
        entries,
        {
            "model": MODEL,
            "run": "bench",
            "created": clock.text(clock.now()),
            "code": "0" * 64,
            "task": "classification",
            "target": flights.TARGET,
            "inputs": [asdict(column) for column in columns],
            "libraries": versions.installed_libraries(),
            "data": {"rows": len(train), "train_rows": len(train), "window": None},
            "metrics": {"metric": model.METRIC, "challenger": 0.7},
            "compiled": about,
            "example": {"inputs": json.loads(holdout[:1].to_json(orient="records"))[0]},
        },
        {
            "artifact": root / "model.joblib",
            "profile": root / "profile.json",
            "compiled": root / FILE,
        },
    )
    trial.mark(platform.store, manifest)
    release.promote(platform.store, MODEL, manifest["version"], why="bench", by="bench")
    entries.mark_champion(MODEL, manifest["version"])
    return platform


def set_workers(root: Path, workers: int) -> None:
    """Have the stack's server answer in so many processes."""
    document = root / STACKS / "local" / f"models/{MODEL}/endpoint.json"
    document.write_text(json.dumps({**json.loads(document.read_text()), "workers": workers}))


def _platform(root: Path) -> Platform:
    document = {
        "stack": "local",
        "target": "local",
        "store": f"{STACKS}/local",
        "registry": f"sqlite:///{root / STACKS / 'local'}/registry.db",
        "models": {MODEL: {}},
    }
    (root / "Pulumi.yaml").write_text("name: bench\n")
    platform = Platform(root, document)
    parts: dict[str, Any] = {
        "endpoint.json": {
            "capture_percent": 100,
            "port": 0,
            "host": "127.0.0.1",
        },
        "alarms.json": {"rules": [], "webhooks": []},
        "schedules.json": {
            "retraining": None,
            "drift_check": None,
            "on_drift": False,
            "retention_days": 30,
        },
    }
    folder = root / STACKS / "local"
    folder.mkdir(parents=True)
    (folder / DOCUMENT).write_text(json.dumps(document))
    for name, part in parts.items():
        platform.store.write(f"models/{MODEL}/{name}", json.dumps(part).encode())
    return platform
