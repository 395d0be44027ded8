"""How a release ends where others come between, and how long it waits for them.

As docs/releases.md has it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.unit.release_stack import BAD, START, Stack
from training import clock, deployment, release
from training.deployment import LeftError, OvertakenError
from training.endpoint import RefusedError, Signals
from training.errors import PassingError, UserError
from training.release import Release


def without_canary(stack: Stack, **part: Any) -> None:
    stack.endpoint.part = {**stack.endpoint.part, "canary_minutes": 0, **part}


def record_release(stack: Stack, version: int, **options: Any) -> Release:
    """A release by somebody else whose steps are still to come."""
    return release.promote(stack.store, "toys", version, why="w", by="eve", **options)


def interrupt_first(stack: Stack, call: str, act: Callable[[], Any]) -> None:
    """Let `act` happen once, just before the endpoint does `call`."""
    original, acts = getattr(stack.endpoint, call), [act]

    def late(*arguments: Any) -> Any:
        if acts:
            acts.pop()()
        return original(*arguments)

    setattr(stack.endpoint, call, late)


def before_records(stack: Stack, act: Callable[[], Any]) -> None:
    """Let `act` happen once, just before the next release record is created."""
    create, acts = stack.store.create, [act]

    def late(key: str, content: bytes) -> None:
        if acts and "/releases/" in key:
            acts.pop()()
        create(key, content)

    stack.store.create = late  # type: ignore[method-assign]


def at_second(stack: Stack, second: float, act: Callable[[], Any]) -> None:
    """Let `act` happen once that much time has passed since now."""
    sleep, begin, acts = stack.time.sleep, stack.time.seconds, [act]

    def pass_time(seconds: float) -> None:
        sleep(seconds)
        if acts and stack.time.seconds - begin >= second:
            acts.pop()()

    stack.time.sleep = pass_time  # type: ignore[method-assign]


# Records ------------------------------------------------------------------------------------------


def test_what_takes_a_version_back_is_a_rollback_without_steps_to_prove_it(stack: Stack) -> None:
    stack.endpoint.looks = lambda fleet: BAD if fleet == "v2" else Signals(200, 0, 20.0)
    with pytest.raises(UserError, match="version 2 is not served"):
        stack.promote(2)
    back = release.history(stack.store, "toys")[-1]
    assert (back.version, back.previous, back.kind, back.staged) == (1, 2, "rollback", False)
    assert back.why.startswith("version 2 is not served: with copies of 10 %")
    assert stack.names(3) == ["bring-up", "shift", "verify", "finished"]


def test_of_two_releases_at_the_same_moment_the_second_is_told(stack: Stack) -> None:
    before_records(stack, lambda: record_release(stack, 3))
    with pytest.raises(UserError, match=r"version 2 .* not released: version 3 by eve .* at the s"):
        stack.promote(2)
    assert [version for version, *_ in stack.released] == [1, 3]


@pytest.mark.parametrize("rollback", [release.rollback, deployment.rollback])
def test_a_rollback_rests_on_the_release_that_was_decided_on(
    rollback: Callable[..., Any], stack: Stack
) -> None:
    stack.promote(2)
    where, say = stack.store, {}
    if rollback is deployment.rollback:
        where, say = stack.platform, {"say": stack.said.append}
    with pytest.raises(UserError, match=r"version 1 .* not released: version 2 by ada .*while"):
        rollback(where, "toys", why="incident", after=1, **say)
    assert [version for version, *_ in stack.released] == [1, 2]
    rollback(where, "toys", why="incident", after=2, **say)
    assert [version for version, *_ in stack.released] == [1, 2, 1]


def test_the_first_release_of_all_rests_on_none(stack: Stack) -> None:
    for key in [key for key in stack.store.objects if "/release" in key]:
        del stack.store.objects[key]
    with pytest.raises(UserError, match=r"version 2 .* was not released: another version"):
        stack.promote(2, after=1)
    assert stack.promote(2, after=0)[0].number == 1


def test_a_rollback_after_a_rollback_goes_two_releases_back(stack: Stack) -> None:
    stack.promote(2)
    stack.promote(3)
    assert [stack.rollback()[0].version for _ in range(2)] == [2, 1]
    records = release.history(stack.store, "toys")
    assert release.rollback_target(records[:-1]) == 1 and release.rollback_target([]) is None


def test_versions_newer_than_the_champion_wait_unless_they_were_released() -> None:
    assert release.waiting([], [1, 2]) == [1, 2]
    assert release.waiting([2, 4, 2], [1, 2, 3, 4, 5]) == [3, 5]


def test_a_release_says_of_itself_what_stands_in_the_record(stack: Stack) -> None:
    record, _ = stack.promote(2)
    text = record.as_json()
    assert text == {
        "number": 2, "kind": "promote", "version": 2, "previous": 1, "by": "ada", "why": "better",
        "digest": record.digest, "when": clock.text(START),
    }  # fmt: skip
    assert release.champion(stack.store, "toys") == record


# Overtaken ----------------------------------------------------------------------------------------


def test_a_release_that_was_overtaken_waits_until_the_newer_one_is_over(stack: Stack) -> None:
    without_canary(stack)

    def newer() -> None:
        steps = release.steps(stack.store, "toys", record_release(stack, 3).number)
        steps.append({"step": "bring-up", "when": "now", "fleet": "v3", "before": "v1"})
        stack.endpoint.fleets["v3"] = 3
        at_second(stack, 30, lambda: steps.append({"step": "finished", "when": "now"}))

    interrupt_first(stack, "shift", newer)
    with pytest.raises(OvertakenError, match="release 3 by eve came first"):
        stack.promote(2)
    assert 30 <= stack.time.seconds < 32
    # The last change of this one came after the newer one's: what is over gets all requests.
    assert stack.endpoint.calls[-3:] == ["interrupt v3", "shift v3 None", "remove v2"]
    assert stack.endpoint.shares == {"v3": 100}


@pytest.mark.parametrize("staged", [True, False])
def test_a_newer_release_that_stands_still_is_waited_for_two_minutes(
    staged: bool, stack: Stack
) -> None:
    without_canary(stack)

    def newer() -> None:
        steps = release.steps(stack.store, "toys", record_release(stack, 3, staged=staged).number)
        steps.append({"step": "bring-up", "when": "now", "fleet": "v3", "before": "v1"})
        stack.endpoint.fleets["v3"] = 3

    interrupt_first(stack, "shift", newer)
    with pytest.raises(OvertakenError):
        stack.promote(2)
    assert 120 <= stack.time.seconds < 122
    # Its own steps are to come, unless it has none that would wait for anything.
    assert stack.endpoint.shares == ({"v2": 100} if staged else {"v3": 100})
    assert ("remove v2" in stack.endpoint.calls) is not staged


def test_a_newer_release_that_has_no_fleet_yet_is_given_none(stack: Stack) -> None:
    without_canary(stack)
    interrupt_first(stack, "shift", lambda: record_release(stack, 3))
    with pytest.raises(OvertakenError):
        stack.promote(2)
    assert 120 <= stack.time.seconds < 122 and stack.endpoint.shares == {"v2": 100}


def test_a_fleet_that_the_newer_release_uses_is_left(stack: Stack) -> None:
    def newer() -> None:
        record_release(stack, 1)
        record_release(stack, 2)

    interrupt_first(stack, "bring_up", newer)
    with pytest.raises(OvertakenError, match="release 4 by eve came first"):
        stack.promote(2)
    assert "remove v2" not in stack.endpoint.calls and stack.endpoint.fleets["v2"] == 2


def test_before_it_has_a_share_an_overtaken_release_waits_for_nobody(stack: Stack) -> None:
    interrupt_first(stack, "bring_up", lambda: record_release(stack, 3))
    with pytest.raises(OvertakenError, match="release 3 by eve came first"):
        stack.promote(2)
    assert stack.time.seconds == 0 and stack.endpoint.calls[-1] == "remove v2"
    assert not any("waiting until it is over" in text for text in stack.said)


def test_a_fleet_that_cannot_be_taken_away_is_left_for_the_next(stack: Stack) -> None:
    interrupt_first(stack, "bring_up", lambda: record_release(stack, 3))
    stack.endpoint.problems["remove"] = [PassingError("busy")]
    with pytest.raises(OvertakenError):
        stack.promote(2)
    assert "v2 is left: busy" in stack.said


def test_a_fault_of_our_own_while_a_fleet_is_taken_away_is_told(stack: Stack) -> None:
    interrupt_first(stack, "bring_up", lambda: record_release(stack, 3))
    stack.endpoint.problems["remove"] = [ZeroDivisionError("ours")]
    with pytest.raises(ZeroDivisionError):
        stack.promote(2)


def test_what_is_refused_after_it_was_overtaken_is_not_taken_back(stack: Stack) -> None:
    stack.endpoint.problems["bring_up"] = [RefusedError("no machines")]
    before_records_of_rollback = [lambda: record_release(stack, 3)]
    create = stack.store.create

    def late(key: str, content: bytes) -> None:
        if "/releases/" in key and b'"rollback"' in content and before_records_of_rollback:
            before_records_of_rollback.pop()()
        create(key, content)

    stack.store.create = late  # type: ignore[method-assign]
    with pytest.raises(OvertakenError, match="no machines; another release came meanwhile"):
        stack.promote(2)
    assert [version for version, *_ in stack.released] == [1, 2, 3]


def test_a_release_whose_records_are_deleted_goes_no_further(stack: Stack) -> None:
    def delete() -> None:
        for key in [key for key in stack.store.objects if "/releases/" in key]:
            del stack.store.objects[key]

    interrupt_first(stack, "bring_up", delete)
    with pytest.raises(OvertakenError, match="version 2 is not released any further: a deletion"):
        stack.promote(2)


# The way back -------------------------------------------------------------------------------------


def test_a_way_back_that_stops_says_both_reasons(stack: Stack) -> None:
    stack.endpoint.looks = lambda fleet: BAD if fleet == "v2" else Signals(200, 0, 20.0)
    stack.endpoint.problems["shift"] = [PassingError("busy")]
    with pytest.raises(LeftError, match=r"^version 2 is not served: .*\. release 3.* shift: busy"):
        stack.promote(2)
    stack.endpoint.looks = lambda fleet: Signals(200, 0, 20.0)
    assert stack.resume()[0].number == 3


def test_a_fault_of_our_own_on_the_way_back_is_not_explained_away(stack: Stack) -> None:
    stack.endpoint.looks = lambda fleet: BAD if fleet == "v2" else Signals(200, 0, 20.0)
    stack.endpoint.problems["shift"] = [ZeroDivisionError("ours")]
    with pytest.raises(ZeroDivisionError):
        stack.promote(2)


def test_a_rollback_that_the_service_refuses_is_left_for_a_person(stack: Stack) -> None:
    stack.promote(2)
    stack.endpoint.problems["shift"] = [RefusedError("no machines")]
    text = r"version 1 is not served: no machines\. Release 3 stands at step shift; go on with"
    with pytest.raises(LeftError, match=text):
        stack.rollback()
    assert [version for version, *_ in stack.released] == [1, 2, 1]
    assert stack.resume()[1]


def test_an_endpoint_that_cannot_be_asked_refuses_no_rollback(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack.promote(2)
    stand, problems = stack.endpoint.stand, list[Exception]([PassingError("busy")])

    def busy() -> Any:
        if problems:
            raise problems.pop()
        return stand()

    monkeypatch.setattr(stack.endpoint, "stand", busy)
    assert stack.rollback()[0].version == 1
    stack.promote(2)
    problems.append(ZeroDivisionError("ours"))
    with pytest.raises(ZeroDivisionError):
        stack.rollback()
    assert [version for version, *_ in stack.released] == [1, 2, 1, 2], "not even recorded"


# The watch, by its clock --------------------------------------------------------------------------


def test_a_fault_of_our_own_while_looking_is_not_explained_away(stack: Stack) -> None:
    stack.endpoint.problems["signals"] = [ZeroDivisionError("ours")]
    with pytest.raises(ZeroDivisionError):
        stack.promote(2)


def test_a_version_is_looked_at_every_quarter_of_a_minute(stack: Stack) -> None:
    stack.endpoint.part = {**stack.endpoint.part, "mirror_percent": 0, "canary_minutes": 1.1}
    times: list[float] = []

    def look(fleet: str) -> Signals:
        if fleet == "v2":
            times.append(stack.time.seconds)
        return Signals(200, 0, 20.0)

    stack.endpoint.looks = look
    stack.promote(2)
    # The last wait is no longer than what is left of the minutes.
    assert times == pytest.approx([0, 15, 30, 45, 60, 66])
    assert "version 2 gets 20 % of the requests, watched for 1.1 minutes" in stack.said


def test_too_few_answers_are_not_waited_for_beyond_the_last_moment(stack: Stack) -> None:
    stack.endpoint.part = {
        **stack.endpoint.part, "mirror_percent": 0, "canary_wait_minutes": 1,
    }  # fmt: skip
    times: list[float] = []

    def look(fleet: str) -> Signals:
        times.append(stack.time.seconds)
        return Signals(3, 0, 20.0)

    stack.endpoint.looks = look
    with pytest.raises(LeftError, match="in 3 minutes"):
        stack.promote(2)
    assert times[-2:] == [180, 180] and sorted(set(times)) == [*range(0, 181, 15)]


def test_a_version_that_has_all_requests_already_is_not_proved_again(stack: Stack) -> None:
    stack.endpoint.problems["canary"] = [PassingError("away")]
    with pytest.raises(LeftError, match="stopped at step canary"):
        stack.promote(2)
    stack.endpoint.shares = {"v2": 100}
    stack.endpoint.calls.clear()
    stack.resume()
    assert not any(call.startswith(("mirror", "canary")) for call in stack.endpoint.calls)


def test_answers_are_those_since_the_share_began(stack: Stack) -> None:
    since: list[tuple[str, float]] = []
    signals = stack.endpoint.signals

    def look(fleet: str, begin: Any) -> Signals:
        since.append((fleet, (begin - START).total_seconds()))
        return signals(fleet, begin)

    stack.endpoint.signals = look  # type: ignore[method-assign]
    stack.promote(2)
    assert set(since) == {("v1", 0.0), ("v2", 0.0), ("v1", 120.0), ("v2", 120.0)}


def test_the_last_request_is_repeated_every_second(stack: Stack) -> None:
    without_canary(stack)
    stack.endpoint.problems["score"] = [PassingError("not ready")] * 5
    stack.promote(2)
    assert stack.time.seconds == 5


def test_an_error_that_passes_is_told_as_it_is_where_no_client_explains_it(stack: Stack) -> None:
    class CutError(Exception):
        is_passing = True

    without_canary(stack)
    stack.endpoint.problems["score"] = [CutError("line cut")] * 999
    with pytest.raises(LeftError, match="line cut, 120 s after v2 was given all requests"):
        stack.promote(2)
    assert stack.time.seconds == 120
    stack.endpoint.problems["score"] = []
    stack.resume()
    stack.endpoint.part = {**stack.endpoint.part, "canary_minutes": 1}
    stack.endpoint.problems["signals"] = [CutError("line cut")]
    stack.promote(3)
    assert "could not look, and look again: line cut" in stack.said


def test_what_was_kept_is_taken_away_at_that_very_moment(stack: Stack) -> None:
    stack.endpoint.part = {**stack.endpoint.part, "keep_previous_minutes": 1, "canary_minutes": 0}
    stack.promote(2)
    stack.time.seconds += 59
    stack.tidy()
    assert "v1" in stack.endpoint.fleets
    stack.time.seconds += 1
    stack.endpoint.is_there = False
    stack.tidy()
    assert stack.names(2)[-1] == "tidied" and "remove v1" not in stack.endpoint.calls
