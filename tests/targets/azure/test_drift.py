"""From what an endpoint answered to a retraining, through the stack's own components.

The drift check's job starts the training itself: there is no event of Azure in between to be
trusted.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.serving.servers import until
from tests.targets.conftest import Trained
from tests.targets.runners import MODEL, Azure
from training import clock, release, scoring, versions
from training.admission import DRIFT
from training.drift.verdict import DRIFT as DRIFTED
from training.drift.verdict import NO_DRIFT
from training.runs import SUCCEEDED, runs_of
from training.scoring import scorer
from training.serving import requests

pytestmark = pytest.mark.engine

AT_ONCE = 50
CHECK = "drift-check"


@pytest.fixture(scope="module")
def azure(trained: Trained) -> Azure:
    """A stack that trained as the months arrived."""
    runner, _ = trained("azure")
    # Days that were held out differ a little from those of the training.
    runner.stack.configure(**{"drift.minEffect": 0.1})
    runner.up()
    return runner


@dataclass
class Served:
    """The champion's deployment: it answers, and its data collector writes that down."""

    azure: Azure
    place: Path

    @property
    def manifest(self) -> versions.Manifest:
        """The champion's."""
        store = self.azure.platform.store
        champion = release.champion(store, MODEL)
        assert champion is not None
        return versions.manifest(store, MODEL, champion.version)

    def ask(self, rows: pd.DataFrame) -> None:
        """Send these rows as requests."""
        store, manifest = self.azure.platform.store, self.manifest
        version = manifest["version"]
        model = self.place / f"v{version}"
        model.mkdir(exist_ok=True)
        artifact = manifest["artifact"]
        store.fetch(artifact["key"], model)
        store.fetch(f"{artifact['key'].rpartition('/')[0]}/result.json", model)
        serving = scorer.load(
            model,
            {
                scoring.MODEL: MODEL,
                scoring.VERSION: str(version),
                scoring.DIGEST: artifact["sha256"],
            },
        )
        inputs = [column["name"] for column in manifest["inputs"]]
        plain = json.loads(rows[inputs].to_json(orient="records", date_format="iso"))
        for first in range(0, len(plain), AT_ONCE):
            body = {"instances": plain[first : first + AT_ONCE]}
            answer = serving.answer(requests.JSON, json.dumps(body).encode())
            assert answer.status == 200, answer.body
            said = {**json.loads(answer.body), "request_id": str(uuid.uuid4())}
            self.azure.capture(clock.now(), json.dumps(body).encode(), json.dumps(said).encode())


def jobs(azure: Azure, trigger: str) -> list[dict[str, Any]]:
    """The pipeline jobs that were started by a trigger."""
    return [
        made
        for key, made in azure.double.resources.items()
        if "/jobs/" in key
        and made["properties"]["inputs"].get("trigger", {}).get("value") == trigger
    ]


@pytest.fixture
def served(azure: Azure, tmp_path: Path) -> Iterator[Served]:
    """The champion's deployment, as long as requests to Azure are this stack's."""
    with azure.called():
        yield Served(azure, tmp_path)


def test_what_did_not_change_starts_nothing_and_drift_a_retraining_that_admission_sees(
    azure: Azure, served: Served, months: list[Path]
) -> None:
    arrived = pd.concat([pd.read_parquet(month) for month in months])
    rows = arrived.head(served.manifest["data"]["rows"])
    before = jobs(azure, DRIFT)
    served.ask(rows)
    found = azure.run(CHECK)["drift"]
    assert (found["verdict"], found["drifted"]) == (NO_DRIFT, []), found["effects"]
    assert jobs(azure, DRIFT) == before

    served.ask(rows.assign(distance=rows["distance"] * 3))
    found = azure.run(CHECK)["drift"]
    assert (found["verdict"], found["drifted"]) == (DRIFTED, ["distance"])
    (job,) = (job for job in jobs(azure, DRIFT) if job not in before)
    assert until(lambda: job["properties"]["status"] != "Running", seconds=120)
    record = runs_of(azure.platform).record(azure.platform, MODEL, job["name"])
    assert (record["pipeline"], record["status"]) == ("training", SUCCEEDED)
    assert record["results"]["admit"]["admitted"] is False
    assert record["results"]["admit"]["reason"]
    assert set(record["results"]) == {"admit"}, "what admission refuses goes no further"
