"""What a release sees of its version and of the endpoint, and what comes of it.

As docs/releases.md has it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.unit.release_stack import GOOD, Stack
from training import clock, release
from training.deployment import LeftError, OvertakenError
from training.endpoint import Signals
from training.errors import PassingError, UserError
from training.monitoring import ALARM, OK, Alarm


def alarm(name: str, state: str) -> Alarm:
    return Alarm(name, state, 1.0, 0.0, "it is down")


@pytest.mark.parametrize(
    ("looks", "refused"),
    [
        ([[alarm("own", OK)], [alarm("own", ALARM)]], True),
        ([[alarm("own", ALARM)], [alarm("own", ALARM)]], False),
        ([[alarm("own", ALARM)], [alarm("own", OK)], [alarm("own", ALARM)]], True),
        ([[alarm("other", OK)], [alarm("other", ALARM)]], False),
        # Its own answers tell better, where there are enough.
        ([[alarm("endpoint-errors", OK)], [alarm("endpoint-errors", ALARM)]], False),
    ],
)
def test_an_alarm_that_goes_on_meanwhile_takes_the_version_back(
    looks: list[list[Alarm]], refused: bool, stack: Stack
) -> None:
    stack.endpoint.part = {
        **stack.endpoint.part, "mirror_percent": 0, "alarms": ("own", "endpoint-errors"),
    }  # fmt: skip
    is_on_before = looks[0][0].state == ALARM
    stack.endpoint.alarms = looks
    if not refused:
        assert stack.promote(2)[1]
        text = "alarm 'own' is on already: it is not the new version's"
        assert stack.said.count(text) == is_on_before
        return
    text = "alarm 'own' fired while it had 20 % of the requests, it is down"
    with pytest.raises(UserError, match=text):
        stack.promote(2)


def test_an_alarm_of_its_answers_counts_where_there_are_few(stack: Stack) -> None:
    stack.endpoint.part = {**stack.endpoint.part, "alarms": ("endpoint-latency",)}
    stack.endpoint.looks = lambda fleet: Signals(3, 0, 20.0)
    stack.endpoint.alarms = [[], [alarm("endpoint-latency", ALARM)]]
    with pytest.raises(UserError, match="alarm 'endpoint-latency' fired"):
        stack.promote(2)


def test_too_few_requests_are_waited_for_as_the_settings_say(stack: Stack) -> None:
    stack.endpoint.looks = lambda fleet: Signals(3, 0, 20.0)
    stack.endpoint.part = {**stack.endpoint.part, "mirror_percent": 0}
    stack.promote(2)
    assert "version 2 had 3 of the 20 requests that judge it; it is not waited for more" in str(
        stack.said
    )
    assert 120 <= stack.time.seconds < 140
    begin = stack.time.seconds
    stack.endpoint.part = {**stack.endpoint.part, "canary_wait_minutes": 10}
    with pytest.raises(LeftError, match="had 3 of the 20 requests that judge it, in 12 minutes"):
        stack.promote(3)
    assert 720 <= stack.time.seconds - begin < 740
    # Once they have come, no longer.
    begin = stack.time.seconds
    enough = timedelta(seconds=begin + 300)
    stack.endpoint.looks = lambda fleet: (
        GOOD if timedelta(seconds=stack.time.seconds) >= enough else Signals(3, 0, 20.0)
    )
    stack.resume()
    assert 300 <= stack.time.seconds - begin < 320


def test_a_look_that_fails_is_repeated_and_told_once(stack: Stack) -> None:
    stack.endpoint.part = {**stack.endpoint.part, "mirror_percent": 0}
    stack.endpoint.problems["signals"] = [PassingError("busy")] * 3
    stack.promote(2)
    assert stack.said.count("could not look, and look again: busy") == 1
    stack.endpoint.problems["signals"] = [PassingError("busy")] * 99
    with pytest.raises(LeftError, match=r"what version 3 answers could not be seen in 2 min.*busy"):
        stack.promote(3)


def test_the_endpoint_has_to_answer_as_the_model_did_at_first(stack: Stack) -> None:
    stack.endpoint.part = {**stack.endpoint.part, "canary_minutes": 0}
    stack.endpoint.answer = lambda version: {
        **stack.endpoint.first_answer(version), **({"scores": [0.987]} if version == 2 else {}),
    }  # fmt: skip
    with pytest.raises(UserError, match=r"the input example is answered with .*, score 0\.987"):
        stack.promote(2)
    assert stack.endpoint.shares == {"v1": 100}
    # An old answer or none for a while is no verdict; after two minutes it is one.
    stack.endpoint.answer = lambda version: {**stack.endpoint.first_answer(version), "version": 1}
    begin = stack.time.seconds
    with pytest.raises(UserError, match="the endpoint answers with version 1, 120 s after v3 was"):
        stack.promote(3)
    assert 120 <= stack.time.seconds - begin < 130
    stack.endpoint.answer = stack.endpoint.first_answer
    stack.endpoint.problems["score"] = [PassingError("not ready")] * 5
    assert stack.promote(4)[1]
    stack.endpoint.problems["score"] = [PassingError("not ready")] * 999
    with pytest.raises(LeftError, match="not ready, 120 s after v4 was given all requests"):
        stack.resume()


def test_a_share_that_somebody_else_took_is_given_again(stack: Stack) -> None:
    stack.endpoint.part = {**stack.endpoint.part, "canary_minutes": 0}
    stolen = [True]

    def answer(version: int) -> dict[str, Any]:
        if version == 2 and stolen:
            stolen.pop()
            stack.endpoint.shares = {"v2": 60, "v1": 40}
        return stack.endpoint.first_answer(version)

    stack.endpoint.answer = answer
    stack.promote(2)
    assert stack.endpoint.calls.count("shift v2 v1") == 2
    assert stack.endpoint.shares == {"v2": 100}


def test_what_the_registry_does_not_show_stops_nothing(stack: Stack) -> None:
    stack.endpoint.problems["show"] = [PassingError("busy")]
    assert stack.promote(2)[1]
    assert "the registry does not show version 2: busy" in stack.said
    stack.endpoint.problems["show"] = [ZeroDivisionError()]
    with pytest.raises(ZeroDivisionError):
        stack.promote(3)


def test_the_version_before_is_kept_for_a_while(stack: Stack) -> None:
    stack.endpoint.part = {**stack.endpoint.part, "keep_previous_minutes": 60}
    stack.promote(2)
    last = stack.steps(2)[-1]
    assert last["kept"] == "v1" and stack.endpoint.fleets == {"v1": 1, "v2": 2}
    assert last["until"] == clock.text(clock.now() + timedelta(minutes=60))
    stack.time.seconds += 3590
    stack.tidy()
    assert "v1" in stack.endpoint.fleets
    stack.time.seconds += 11
    stack.tidy()
    stack.tidy()
    assert stack.endpoint.calls.count("remove v1") == 1
    assert stack.said.count("v1, which served before, is no longer kept") == 1
    assert stack.names(2)[-1] == "tidied"
    assert stack.steps(2)[-1]["when"] == clock.text(clock.now())
    # With the next release the one that was kept for it goes.
    stack.promote(3)
    assert stack.endpoint.fleets == {"v2": 2, "v3": 3}
    stack.promote(4)
    assert stack.endpoint.fleets == {"v3": 3, "v4": 4}


def test_what_stopped_releases_left_is_taken_away(stack: Stack) -> None:
    stack.endpoint.fleets["v9"] = 9
    stack.promote(2)
    assert stack.endpoint.fleets == {"v2": 2}


def test_a_release_that_was_overtaken_stops_and_takes_its_fleet_away(stack: Stack) -> None:
    def looks(fleet: str) -> Signals:
        if len(stack.released) == 2:
            stack.rollback()
        return GOOD

    stack.endpoint.looks = looks
    with pytest.raises(OvertakenError, match="version 2 is not released any further: release 3 by"):
        stack.promote(2)
    assert stack.released[-1] == (1, "rollback", "bob")
    assert stack.endpoint.fleets == {"v1": 1} and stack.endpoint.shares == {"v1": 100}


def test_a_fleet_that_comes_after_the_rollback_is_taken_away(stack: Stack) -> None:
    bring_up = stack.endpoint.bring_up

    def late(fleet: str, manifest: Any) -> None:
        if len(stack.released) == 2:
            stack.rollback()
        bring_up(fleet, manifest)

    stack.endpoint.bring_up = late  # type: ignore[method-assign]
    with pytest.raises(OvertakenError, match="release 3 by bob came first"):
        stack.promote(2)
    assert stack.endpoint.fleets == {"v1": 1} and stack.endpoint.shares == {"v1": 100}


@pytest.mark.parametrize("step", ["canary", "shift"])
def test_a_share_that_comes_after_the_rollback_is_given_back(step: str, stack: Stack) -> None:
    original = getattr(stack.endpoint, step)

    def late(fleet: str, *arguments: Any) -> None:
        is_first = fleet == "v2" and len(stack.released) == 2
        if is_first:
            stack.rollback()
            stack.endpoint.fleets["v2"] = 2
        original(fleet, *arguments)

    setattr(stack.endpoint, step, late)
    begin = stack.time.seconds
    with pytest.raises(OvertakenError, match="release 3 by bob came first"):
        stack.promote(2)
    assert stack.endpoint.fleets == {"v1": 1} and stack.endpoint.shares == {"v1": 100}
    assert "release 3 came first; waiting until it is over" in stack.said
    # Copies for two minutes; what is over is not waited for.
    assert stack.time.seconds - begin < 260


def test_one_process_at_a_time_carries_a_release_on(stack: Stack) -> None:
    def looks(fleet: str) -> Signals:
        release.steps(stack.store, "toys", 2).append({"step": "shift", "when": "now"})
        return GOOD

    stack.endpoint.looks = looks
    with pytest.raises(OvertakenError, match="release 2 is being carried on by another process"):
        stack.promote(2)


def test_of_a_decision_that_rests_on_an_older_release_nothing_comes(stack: Stack) -> None:
    stack.promote(2)
    with pytest.raises(UserError, match=r"version 3 .* was not released: version 2 by ada"):
        stack.promote(3, after=1)
    assert stack.promote(3, after=2)[0].number == 3
    with pytest.raises(UserError, match="version 3 of model 'toys' is the champion already"):
        stack.promote(3)
