"""Every target decides as this computer does: its own compiled pipelines, run on real flights."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.targets.conftest import Trained
from tests.targets.runners import RUNNERS, Results

pytestmark = pytest.mark.engine

# Facts of a run that say nothing of its decision.
PASSING = ("seconds", "by", "when")


@pytest.mark.parametrize("target", RUNNERS)
def test_the_same_flights_lead_to_the_same_decision(
    target: str, reference: list[Results], trained: Trained
) -> None:
    _, decisions = trained(target)
    for here, there in zip(reference, decisions, strict=True):
        assert json.dumps(decided(there), indent=1) == json.dumps(decided(here), indent=1)
    # Both ways were gone.
    assert {results["evaluate"]["passed"] for results in reference} == {True, False}


def decided(results: Results) -> dict[str, Any]:
    """Everything that the steps say, to the last digit, without the passing facts."""
    return {
        step: {key: value for key, value in summary.items() if key not in PASSING}
        for step, summary in results.items()
    }
