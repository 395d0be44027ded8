"""Every target decides as this computer does: its own compiled pipelines, run on real flights.

From what an endpoint answered to the retraining that drift starts, through the stack's own
resources: rules, alerts, workflows, roles.
"""

from __future__ import annotations

import json
import re
import uuid
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from tests.serving.servers import until
from tests.targets.conftest import Trained
from tests.targets.runners import RUNNERS, Local, Runner
from tests.targets.running import MODEL, Results
from training import clock
from training.drift.verdict import DRIFT as DRIFTED
from training.drift.verdict import NO_DRIFT
from training.pipeline import TRAINING
from training.predictor import Predictor
from training.replay import flights
from training.retraining_admission import DRIFT
from training.scoring.scorer import Scorer
from training.serving import requests

pytestmark = pytest.mark.engine

AT_ONCE = 200
# Facts of a run that say nothing of its decision. A skops file has the ids of objects in it.
PASSING = ("seconds", "by", "when", "run", "since", "until", "skops")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


@pytest.mark.parametrize("target", RUNNERS)
def test_the_same_flights_lead_to_the_same_decision(
    target: str, reference: list[Results], trained: Trained
) -> None:
    _, decisions = trained(target)
    for local_results, cloud_results in zip(reference, decisions, strict=True):
        assert decided(cloud_results) == decided(local_results)
    # Both ways were gone.
    assert {results["evaluate"]["passed"] for results in reference} == {True, False}


@dataclass(frozen=True)
class Day:
    """Requests with their answers, labels that arrive; what a check finds, and what it starts."""

    exchanges: list[tuple[bytes, bytes]]
    labels: Path | None
    check: Results
    runs: list[Results]


@pytest.fixture(scope="module")
def days(
    local_run: tuple[Local, list[Results]], months: list[Path], next_month: pd.DataFrame
) -> tuple[Day, Day, Day]:
    """On this computer: flights that the champion learned from, new ones, and very long ones."""
    local, decisions = local_run
    last = max(n for n, results in enumerate(decisions) if results["evaluate"]["passed"])
    learned = pd.concat([pd.read_parquet(month) for month in months[: last + 1]])
    labels = flights.month_file(months[-1].parent, len(months) + 1)

    def day(rows: pd.DataFrame, labels: Path | None = None) -> Day:
        exchanges = _ask(local.champion(), rows)
        return Day(exchanges, labels, *_live_through(local, exchanges, labels))

    return (
        day(learned),
        day(next_month, labels),
        day(next_month.assign(distance=next_month["distance"] * 3)),
    )


def test_drift_that_lasts_starts_one_retraining(
    days: tuple[Day, Day, Day], next_month: pd.DataFrame
) -> None:
    calm, drifted, long_drift = days
    assert (calm.check["drift"]["verdict"], calm.runs) == (NO_DRIFT, [])
    drift_found = drifted.check["drift"]
    assert (drift_found["verdict"], drift_found["rows"]) == (DRIFTED, len(next_month))
    (retrained,) = drifted.runs
    assert retrained["admit"]["admitted"] and retrained["evaluate"]["passed"]
    assert list(retrained) == [step.name for step in TRAINING.steps], "it runs to its end"
    assert long_drift.check["drift"]["verdict"] == DRIFTED
    (refused,) = long_drift.runs
    assert list(refused) == ["admit"], "what admission refuses goes no further"
    assert refused["admit"]["reason"].startswith("cooldown of 24 h")


@pytest.mark.parametrize("target", RUNNERS)
def test_the_same_requests_lead_to_the_same_drift_and_retraining(
    target: str, days: tuple[Day, Day, Day], trained: Trained
) -> None:
    stack, _ = trained(target)
    for day in days:
        check, runs = _live_through(stack, day.exchanges, day.labels)
        assert decided(check) == decided(day.check)
        assert [*map(decided, runs)] == [*map(decided, day.runs)]
    (*_, admitted, refused) = stack.records("admissions")
    assert [(admission["trigger"], admission["admitted"]) for admission in (admitted, refused)] == [
        (DRIFT, True),
        (DRIFT, False),
    ]
    # The champion is the version that drift asked for.
    version, record = stack.records("versions")[-1], stack.records("releases")[-1]
    assert version["run"] == admitted["run"]
    assert (record["version"], record["by"]) == (
        version["number"],
        f"pipeline run {admitted['run']}",
    )


def _ask(champion: Predictor, rows: pd.DataFrame) -> list[tuple[bytes, bytes]]:
    """Requests for rows, and what the champion answers to them."""
    scorer, inputs = Scorer(MODEL, champion), rows[[column.name for column in champion.columns]]
    exchanges = []
    for first in range(0, len(inputs), AT_ONCE):
        instances = inputs[first : first + AT_ONCE].to_json(orient="records")
        body = f'{{"instances": {instances}}}'.encode()
        answer = json.loads(scorer.answer(requests.JSON, body).body)
        exchanges.append((body, json.dumps({**answer, "request_id": str(uuid.uuid4())}).encode()))
    return exchanges


def _live_through(
    stack: Runner, exchanges: list[tuple[bytes, bytes]], labels: Path | None
) -> tuple[Results, list[Results]]:
    """What a check finds after requests were answered and labels arrived, and what it starts."""
    for body, answer in exchanges:
        stack.capture(clock.now(), body, answer)
    # A window ends with a whole second: what was answered in it belongs to the next check.
    second = clock.now().second
    until(lambda: clock.now().second != second)
    if labels is not None:
        stack.month(labels)
    check = stack.run("drift-check")
    return check, stack.react(clock.parse(check["drift"]["when"]))


def decided(results: Results) -> str:
    """Everything that the steps say, to the last digit, without the passing facts."""
    facts = {
        step: {key: value for key, value in summary.items() if key not in PASSING}
        for step, summary in results.items()
    }
    return MOMENT.sub("(a moment)", json.dumps(facts, indent=1))
