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


@pytest.mark.parametrize("target", CAPTURING)
def test_the_same_requests_lead_to_the_same_drift(
    target: str, here: tuple[Local, list[Results]], asked: pd.DataFrame, trained: Trained
) -> None:
    local, (there, _) = here[0], trained(target)
    champion = local.champion()
    scorer = Scorer(MODEL, champion)
    rows = asked[[column.name for column in champion.columns]]
    for first in range(0, len(rows), 200):
        body = rows[first : first + 200].to_json(orient="records")
        body, now = f'{{"instances": {body}}}'.encode(), clock.now()
        answer = scorer.answer(requests.JSON, body).body
        answer = json.dumps({**json.loads(answer), "request_id": str(first)}).encode()
        for stack in (local, there):
            stack.capture(now, body, answer)
    checks = [stack.run("drift-check") for stack in (local, there)]
    reference, found = (json.dumps(decided(check), indent=1) for check in checks)
    assert found == reference
    (check,) = decided(checks[0]).values()
    assert (check["verdict"], check["rows"]) == ("drift", len(rows))


def decided(results: Results) -> dict[str, Any]:
    """Everything that the steps say, to the last digit, without the passing facts."""
    return {
        step: {key: value for key, value in summary.items() if key not in PASSING}
        for step, summary in results.items()
    }
