"""Traffic of the last minutes: what leaves the window, and how near its percentiles are."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from training.serving.stats import RequestRecord, Summary, Tally, Traffic, percentile_ms

NOTHING = Summary(0, None, None, None)


def test_without_requests_nothing_is_known() -> None:
    assert Traffic().summary(0.0) == NOTHING
    assert Tally().summary() == {"requests": 0, "errors": 0, "latency_p95_ms": None}


@pytest.mark.parametrize("scale", [1e-4, 0.02, 3.0])
def test_a_percentile_is_right_within_two_and_a_half_percent(scale: float) -> None:
    times = np.random.default_rng(0).lognormal(0.0, 1.0, 2000) * scale
    traffic, tally = Traffic(), Tally()
    for time in times:
        traffic.record(time, 200, 50.0)
        tally.record(time, 200)
    summary = traffic.summary(50.0)
    for value, share in ((summary.latency_p50_ms, 0.50), (summary.latency_p95_ms, 0.95)):
        expected = 1000 * np.quantile(times, share, method="inverted_cdf")
        assert value == pytest.approx(expected, rel=0.025)
    assert tally.summary()["latency_p95_ms"] == summary.latency_p95_ms


def test_answers_of_5xx_alone_are_errors() -> None:
    traffic, tally = Traffic(), Tally()
    for status in (200, 404, 499, 500, 503, 599, 302, 429):
        traffic.record(0.01, status, 50.0)
        tally.record(0.01, status)
    summary = traffic.summary(50.0)
    assert (summary.requests, summary.error_share) == (8, 3 / 8)
    assert (tally.summary()["requests"], tally.summary()["errors"]) == (8, 3)


def test_a_request_counts_for_five_minutes() -> None:
    traffic = Traffic()
    traffic.record(0.01, 500, 1000.0)
    traffic.record(0.01, 200, 1005.0)
    # By slices of ten seconds: its own counts whole until it is thirty slices old.
    assert traffic.summary(1299.9).requests == 2
    assert traffic.summary(1300.0) == NOTHING
    traffic.record(0.01, 200, 1295.0)
    assert traffic.summary(1295.0).requests == 3
    newest = traffic.summary(1310.0)
    assert (newest.requests, newest.error_share) == (1, 0.0)
    assert newest.latency_p50_ms == newest.latency_p95_ms == pytest.approx(10, rel=0.025)


def test_memory_does_not_grow_with_the_requests() -> None:
    traffic = Traffic()
    for second in range(5000):
        traffic.record(0.01, 200, float(second))
    assert traffic.summary(4999.0).requests == 300
    assert len(traffic._slices) == 30


def test_a_time_of_none_is_the_shortest() -> None:
    traffic = Traffic()
    traffic.record(0.0, 200, 0.0)
    assert traffic.summary(0.0).latency_p50_ms == pytest.approx(1e-3, rel=0.05)


def test_a_percentile_is_the_middle_of_its_class_to_a_microsecond() -> None:
    latencies = Counter({0: 1, 10: 1})
    assert percentile_ms(latencies, 0.5) == round(1000 * 1.05**0.5, 3)
    assert percentile_ms(latencies, 1.0) == round(1000 * 1.05**10.5, 3)


def test_a_request_is_whole_traffic_of_one_version_unless_it_is_said() -> None:
    record = RequestRecord(1, 200, 0.1)
    assert record.of_traffic and record.is_whole and not record.mirrored
    assert (record.compared, record.rows, record.scores, record.positives) == (None, 0, 0.0, None)
