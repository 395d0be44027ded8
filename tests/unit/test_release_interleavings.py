"""Releases that meet at any two calls of the store and the service."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.interleaving import Plan, Turns, plans
from tests.unit.release_stack import Memory, Time
from training import clock, deployment, release, versions
from training.endpoint import DEFAULTS, Rollout, Signals, Standing
from training.errors import PassingError, UserError
from training.platform import Platform

MODEL = "toys"
MANY = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)


@dataclass
class Service:
    """An endpoint with fleets by version, as strict as Vertex AI's: the strictest of the clouds.

    It refuses a share for a fleet that is not there, and the removal of one that has a share: "A
    DeployedModel will be successfully undeployed only if it doesn't have any traffic assigned to
    it" (https://cloud.google.com/vertex-ai/docs/reference/rest/v1/projects.locations.endpoints/undeployModel).
    """

    fleets: dict[str, int] = field(default_factory=dict)
    shares: dict[str, int] = field(default_factory=dict)
    failing: frozenset[int] = frozenset()

    def give(self, shares: dict[str, int]) -> None:
        absent = shares.keys() - self.fleets.keys()
        if absent:
            raise PassingError(f"there is no deployment {', '.join(absent)}")
        self.shares = shares


class ServiceRollout:
    """The service, to be changed by a release."""

    def __init__(self, platform: Platform, service: Service, time: Time) -> None:
        self._platform, self._service, self._time = platform, service, time
        self.part: Mapping[str, Any] = {**DEFAULTS, "canary_percent": 20, "canary_minutes": 1}

    def stand(self) -> Standing:
        self._time.point()
        return Standing(dict(self._service.fleets), dict(self._service.shares))

    def fleet(self, record: release.Release, standing: Standing) -> str:
        return f"v{record.version}"

    def interrupt(self, fleet: str) -> None:
        """Nothing of other releases is under way in the service itself."""

    def bring_up(self, fleet: str, manifest: versions.Manifest) -> None:
        self._time.point()
        self._service.fleets[fleet] = manifest["version"]

    def mirror(self, fleet: str, before: str, percent: int) -> None:
        """The settings here ask for no copies."""

    def canary(self, fleet: str, before: str, percent: int) -> None:
        self._time.point()
        self._service.give({fleet: percent, before: 100 - percent})

    def signals(self, fleet: str, since: datetime) -> Signals:
        self._time.point()
        fails = self._service.fleets.get(fleet) in self._service.failing
        return Signals(200, 100 if fails else 0, 20.0)

    def shift(self, fleet: str, before: str | None) -> None:
        self._time.point()
        self._service.give({fleet: 100})

    def score(self, body: dict[str, Any]) -> dict[str, Any]:
        self._time.point()
        served = self.stand().main_fleet
        assert served is not None
        number = self._service.fleets[served]
        first = versions.manifest(self._platform.store, MODEL, number)["example"]
        return {
            "version": number, "predictions": [first["prediction"]], "scores": [first["score"]],
        }  # fmt: skip

    def remove(self, fleet: str) -> None:
        self._time.point()
        if fleet in self._service.shares:
            raise PassingError(f"deployment {fleet} has traffic")
        self._service.fleets.pop(fleet, None)

    def show(self, version: int) -> None:
        """No registry shows it."""


class World:
    """A stack whose model has four versions, the first in service, and its endpoint."""

    def __init__(self, objects: dict[str, bytes], service: Service, time: Time) -> None:
        document = {"stack": "local", "target": "local", "models": {MODEL: {}}}
        self.platform = Platform(Path(), document)
        self.store = Memory(objects, time)
        self.platform.__dict__["store"] = self.store
        self.service, self._time = service, time

    def copy(self) -> World:
        """The same as it is now: what is left if all processes are killed."""
        return World(dict(self.store.objects), copy.deepcopy(self.service), self._time)

    def promote(self, version: int) -> None:
        deployment.promote(self.platform, MODEL, version, why="better", say=_silent, by="me")

    def rollback(self) -> None:
        deployment.rollback(self.platform, MODEL, why="incident", say=_silent, by="me")

    def resume(self) -> None:
        deployment.resume(self.platform, MODEL, say=_silent)

    def retry(self) -> None:
        """Carry the newest release on until it is over, as a person does who is told to."""
        for _ in range(4):
            record = release.champion(self.store, MODEL)
            assert record is not None
            last = release.steps(self.store, MODEL, record.number).last()
            if last is not None and last["step"] in release.ENDS:
                return
            with suppress(UserError):
                self.resume()
        raise AssertionError("the release is not over after four tries")

    @property
    def champion(self) -> int:
        record = release.champion(self.store, MODEL)
        assert record is not None
        return record.version

    @property
    def served(self) -> int:
        """The version that gets all requests."""
        (fleet,) = self.service.shares
        return self.service.fleets[fleet]

    def steps(self) -> Iterator[list[str]]:
        """The steps of each release."""
        for record in release.history(self.store, MODEL):
            log = release.steps(self.store, MODEL, record.number)
            yield [step["step"] for step in log.records()]


def _silent(line: str) -> None:
    """Nobody is told."""


@pytest.fixture(scope="module")
def time() -> Iterator[Time]:
    time = Time()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(deployment, "time", time)
        patch.setattr(clock, "now", time.now)
        yield time


@pytest.fixture
def world(
    objects: dict[str, bytes], time: Time, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., World]:
    """Makes a stack in which some versions fail, with one release after the other."""
    worlds: dict[int, World] = {}
    # The same releases come before each of hundreds of orders: they are made once.
    beginnings: dict[tuple[frozenset[int], tuple[int, ...]], World] = {}

    def rollout(platform: Platform, model: str, say: Any) -> Rollout:
        return ServiceRollout(platform, worlds[id(platform)].service, time)

    endpoint = SimpleNamespace(check=lambda platform, manifest: None, rollout=rollout)
    monkeypatch.setattr(deployment, "endpoint_of", lambda platform: endpoint)

    def remember(world: World) -> World:
        worlds[id(world.platform)] = world
        return world

    def begin(failing: frozenset[int], released: tuple[int, ...]) -> World:
        world = remember(World(dict(objects), Service(failing=failing), time))
        time.turns = None
        for version in released:
            world.promote(version)
        return world

    def make(*failing: int, released: tuple[int, ...] = (1,)) -> World:
        state = frozenset(failing), released
        if state not in beginnings:
            beginnings[state] = begin(*state)
        world = remember(beginnings[state].copy())
        real = world.copy
        world.copy = lambda: remember(real())
        return world

    return make


# Calls of the store and the service in a release, with some to spare.
POINTS = 60
ORDER = (release.BRING_UP, release.CANARY, release.SHIFT, release.VERIFY, release.FINISHED)


def check_serves(world: World) -> None:
    """Requests are answered, and by versions that are able to."""
    service = world.service
    assert sum(service.shares.values()) == 100
    assert service.shares.keys() <= service.fleets.keys()


def check_steps(world: World) -> None:
    """A release was carried on by one process at a time: no step is there twice until its end."""
    for steps in world.steps():
        text = " ".join(step for step in steps if step in ORDER)
        for life in text.split(release.FINISHED):
            names = life.split()
            assert names == sorted(set(names), key=ORDER.index), steps


def check_history(world: World) -> None:
    """Each release rests on the one before it."""
    records = release.history(world.store, MODEL)
    assert [record.number for record in records] == [*range(1, len(records) + 1)]
    previous = [None, *(record.version for record in records[:-1])]
    assert [record.previous for record in records] == previous


@MANY
@given(plan=plans(POINTS))
def test_two_promotions_at_once(plan: Plan, world: Callable[..., World], time: Time) -> None:
    stack = world()
    time.turns = Turns(plan, watch=lambda: check_serves(stack))
    outcomes = time.turns.run(lambda: stack.promote(2), lambda: stack.promote(3))
    assert any(outcome is None for outcome in outcomes), outcomes
    for outcome in outcomes:
        # One that has begun is not ended by the other.
        assert outcome is None or type(outcome) is UserError, outcome
    check_steps(stack)
    check_history(stack)
    assert stack.served == stack.champion


@MANY
@given(plan=plans(POINTS), failing=st.booleans())
def test_a_rollback_in_the_middle_of_a_promotion(
    plan: Plan, failing: bool, world: Callable[..., World], time: Time
) -> None:
    check_rollback(plan, world(*[3] * failing, released=(1, 2)), time)


def test_a_rollback_between_any_two_calls_of_a_promotion(
    world: Callable[..., World], time: Time
) -> None:
    """The promotion makes so many calls, the rollback so many, and both go on to their end."""
    for first in range(16, 32):
        for second in range(1, 46):
            check_rollback([(first, 1), (second, 1)], world(3, released=(1, 2)), time)


def check_rollback(plan: Plan, stack: World, time: Time) -> None:
    """Once both are over, and what was left was carried on, the champion serves alone."""
    time.turns = Turns(plan, watch=lambda: check_serves(stack))
    outcomes = time.turns.run(lambda: stack.promote(3), stack.rollback)
    assert all(outcome is None or isinstance(outcome, UserError) for outcome in outcomes), outcomes
    time.turns = None
    if not isinstance(outcomes[0], deployment.LeftError):
        # Both processes have ended: what serves is right also before anybody goes on.
        assert stack.served == stack.champion
    stack.retry()
    assert stack.served == stack.champion
    assert set(stack.service.fleets) == {f"v{stack.champion}"}
    check_history(stack)
    if 3 in stack.service.failing:
        assert stack.champion != 3


@MANY
@given(plan=plans(POINTS))
def test_a_release_that_two_processes_carry_on(
    plan: Plan, world: Callable[..., World], time: Time
) -> None:
    stack = world()
    time.turns = Turns(plan, watch=lambda: check_serves(stack))
    outcomes = time.turns.run(lambda: stack.promote(2), stack.resume)
    assert all(outcome is None or isinstance(outcome, UserError) for outcome in outcomes), outcomes
    time.turns = None
    stack.retry()
    # A release that is over and brought to the endpoint again is under way as well.
    refused = "release 1, of version 1" in str(outcomes[0])
    assert stack.served == stack.champion == (1 if refused else 2)
    check_steps(stack)


@pytest.mark.parametrize("version", [2, 3])
def test_a_release_killed_at_any_call_is_carried_on(
    version: int, world: Callable[..., World], time: Time
) -> None:
    stack = world(3)
    copies: list[World] = []
    time.turns = Turns([], watch=lambda: copies.append(stack.copy()))
    time.turns.run(lambda: stack.promote(version))
    time.turns = None
    assert len(copies) > 40
    for killed in copies:
        check_serves(killed)
        killed.retry()
        assert killed.served == killed.champion
        assert killed.champion in (1, 2)
        assert set(killed.service.fleets) == {f"v{killed.champion}"}
        for steps in killed.steps():
            shifted = steps.index(release.SHIFT) if release.SHIFT in steps else len(steps)
            assert release.CANARY not in steps[shifted:], "it was over"
