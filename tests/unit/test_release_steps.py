"""A release step by step: what the endpoint is asked, in which order, and what each end writes.

As docs/releases.md has the procedure.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.release_stack import BAD, GOOD, Stack
from training import deployment, release, versions
from training.deployment import LeftError
from training.endpoint import RefusedError, Signals
from training.errors import PassingError, UserError

PROVED = ["interrupt v2", "bring_up v2", "mirror v2 v1 10", "canary v2 v1 20", "shift v2 v1",
          "show 2", "remove v1"]  # fmt: skip


def test_a_good_version_is_brought_in_step_by_step(stack: Stack) -> None:
    record, served = stack.promote(2)
    assert (record.number, record.version, record.previous, served) == (2, 2, 1, True)
    assert record.staged and stack.endpoint.calls == PROVED
    # Copies for two minutes, then a share for two.
    assert 240 <= stack.time.seconds < 260
    first, mirror, canary, *_, last = stack.steps(2)
    assert (first["step"], first["fleet"], first["before"]) == ("bring-up", "v2", "v1")
    assert (mirror["percent"], canary["percent"]) == (10, 20)
    assert stack.names(2) == ["bring-up", "mirror", "canary", "shift", "verify", "finished"]
    assert (last["kept"], last["until"]) == (None, None)
    assert stack.released[-1] == (2, "promote", "ada")


@pytest.mark.parametrize(
    ("part", "left_out", "seconds"),
    [
        ({"canary_percent": 0}, {"canary v2 v1 20"}, 120),
        ({"mirror_percent": 0}, {"mirror v2 v1 10"}, 120),
        ({"canary_minutes": 0}, {"canary v2 v1 20", "mirror v2 v1 10"}, 0),
    ],
)
def test_a_step_that_the_settings_leave_out_is_none(
    part: dict[str, Any], left_out: set[str], seconds: int, stack: Stack
) -> None:
    stack.endpoint.part = {**stack.endpoint.part, **part}
    stack.promote(2)
    assert stack.endpoint.calls == [call for call in PROVED if call not in left_out]
    assert seconds <= stack.time.seconds < seconds + 15


def test_a_first_release_has_nothing_to_be_compared_with(
    objects: dict[str, bytes], stack: Stack
) -> None:
    assert stack.released == [(1, "promote", "ada")]
    assert stack.names(1) == ["bring-up", "shift", "verify", "finished"]
    assert stack.steps(1)[0]["before"] is None and stack.time.seconds == 0


def test_without_an_endpoint_the_record_is_the_release(stack: Stack) -> None:
    stack.endpoint.is_there = False
    record, served = stack.promote(2)
    assert (record.version, served) == (2, False) and stack.names(2) == ["finished"]


def test_a_rollback_has_no_watch_and_goes_to_what_stands_ready(stack: Stack) -> None:
    stack.endpoint.part = {**stack.endpoint.part, "keep_previous_minutes": 60}
    stack.promote(2)
    stack.endpoint.calls.clear()
    # A look, an alarm, nothing refuses it.
    stack.endpoint.looks = lambda fleet: BAD
    begin = stack.time.seconds
    record, served = stack.rollback()
    assert (record.version, record.kind, record.by, served) == (1, "rollback", "bob", True)
    assert not record.staged and stack.time.seconds == begin
    assert stack.endpoint.calls == [
        "interrupt v1", "bring_up v1", "shift v1 v2", "show 1", "remove v2",
    ]  # fmt: skip
    assert "bringing up version 1 as v1" not in stack.said
    assert stack.steps(3)[-1]["kept"] is None
    with pytest.raises(UserError, match="no version released before version 1"):
        stack.rollback()


def test_a_damaged_artifact_refuses_a_rollback_unless_it_is_loaded(stack: Stack) -> None:
    stack.endpoint.part = {**stack.endpoint.part, "keep_previous_minutes": 60}
    stack.promote(2)
    key = versions.manifest(stack.platform.store, "toys", 1)["artifact"]["key"]
    stack.store.objects[key] = b"damaged"
    stack.endpoint.fleets.pop("v1")
    with pytest.raises(UserError):
        stack.rollback()
    stack.endpoint.fleets["v1"] = 1
    assert stack.rollback()[0].version == 1


@pytest.mark.parametrize("step", ["mirror", "canary"])
def test_a_version_that_fails_is_taken_back(step: str, stack: Stack) -> None:
    def looks(fleet: str) -> Signals:
        is_at = any(call.startswith(step) for call in stack.endpoint.calls)
        return BAD if fleet == "v2" and is_at else GOOD

    stack.endpoint.looks = looks
    share = {"mirror": "copies of 10 %", "canary": "20 %"}[step]
    reason = f"with {share} of the requests, 150 of its 200 answers failed"
    with pytest.raises(UserError, match=f"^version 2 is not served: {reason}"):
        stack.promote(2)
    assert stack.released[1:] == [(2, "promote", "ada"), (1, "rollback", "ada")]
    assert stack.names(2)[-2:] == [step, "withdrawn"]
    assert reason in stack.steps(2)[-1]["why"]
    assert stack.endpoint.shares == {"v1": 100} and stack.endpoint.fleets == {"v1": 1}
    assert any(text.startswith("going back to version 1: ") for text in stack.said)


def test_a_first_version_that_is_not_fit_is_taken_away(stack: Stack) -> None:
    for key in [k for k in stack.store.objects if "/release" in k]:
        del stack.store.objects[key]
    stack.endpoint.fleets, stack.endpoint.shares = {}, {}
    stack.endpoint.problems["shift"] = [RefusedError("no machines")]
    with pytest.raises(UserError, match="not served: no machines; there is no version before it"):
        stack.promote(3)
    assert stack.names(1) == ["bring-up", "shift", "refused"]
    assert stack.steps(1)[-1]["why"] == "no machines"
    assert stack.endpoint.calls[-1] == "remove v3" and stack.endpoint.fleets == {}


def test_what_says_nothing_of_the_version_leaves_the_release(stack: Stack) -> None:
    stack.endpoint.problems["canary"] = [PassingError("the network is away")]
    with pytest.raises(LeftError, match="release 2, of version 2, stopped at step canary: the net"):
        stack.promote(2)
    assert stack.names(2)[-1] == "canary" and stack.released[-1][0] == 2
    with pytest.raises(UserError, match="release 2, of version 2 by ada, stands at step canary"):
        stack.promote(3)
    stack.endpoint.calls.clear()
    record, served = stack.resume()
    assert (record.number, served) == (2, True)
    assert stack.names(2)[-3:] == ["shift", "verify", "finished"]
    assert stack.endpoint.calls == PROVED, "what was begun is begun again"


def test_a_fault_of_our_own_is_not_explained_away(stack: Stack) -> None:
    stack.endpoint.problems["bring_up"] = [ZeroDivisionError("ours")]
    with pytest.raises(ZeroDivisionError):
        stack.promote(2)


def test_a_release_whose_shift_was_begun_has_no_canary_again(stack: Stack) -> None:
    stack.endpoint.problems["shift"] = [PassingError("away")]
    with pytest.raises(LeftError, match="stopped at step shift"):
        stack.promote(2)
    stack.endpoint.calls.clear()
    stack.resume()
    assert stack.endpoint.calls == [
        "interrupt v2", "bring_up v2", "shift v2 v1", "show 2", "remove v1",
    ]  # fmt: skip


def test_what_is_over_is_brought_to_the_endpoint_anew(stack: Stack) -> None:
    stack.promote(2)
    stack.endpoint.calls.clear()
    stack.resume()
    assert stack.endpoint.calls == [
        "interrupt v2", "bring_up v2", "shift v2 None", "show 2", "remove v1",
    ]  # fmt: skip
    assert stack.names(2).count("finished") == 2


def test_without_a_release_there_is_nothing_to_go_on_with(stack: Stack) -> None:
    for key in [k for k in stack.store.objects if "/release" in k]:
        del stack.store.objects[key]
    with pytest.raises(UserError, match="model 'toys' has no release yet: nothing to go on with"):
        stack.resume()
    with pytest.raises(UserError, match="has no release yet: nothing to roll back"):
        stack.rollback()
    stack.tidy()  # nothing was kept either
    assert stack.said == []


def test_a_version_that_the_endpoint_cannot_load_is_not_released(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    def check(platform: Any, manifest: Any) -> None:
        raise UserError(f"no image for version {manifest['version']}")

    monkeypatch.setattr(deployment.endpoint_of(stack.platform), "check", check)
    with pytest.raises(UserError, match="no image for version 2"):
        stack.promote(2)
    assert [version for version, *_ in stack.released] == [1]


def test_a_release_without_a_step_stands_at_its_first(stack: Stack) -> None:
    record = release.promote(stack.platform.store, "toys", 2, why="w", by="ada", staged=True)
    assert release.unfinished(stack.platform.store, "toys", record) == {
        "step": "bring-up", "when": record.when,
    }  # fmt: skip


def test_a_fault_of_our_own_in_the_last_request_is_not_explained_away(stack: Stack) -> None:
    stack.endpoint.problems["score"] = [ZeroDivisionError("ours")]
    with pytest.raises(ZeroDivisionError):
        stack.promote(2)
