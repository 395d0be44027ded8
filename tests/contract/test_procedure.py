"""A release from its record to its end: what comes of it, the same on every target.

Each case says what the new version is like and what goes wrong meanwhile; then it is asked whether
it was released, what serves, what the journal says, and what was deleted.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Thread
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.contract.stacks import STACKS, Aws, Azure, Gcp, Local
from tests.serving.platforms import ROW, Failing, Slow, write_part
from training import clock, deployment, release, versions
from training.deployment import LeftError
from training.endpoint import Rollout, Standing, endpoint_of
from training.errors import PassingError, UserError
from training.monitoring import ALARM, Alarm

GOOD, FAILING, SLOW = "good", "failing", "slow"
# Requests, errors and milliseconds (p95) that the metrics of a double tell of such a version.
ANSWERS = {GOOD: (200, 0, 20.0), FAILING: (200, 120, 20.0), SLOW: (200, 0, 900.0)}
LIKE = {GOOD: None, FAILING: Failing, SLOW: Slow}


class Killed(BaseException):
    """The process was killed here."""


class Case:
    """A stack with version 1 in service; `messages` tell of the release of version 2."""

    def __init__(self, stack: Any, settings: dict[str, Any]) -> None:
        self.stack, self.platform, self.model = stack, stack.platform, stack.model
        self.messages: list[str] = []
        self.local = isinstance(stack, Local)
        self.settings(**settings)
        stack.serve()
        self.version(GOOD)
        self.promote(1)

    def settings(self, **changes: Any) -> None:
        """Change the endpoint's settings, as an `up` does."""
        part = {**self.platform.part(self.model, "endpoint.json"), **changes}
        write_part(self.platform, self.model, "endpoint.json", part)

    def version(self, like: str) -> int:
        """Register a version that is so."""
        kind = LIKE[like]
        number = self.stack.register(kind() if kind and self.local else None)
        self._imaged(number)
        if not self.local:
            self.stack.plane.answers[number] = ANSWERS[like]
        return number

    def promote(self, version: int) -> None:
        deployment.promote(
            self.platform, self.model, version, why="better", say=self.messages.append, by="me"
        )

    def rollback(self) -> None:
        deployment.rollback(
            self.platform, self.model, why="incident", say=self.messages.append, by="me"
        )

    def resume(self) -> None:
        deployment.resume(self.platform, self.model, say=self.messages.append)

    @property
    def rollout(self) -> Rollout:
        rollout = endpoint_of(self.platform).rollout(self.platform, self.model, print)
        assert rollout is not None
        return rollout

    def standing(self) -> Standing:
        return self.rollout.stand()

    def serves(self, version: int) -> bool:
        """Whether all requests go to one fleet, which serves the version."""
        standing = self.standing()
        return [standing.fleets[name] for name in standing.shares] == [version]

    def journal(self) -> list[tuple[int, str]]:
        return [(r.version, r.kind) for r in release.history(self.platform.store, self.model)]

    def steps(self, number: int) -> list[str]:
        log = release.steps(self.platform.store, self.model, number)
        return [record["step"] for record in log.records()]

    @contextmanager
    def traffic(self) -> Iterator[None]:
        """Requests all the while; a double's metrics tell of them without any."""
        if not self.local:
            yield
            return
        stop, server = Event(), self.stack.server

        def ask() -> None:
            # Some 150 requests a second: as many as can be would leave the server no time.
            while not stop.wait(0.02):
                server.post({"instances": [ROW]})

        threads = [Thread(target=ask) for _ in range(3)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            stop.set()
            for thread in threads:
                thread.join()

    def _imaged(self, version: int) -> None:
        """A version names the image that it is served in."""
        manifest = versions.manifest(self.platform.store, self.model, version)
        content = {**manifest, "image": "image", "number": version}
        del content["number"], content["version"]
        key = f"models/{self.model}/versions/{version:06d}.json"
        self.platform.store.write(key, json.dumps(content).encode())


@pytest.fixture(params=STACKS)
def case(request: pytest.FixtureRequest) -> Case:
    """A stack of a target whose releases are watched for a moment."""
    stack = STACKS[request.param](request)
    if isinstance(stack, Aws):
        stack.course.updates.clear()
        stack.course.rolls_back = ""
        stack.course.busy.clear()
    minutes = 0.005 if isinstance(stack, Local) else 0.002
    # On a busy computer a good answer may take its time.
    slow = 5000 if isinstance(stack, Local) else 200
    settings = {"canary_percent": 50, "canary_minutes": minutes, "max_latency_ms": slow}
    return Case(stack, settings)


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits long for what does not come."""
    monkeypatch.setattr("training.clients.http.DEADLINE_SECONDS", 0.1)


def test_a_good_version_is_released_step_by_step(case: Case) -> None:
    version = case.version(GOOD)
    with case.traffic():
        case.promote(version)
    assert case.serves(2)
    assert case.journal() == [(1, "promote"), (2, "promote")]
    assert case.steps(2) == ["bring-up", "canary", "shift", "verify", "finished"]
    assert set(case.standing().fleets.values()) == {2}, "nothing else is kept that is not to be"
    assert any("gets 50 % of the requests, watched for" in line for line in case.messages)


@pytest.mark.parametrize("like,says", [(FAILING, "answers failed"), (SLOW, "its p95 is")])
def test_a_version_that_is_not_fit_is_taken_back(case: Case, like: str, says: str) -> None:
    version = case.version(like)
    if case.local:  # the watch ends with the first look that says so
        case.settings(canary_minutes=0.2)
    if case.local and like == SLOW:
        case.settings(canary_min_requests=3, max_latency_ms=600)
    if isinstance(case.stack, Aws):
        says = f"{says}|alarm .* fired"  # whoever sees it first, the release or the service
    with case.traffic(), pytest.raises(UserError, match=f"version 2 is not served: .*({says})"):
        case.promote(version)
    assert case.serves(1)
    assert case.journal() == [(1, "promote"), (2, "promote"), (1, "rollback")]
    assert case.steps(2)[-1] == "withdrawn"
    assert set(case.standing().fleets.values()) == {1}
    newest = release.champion(case.platform.store, case.model)
    assert newest is not None and re.search(says, newest.why) and newest.by == "me"


@pytest.mark.parametrize("delay,wait_minutes", [(0.3, 0), (0.9, 0.05)], ids=["watch", "wait"])
def test_metrics_that_come_late_judge_a_version_all_the_same(
    case: Case, delay: float, wait_minutes: float
) -> None:
    """Within the watch, or after it if the settings wait for requests."""
    if case.local:
        pytest.skip("the metrics of this computer tell at once")
    if wait_minutes and isinstance(case.stack, Aws):
        pytest.skip("the service shifts by itself, so the setting is refused there")
    case.settings(canary_minutes=0.01, canary_wait_minutes=wait_minutes)
    version = case.version(FAILING)
    case.stack.plane.delay = delay
    with pytest.raises(UserError, match=r"version 2 is not served: .*(answers failed|fired)"):
        case.promote(version)
    assert case.serves(1)
    assert case.steps(2)[-1] == "withdrawn"


def test_what_fails_for_both_is_not_the_new_version_s_fault(case: Case) -> None:
    if case.local:
        pytest.skip("the version that serves is good here; the verdict has tests of its own")
    version = case.version(FAILING)
    case.stack.plane.answers[1] = ANSWERS[FAILING]
    if isinstance(case.stack, Aws):
        # The service's own look at the new fleet has no such mercy.
        case.stack.plane.answers[version] = case.stack.plane.answers[1] = (200, 60, 20.0)
    case.promote(version)
    assert case.serves(2)


def test_with_too_little_traffic_the_setting_decides(case: Case) -> None:
    version = case.version(GOOD)
    if not case.local:
        case.stack.plane.delay = math.inf
    case.promote(version)
    assert case.serves(2)
    assert any("of the 20 requests that judge it" in line for line in case.messages)


def test_where_more_is_waited_for_a_quiet_release_is_left(case: Case) -> None:
    if isinstance(case.stack, Aws):
        pytest.skip("the service shifts by itself, so the setting is refused there")
    case.settings(canary_wait_minutes=0.002)
    version = case.version(GOOD)
    if not case.local:
        case.stack.plane.delay = math.inf
    with pytest.raises(LeftError, match=r"had 0 of the 20 requests .* mlops promote --resume"):
        case.promote(version)
    assert set(case.standing().shares.values()) == {50}, "it is left as it is"
    assert case.steps(2) == ["bring-up", "canary"]
    if not case.local:
        case.stack.plane.delay = 0
    # As long as it takes: a busy computer may answer few of them in a moment.
    case.settings(canary_wait_minutes=1)
    with case.traffic():
        case.resume()
    assert case.serves(2) and case.steps(2)[-1] == "finished"


def fire(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Let an alarm of the whole endpoint be on, as the incident of its champion makes it."""

    class On:
        @staticmethod
        def alarms(platform: Any, model: str) -> list[Alarm]:
            return [Alarm(name, ALARM, 0.6, 0.01, "too many 5XX answers")]

    monkeypatch.setattr(deployment, "monitoring_of", lambda platform: On)


@pytest.mark.parametrize("how", ["rollback", "promote"])
def test_an_alarm_that_is_on_already_refuses_nothing(
    case: Case, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    second, third = case.version(GOOD), case.version(GOOD)
    with case.traffic():
        case.promote(second)
    if not case.local:
        case.stack.plane.answers[second] = ANSWERS[FAILING]
    if isinstance(case.stack, Aws):
        from tests.clouds import aws

        aws.alarm_on(case.platform, case.model, "endpoint-errors")
    part = case.platform.part(case.model, "endpoint.json")
    case.settings(alarms=part.get("alarms") or ["endpoint-errors"])
    fire(monkeypatch, "endpoint-errors")
    with case.traffic():
        case.rollback() if how == "rollback" else case.promote(third)
    assert case.serves(1 if how == "rollback" else 3)


def test_a_rollback_ends_the_release_that_is_under_way_and_can_be_said_twice(case: Case) -> None:
    second, third = case.version(GOOD), case.version(GOOD)
    with case.traffic():
        case.promote(second)
        kill(case, "signals", lambda: case.promote(third))
    with pytest.raises(UserError, match="release 3, of version 3 by me, stands at step canary"):
        case.promote(1)
    case.rollback()
    assert case.serves(2)
    assert set(case.standing().fleets.values()) == {2}, "what was begun is taken away"
    case.rollback()
    assert case.serves(1)
    assert case.journal()[-2:] == [(2, "rollback"), (1, "rollback")]


def kill(case: Case, name: str, act: Callable[[], None], after: bool = False) -> bool:
    """Do something in a process that is killed at a call of the rollout; whether it was."""
    kind = type(case.rollout)
    real = getattr(kind, name)

    def killed(self: Any, *arguments: Any) -> Any:
        if after:
            real(self, *arguments)
        raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kind, name, killed)
        try:
            act()
        except Killed:
            return True
    return False


CALLS = ("bring_up", "canary", "signals", "shift", "score", "show", "remove")


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("name", CALLS)
def test_a_release_killed_at_a_step_is_carried_on(case: Case, name: str, after: bool) -> None:
    version = case.version(GOOD)
    with case.traffic():
        assert kill(case, name, lambda: case.promote(version), after)
        before = case.standing()
        assert before.shares, "something serves"
        case.resume()
    assert case.serves(2)
    assert case.journal() == [(1, "promote"), (2, "promote")]
    assert case.steps(2)[-1] == "finished"
    if name in CALLS[CALLS.index("shift") :]:
        assert case.steps(2).count("canary") == 1, "it was over"
    assert set(case.standing().fleets.values()) == {2}


def throttle(case: Case, times: int) -> None:
    """Let the service have no time for the next requests."""
    stack = case.stack
    if isinstance(stack, Aws):
        stack.course.busy[:] = ["ThrottlingException"] * times
    elif isinstance(stack, Azure):
        stack.double.busy[:] = [429] * times
    elif isinstance(stack, Gcp):
        stack.vertex.busy[:] = [429] * times


@pytest.mark.parametrize("times", [3])
def test_a_throttled_look_is_no_refusal(
    case: Case, times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    if case.local:
        pytest.skip("nobody throttles here")
    version = case.version(GOOD)
    kind = type(case.rollout)
    real = kind.signals

    def signals(self: Any, *arguments: Any) -> Any:
        throttle(case, times)
        monkeypatch.setattr(kind, "signals", real)
        return real(self, *arguments)

    monkeypatch.setattr(kind, "signals", signals)
    case.promote(version)
    assert case.serves(2) and case.steps(2)[-1] == "finished"


def expired() -> Exception:
    """What a client says once its session has run out."""
    answer = {"Error": {"Code": "ExpiredTokenException", "Message": "The token is expired"}}
    return ClientError(answer, "DescribeEndpoint")  # type: ignore[arg-type]


@pytest.mark.parametrize("error", [expired(), PassingError("no answer")], ids=["token", "network"])
@pytest.mark.parametrize("name", ["bring_up", "canary", "signals", "shift", "score"])
def test_an_error_while_looking_leaves_the_release_to_be_carried_on(
    case: Case, name: str, error: Exception
) -> None:
    if case.local and isinstance(error, ClientError):
        pytest.skip("no session is needed here")
    version = case.version(GOOD)
    before = case.standing().fleets

    def failing(self: Any, *arguments: Any) -> Any:
        raise error

    with case.traffic():
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(type(case.rollout), name, failing)
            with pytest.raises(LeftError, match="Nothing that serves was taken away"):
                case.promote(version)
        if not isinstance(case.stack, Aws):
            # SageMaker goes on by itself, guarded by the alarm of the release.
            is_whole = before.items() <= case.standing().fleets.items()
            assert is_whole or name in ("score", "shift")
        assert case.journal() == [(1, "promote"), (2, "promote")], "the record stands"
        case.resume()
    assert case.serves(2)


def test_a_version_whose_container_fails_is_taken_back(case: Case) -> None:
    if case.local:
        pytest.skip("a version that fails for its example does not pass its trial")
    version = case.version(GOOD)
    case.stack.plane.failures[version] = 500
    with pytest.raises(UserError, match=r"version 2 is not served: .*500"):
        case.promote(version)
    assert case.serves(1) and set(case.standing().fleets.values()) == {1}


def test_a_version_that_answers_other_than_at_first_is_taken_back(case: Case) -> None:
    version = case.version(GOOD)
    manifest = versions.manifest(case.platform.store, case.model, version)
    changed_manifest = {**manifest, "example": {**manifest["example"], "score": 0.123456}}
    del changed_manifest["version"]
    key = f"models/{case.model}/versions/{version:06d}.json"
    case.platform.store.write(key, json.dumps(changed_manifest).encode())
    with pytest.raises(UserError, match=r"when it was registered the model gave .* 0\.123456"):
        case.promote(version)
    assert case.serves(1)
    assert case.journal() == [(1, "promote"), (2, "promote"), (1, "rollback")]


def test_a_withdrawn_release_leaves_a_newer_one_alone(case: Case) -> None:
    second, third = case.version(GOOD), case.version(GOOD)
    record = release.promote(case.platform.store, case.model, second, why="a", staged=True)
    release.promote(case.platform.store, case.model, third, why="b")
    assert release.withdraw(case.platform.store, case.model, record, why="late") is None
    assert [version for version, _ in case.journal()] == [1, 2, 3]


def test_the_version_before_is_kept_for_a_while(case: Case) -> None:
    if isinstance(case.stack, Aws):
        pytest.skip("an endpoint of SageMaker has one configuration")
    case.settings(keep_previous_minutes=60)
    if case.local:  # the server reads its settings
        case.stack.server.stop()
        case.stack.serve()
    version = case.version(GOOD)
    with case.traffic():
        case.promote(version)
    assert set(case.standing().fleets.values()) == {1, 2} and case.serves(2)
    was_killed = kill(case, "bring_up", case.rollback)
    assert was_killed, "the step is there, and has nothing to do"
    case.resume()
    assert case.serves(1)


def test_what_was_kept_goes_when_its_time_is_over(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    if case.local or isinstance(case.stack, Aws):
        pytest.skip("the server lets it go itself; SageMaker keeps none")
    case.settings(keep_previous_minutes=60)
    case.promote(case.version(GOOD))
    deployment.tidy(case.platform, case.model, say=case.messages.append)
    assert set(case.standing().fleets.values()) == {1, 2}
    later = clock.now() + timedelta(minutes=61)
    monkeypatch.setattr(clock, "now", lambda: later)
    deployment.tidy(case.platform, case.model, say=case.messages.append)
    assert set(case.standing().fleets.values()) == {2}
    assert case.steps(2)[-1] == "tidied"
    deployment.tidy(case.platform, case.model, say=case.messages.append)


def test_two_processes_do_not_carry_on_one_release(case: Case) -> None:
    version = case.version(GOOD)
    kind = type(case.rollout)
    real = kind.shift

    def shift(self: Any, *arguments: Any) -> None:
        monkey.setattr(kind, "shift", real)
        case.resume()
        real(self, *arguments)

    with case.traffic(), pytest.MonkeyPatch.context() as monkey:
        monkey.setattr(kind, "shift", shift)
        with pytest.raises(deployment.OvertakenError, match="carried on by another process"):
            case.promote(version)
    assert case.serves(2) and case.steps(2)[-1] == "finished"


def test_a_release_overtaken_by_a_rollback_stops_there(case: Case) -> None:
    version = case.version(GOOD)
    kind = type(case.rollout)
    real = kind.signals

    def signals(self: Any, *arguments: Any) -> Any:
        monkey.setattr(kind, "signals", real)
        case.rollback()
        return real(self, *arguments)

    with case.traffic(), pytest.MonkeyPatch.context() as monkey:
        monkey.setattr(kind, "signals", signals)
        with pytest.raises(UserError, match="version 2 is not"):
            case.promote(version)
    assert case.serves(1) and set(case.standing().fleets.values()) == {1}
    assert [version for version, _ in case.journal()] == [1, 2, 1]


def changes(case: Case) -> list[Any]:
    """Every change of the traffic that the service was asked for."""
    stack = case.stack
    if isinstance(stack, Aws):
        return [update["DeploymentConfig"] for update in stack.course.updates]
    return list(stack.double.shifts if isinstance(stack, Azure) else stack.vertex.splits)


def test_a_rollback_is_one_change_without_any_guard(case: Case) -> None:
    if case.local:
        pytest.skip("tests/serving/test_rollout.py measures it")
    case.settings(keep_previous_minutes=60)
    case.promote(case.version(GOOD))
    before = len(changes(case))
    case.rollback()
    (change,) = changes(case)[before:]
    assert case.serves(1)
    if isinstance(case.stack, Aws):
        assert "AutoRollbackConfiguration" not in change
        routing = change["BlueGreenUpdatePolicy"]["TrafficRoutingConfiguration"]
        assert routing == {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0}
