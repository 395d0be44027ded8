"""Requests and looks at an endpoint that meet its change of version at any line."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings

from tests.interleaving import Plan, Turns, plans
from tests.serving.platforms import ROW, expected, make_platform, register
from training import release
from training.platform import Platform
from training.serving import batching, endpoint, follow
from training.serving.endpoint import Endpoint
from training.serving.exposition import Metrics
from training.serving.follow import Follower

MODEL = "toys"
BODY = json.dumps({"instances": [ROW]}).encode()
STEPS = (
    {"step": release.BRING_UP},
    {"step": release.CANARY, "percent": 50},
    {"step": release.SHIFT},
    {"step": release.VERIFY},
    {"step": release.FINISHED},
)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Platform:
    """A stack with two versions, which are compiled: their rows are predicted in the loop."""
    platform = make_platform(tmp_path_factory.mktemp("stack"))
    for _ in range(2):
        register(platform, compiles=True)
    release.promote(platform.store, MODEL, 1, why="test", by="test")
    return platform


@contextmanager
def serving(stack: Platform) -> Iterator[tuple[Platform, Endpoint, Follower]]:
    """An endpoint that serves version 1, and its follower, on a copy of the stack."""
    with TemporaryDirectory() as name:
        root = shutil.copytree(stack.root, Path(name, "stack"))
        platform = Platform(root, stack.document)
        service = Endpoint(platform, MODEL, Metrics(lambda: []))
        follower = Follower(platform.store, service, lambda version: None)
        follower.check()
        yield platform, service, follower


def shares(service: Endpoint) -> dict[str, int]:
    """Percent of the requests by version, as a release sees it."""
    return {name: fleet["percent"] for name, fleet in service.describe_own()["fleets"].items()}


def test_a_look_at_any_line_of_a_swap_sees_all_requests_answered(stack: Platform) -> None:
    with serving(stack) as (platform, service, follower):
        record = release.promote(platform.store, MODEL, 2, why="", by="test", staged=True)
        log = release.steps(platform.store, MODEL, record.number)
        for step in STEPS[:2]:
            log.append({"when": record.when, **step})
        follower.check()
        before = service.in_service, service.candidate
        assert shares(service) == {"1": 50, "2": 50}
        log.append({"when": record.when, **STEPS[2]})
        splits, line, lines = [], 0, 1
        while line < lines:
            service.in_service, service.candidate = before
            line += 1
            turns = Turns([(line, 1)], modules=(follow,))
            results = turns.run(follower.check, lambda: shares(service))
            lines = turns.points
            splits.append(results[1])
        assert all(sum(look.values()) == 100 for look in splits), splits
        assert splits[0] == {"1": 50, "2": 50} and splits[-1] == {"2": 100}


@settings(max_examples=25, deadline=None, derandomize=True)
@given(plan=plans(60, turns=10))
def test_each_answer_is_of_one_version_while_versions_change(stack: Platform, plan: Plan) -> None:
    with serving(stack) as (platform, service, follower):
        turns = Turns(plan, modules=(endpoint, follow, batching))
        answers: list[dict[str, Any]] = []

        def ask() -> None:
            for _ in range(4):
                answer = asyncio.run(service.invoke("application/json", BODY))
                assert answer.status == 200, answer.body
                answers.append(json.loads(answer.body))
                turns.pause()

        def promote() -> None:
            record = release.promote(platform.store, MODEL, 2, why="", by="test", staged=True)
            for step in STEPS:
                turns.pause()
                log = release.steps(platform.store, MODEL, record.number)
                log.append({"when": record.when, **step})
            turns.pause()
            release.rollback(platform.store, MODEL, why="", by="test")

        def check() -> None:
            for _ in range(8):
                follower.check()
                turns.pause()

        def describe() -> None:
            for _ in range(8):
                assert sum(shares(service).values()) == 100
                turns.pause()

        outcomes = turns.run(check, promote, ask, describe)
        assert outcomes == [None] * len(outcomes)
        follower.check()
        assert service.in_service is not None and service.in_service.version == 1
        scores = {version: expected(platform, version, [ROW])[1][0] for version in (1, 2)}
        assert len(answers) == 4
        for answer in answers:
            score = scores[answer["version"]]
            assert answer["scores"] == pytest.approx([score], abs=1e-6)
