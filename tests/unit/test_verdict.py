"""The verdict on a new version: at the limit of each bar, and one beyond.

How many errors are too many is computed here by the binomial distribution's own sum.
"""

from __future__ import annotations

from math import comb
from typing import Any

import pytest

from training.endpoint import Signals
from training.endpoint.verdict import at_least, judge

SETTINGS: dict[str, Any] = {
    "canary_min_requests": 20, "max_error_share": 0.01, "max_latency_ms": 500.0,
}  # fmt: skip


def tail(errors: int, requests: int, share: float) -> float:
    """The probability of so many errors or more."""
    return sum(
        comb(requests, k) * share**k * (1 - share) ** (requests - k)
        for k in range(errors, requests + 1)
    )


def fewest_bad(requests: int, share: float) -> int:
    """The fewest errors that come by chance in less than one of two hundred cases."""
    return next(k for k in range(1, requests + 1) if tail(k, requests, share) < 1 / 200)


@pytest.mark.parametrize(
    ("errors", "requests", "share"), [(1, 10, 0.3), (3, 50, 0.01), (5, 5, 0.5)]
)
def test_the_probability_is_the_binomial_s(errors: int, requests: int, share: float) -> None:
    assert at_least(errors, requests, share) == pytest.approx(tail(errors, requests, share))


@pytest.mark.parametrize(
    ("errors", "share", "probability"),
    [(0, 0.5, 1.0), (0, 0.0, 1.0), (1, 0.0, 0.0), (1, 1.0, 1.0), (1, 1.5, 1.0), (-1, 0.5, 1.0)],
)
def test_what_is_sure_and_what_is_impossible(errors: int, share: float, probability: float) -> None:
    assert at_least(errors, 10, share) == probability


@pytest.mark.parametrize("requests", [1, 10, 20, 100, 1000])
@pytest.mark.parametrize("share", [0.01, 0.05, 0.2])
def test_errors_are_too_many_where_chance_does_not_make_them(requests: int, share: float) -> None:
    settings = {**SETTINGS, "max_error_share": share}
    if tail(requests, requests, share) >= 1 / 200:
        assert judge(Signals(requests, requests, 1.0), None, settings).reason is None
        return
    errors = fewest_bad(requests, share)
    refused = judge(Signals(requests, errors, 1.0), None, settings).reason
    assert refused == (
        f"{errors} of its {requests} answers failed, {errors / requests:.1%}; "
        f"allowed are {share:.1%}"
    )
    assert judge(Signals(requests, errors - 1, 1.0), None, settings).reason is None


def test_what_fails_for_the_version_before_too_is_not_the_new_one_s_fault() -> None:
    new = Signals(100, 30, 1.0)
    assert judge(new, None, SETTINGS).reason
    assert judge(new, Signals(20, 6, 1.0), SETTINGS).reason is None
    # Of fewer requests than the settings ask for the share of the old one says nothing.
    assert judge(new, Signals(19, 6, 1.0), SETTINGS).reason
    reason = judge(Signals(100, 60, 1.0), Signals(100, 20, 1.0), SETTINGS).reason
    assert (
        reason == "60 of its 100 answers failed, 60.0%; allowed are 1.0%, the version before 20.0%"
    )
    # One that fails less often than the bar does not lower it.
    three = Signals(100, 3, 1.0)
    assert judge(three, None, SETTINGS).reason is None
    assert judge(three, Signals(100, 0, 1.0), SETTINGS).reason is None


@pytest.mark.parametrize(
    ("requests", "latency", "is_refused"),
    [
        (20, 500.0, False), (20, 500.5, True), (19, 9000.0, False), (20, None, False),
    ],
)  # fmt: skip
def test_a_slow_version_is_bad_once_enough_answered(
    requests: int, latency: float | None, is_refused: bool
) -> None:
    verdict = judge(Signals(requests, 0, latency), None, SETTINGS)
    assert (verdict.reason is not None) is is_refused
    assert verdict.enough is (requests >= 20)


def test_a_version_that_is_as_slow_as_the_one_before_is_not_bad() -> None:
    new = Signals(100, 0, 800.0)
    assert judge(new, None, SETTINGS).reason == (
        "its p95 is 800 ms over 100 answers; allowed are 500 ms"
    )
    assert judge(new, Signals(100, 0, 800.0), SETTINGS).reason is None
    assert judge(new, Signals(100, 0, 700.0), SETTINGS).reason == (
        "its p95 is 800 ms over 100 answers; allowed are 700 ms"
    )
    assert judge(new, Signals(19, 0, 800.0), SETTINGS).reason, "too few to compare with"
    assert judge(new, Signals(100, 0, None), SETTINGS).reason
    assert judge(new, Signals(100, 0, 100.0), SETTINGS).reason == (
        "its p95 is 800 ms over 100 answers; allowed are 500 ms"
    )
    # One that was faster than the bar does not lower it.
    assert judge(Signals(100, 0, 400.0), Signals(100, 0, 100.0), SETTINGS).reason is None


def test_without_a_least_number_one_answer_is_enough() -> None:
    settings = {**SETTINGS, "canary_min_requests": 0}
    assert judge(Signals(1, 0, 1.0), None, settings).enough
    assert not judge(Signals(0, 0, None), None, settings).enough
    assert judge(Signals(10, 10, 1.0), Signals(0, 0, None), settings).reason
    assert not judge(Signals(19, 19, 1.0), None, SETTINGS).enough, "bad, and not enough to be good"
