"""Every target decides as this computer does: its own compiled pipelines, run on real flights."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest

from tests.targets.conftest import Trained
from tests.targets.runners import CAPTURING, MODEL, RUNNERS, Local, Results
from training import clock
from training.scoring.scorer import Scorer
from training.serving import requests

pytestmark = pytest.mark.engine

AT_ONCE = 200
# Facts of a run that say nothing of its decision.
PASSING = ("seconds", "by", "when", "run", "since", "until")


@pytest.mark.parametrize("target", RUNNERS)
def test_the_same_flights_lead_to_the_same_decision(
    target: str, reference: list[Results], trained: Trained
) -> None:
    _, decisions = trained(target)
    for here, there in zip(reference, decisions, strict=True):
        assert json.dumps(decided(there), indent=1) == json.dumps(decided(here), indent=1)
    # Both ways were gone.
    assert {results["evaluate"]["passed"] for results in reference} == {True, False}


@pytest.fixture(scope="module")
def answered(here: tuple[Local, list[Results]], asked: pd.DataFrame) -> list[tuple[bytes, bytes]]:
    """Requests and what the champion answers to them."""
    champion = here[0].champion()
    scorer, rows = Scorer(MODEL, champion), asked[[column.name for column in champion.columns]]
    found = []
    for first in range(0, len(rows), AT_ONCE):
        instances = rows[first : first + AT_ONCE].to_json(orient="records")
        body = f'{{"instances": {instances}}}'.encode()
        answer = json.loads(scorer.answer(requests.JSON, body).body)
        found.append((body, json.dumps({**answer, "request_id": str(first)}).encode()))
    return found


@pytest.fixture(scope="module")
def drifted(here: tuple[Local, list[Results]], answered: list[tuple[bytes, bytes]]) -> Results:
    """What a drift check finds in them on this computer."""
    return _check(here[0], answered)


@pytest.mark.parametrize("target", CAPTURING)
def test_the_same_requests_lead_to_the_same_drift(
    target: str,
    answered: list[tuple[bytes, bytes]],
    drifted: Results,
    asked: pd.DataFrame,
    trained: Trained,
) -> None:
    found = _check(trained(target)[0], answered)
    assert json.dumps(decided(found), indent=1) == json.dumps(decided(drifted), indent=1)
    (check,) = decided(drifted).values()
    assert (check["verdict"], check["rows"]) == ("drift", len(asked))


def _check(stack: Any, answered: list[tuple[bytes, bytes]]) -> Results:
    for body, answer in answered:
        stack.capture(clock.now(), body, answer)
    return stack.run("drift-check")


def decided(results: Results) -> dict[str, Any]:
    """Everything that the steps say, to the last digit, without the passing facts."""
    return {
        step: {key: value for key, value in summary.items() if key not in PASSING}
        for step, summary in results.items()
    }
