"""The closed loop over the months of 2013: predict, capture, check, retrain, release.

No month is seen before it is scored: its rows reach the training data only after the endpoint
has answered for all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
from sklearn.metrics import roc_auc_score

from training import clock, predictor, release, versions
from training.captures import local as captures
from training.endpoint import local as served
from training.errors import UserError
from training.monitoring import ALARM, monitoring_of
from training.platform import Platform
from training.replay import arrivals, flights
from training.replay.client import await_written, endpoint, predict
from training.runs import local
from training.runs.worker import Worker
from training.steps.register import AUTOMATIC

YEAR = 2013
MONTHS = arrivals.ALL_MONTHS[len(arrivals.FIRST_MONTHS) :]

# Told what is being done, for a line of progress.
Say = Callable[[str], None]


@dataclass(frozen=True)
class Month:
    """Outcome of one month; AUCs are those of its own rows, all unseen when scored."""

    month: str
    rows: int
    auc_frozen: float
    auc_loop: float
    drifted: list[str]
    retrained: bool
    champion: int

    def as_json(self) -> dict[str, object]:
        """The month as plain data."""
        return asdict(self)


def replay(platform: Platform, model: str, say: Say) -> Iterator[Month]:
    """Run the loop, a month at a time; raises UserError at once if the stack is not made for it."""
    months, data = arrivals.months_folder(platform.root), _data_folder(platform, model)
    return _replay_months(platform, model, months, data, say)


def _replay_months(
    platform: Platform, model: str, months: Path, data: Path, say: Say
) -> Iterator[Month]:
    arrivals.restart(months, data)
    say("starting the endpoint and the warm process")
    with (
        endpoint(platform) as url,
        local.warm_worker(platform, model, "training", "drift-check") as worker,
    ):
        loop = _Loop(platform, model, url, worker, months, data, say)
        frozen = loop.first_version()
        for month in MONTHS:
            yield loop.month(month, frozen)


@dataclass(frozen=True)
class _Loop:
    platform: Platform
    model: str
    url: str
    worker: Worker
    months: Path
    data: Path
    say: Say

    def first_version(self) -> predictor.Predictor:
        """Train on January and February, or go back to the version that was."""
        store = self.platform.store
        check = _first_of(versions.manifests(store, self.model))
        current = release.champion(store, self.model)
        if check is None and current is not None:
            raise UserError(
                f"stack {self.platform.stack!r} has versions that no replay made; replay on a "
                "stack of its own"
            )
        if check is None:
            self.say("training version 1 on January and February")
            self._run("training", trigger="manual", as_of=_first_day(MONTHS[0]))
            check = versions.manifest(store, self.model, 1)
        elif current is None or current.version != check["version"]:
            note = "replay starts over"
            release.promote(store, self.model, check["version"], why=note)
        served.await_served(self.platform, self.model, check["version"])
        return predictor.load(store, check)

    def month(self, month: int, frozen: predictor.Predictor) -> Month:
        """One month of production, and what the loop makes of it."""
        name = f"{YEAR}-{month:02d}"
        rows = pd.read_parquet(flights.month_file(self.months, month))
        # A file belongs to the window in which it begins: none may hold a request of the release
        # before, such as its trial, and this month's.
        await_written(self.url, self.model)
        since = clock.now()
        self.say(f"{name}: {len(rows)} flights through the endpoint")
        requests = rows[[column.name for column in frozen.columns]]
        scores = predict(self.url, self.model, requests)
        self._check_captures(since, len(rows))
        self.say(f"{name}: checking for drift")
        check = self._run("drift-check", since=since.isoformat(), until=clock.now().isoformat())
        trigger = "drift" if self._drift_alarm() else "schedule"
        arrivals.arrive(self.months, self.data, month)
        self.say(f"{name}: labels are in, retraining is asked for by {trigger}")
        run = self._run("training", trigger=trigger, as_of=_first_day(month + 1))
        champion = release.champion(self.platform.store, self.model)
        assert champion is not None, "the first version was released"
        served.await_served(self.platform, self.model, champion.version)
        late = rows[flights.TARGET]
        return Month(
            month=name,
            rows=len(rows),
            auc_frozen=float(roc_auc_score(late, frozen.predict(frozen.frame(requests))[1])),
            auc_loop=float(roc_auc_score(late, scores)),
            drifted=check["drift"]["drifted"],
            retrained=run["admit"]["admitted"],
            champion=champion.version,
        )

    def _run(self, pipeline: str, **parameters: str) -> dict[str, Any]:
        record = local.start(self.platform, self.model, pipeline, parameters, _unseen, self.worker)
        return record["results"]

    def _drift_alarm(self) -> bool:
        states = monitoring_of(self.platform).alarms(self.platform, self.model)
        return any(a.name == "drift" and a.state == ALARM for a in states)

    def _check_captures(self, since: datetime, least_rows: int) -> None:
        store = self.platform.store
        champion = release.champion(store, self.model)
        assert champion is not None, "the first version was released"
        serving = versions.manifest(store, self.model, champion.version)
        folder = Path(store.uri) / f"models/{self.model}/captures"
        await_written(self.url, self.model)
        files = captures.window(str(folder), since, clock.now(), serving)
        rows = sum(pq.read_metadata(file).num_rows for file in files)
        if rows < least_rows:
            raise UserError(
                f"the endpoint captured {rows} of the {least_rows} requests sent; its log says why"
            )


def _unseen(step: str, status: str, entry: dict[str, Any]) -> None:
    """A month is told as a whole; its steps are too quick to be followed."""


def _data_folder(platform: Platform, model: str) -> Path:
    """The folder that the stack learns from; raises UserError if it cannot be replayed on."""
    steps = platform.part(model, "pipelines/training.json")["steps"]
    arguments = {name: value for step in steps for name, value in step["arguments"].items()}
    data = platform.root / arguments["data"]
    problems = {
        f"learns {arguments['target']!r}": arguments["target"] != flights.TARGET,
        f"has no folder {arguments['data']!r}": not data.is_dir(),
        "waits for approval by hand": arguments["approval"] != AUTOMATIC,
        "does not capture all requests": platform.part(model, "endpoint.json")["capture_percent"]
        != 100,
    }
    check = [label for label, is_so in problems.items() if is_so]
    if check or not arrivals.months_folder(platform.root).is_dir():
        reason = f"model {model!r} {' and '.join(check)}" if check else "the months are not there"
        raise UserError(
            f"{reason}; the replay needs a stack on the flights, as in stacks/Pulumi.local.yaml: "
            "mlops replay --prepare"
        )
    arrivals.check(data)
    return data


def _first_of(manifests: list[versions.Manifest]) -> versions.Manifest | None:
    end = _first_day(MONTHS[0])
    return next(
        (m for m in manifests if m["data"]["window"] and m["data"]["window"][1] < end), None
    )


def _first_day(month: int) -> str:
    year, index = divmod(month - 1, 12)
    return clock.text(datetime(YEAR + year, index + 1, 1, tzinfo=timezone.utc))
