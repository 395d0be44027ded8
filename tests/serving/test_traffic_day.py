"""Traffic of the last day: what is counted, what a restart keeps, and what the page draws of it."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from tests.serving.conftest import Start
from tests.serving.platforms import ROW, make_platform, register_champion, train
from tests.serving.servers import until
from training import clock
from training.serving import charts, traffic_day
from training.serving.stats import RequestRecord
from training.serving.traffic_day import INTERVAL_SECONDS, TrafficDay
from training.store.local import LocalStore

NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)


class Moment:
    """A clock that stands until it is moved on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = NOON
        monkeypatch.setattr(clock, "now", lambda: self.now)

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def moment(monkeypatch: pytest.MonkeyPatch) -> Moment:
    return Moment(monkeypatch)


def request(
    seconds: float, status: int, rows: int, scores: float, positives: int | None
) -> RequestRecord:
    return RequestRecord(1, status, seconds, rows=rows, scores=scores, positives=positives)


def test_an_interval_holds_what_was_answered_in_it(tmp_path: Path, moment: Moment) -> None:
    day = TrafficDay(LocalStore(str(tmp_path)), "toys")
    for status, positives in ((200, 3), (200, 1), (400, None), (500, None)):
        rows, scores = (4, 2.0) if positives else (0, 0.0)
        day.count(request(0.010, status, rows, scores, positives))
    (record,) = day.records()
    assert (record["requests"], record["errors"], record["rows"]) == (4, 1, 8)
    assert (record["mean_score"], record["positive_share"]) == (0.5, 0.5)
    assert record["p50_ms"] == pytest.approx(10, rel=0.05) == record["p95_ms"]
    moment.advance(INTERVAL_SECONDS - 1)
    day.count(request(0.1, 200, 1, 7.5, None))
    assert len(day.records()) == 1
    moment.advance(1)
    day.count(request(0.1, 200, 1, 7.5, None))
    older, newer = day.records()
    assert older["requests"] == 5 and newer["requests"] == 1
    assert (newer["mean_score"], newer["positive_share"]) == (7.5, None)


def test_a_day_is_kept_across_a_restart_and_no_more(tmp_path: Path, moment: Moment) -> None:
    store = LocalStore(str(tmp_path))
    day = TrafficDay(store, "toys")
    for _ in range(150):
        day.count(request(0.01, 200, 1, 0.5, 1))
        moment.advance(INTERVAL_SECONDS)
    day.save()
    second_day = TrafficDay(store, "toys")
    second_day.load()
    assert second_day.records() == day.records() == traffic_day.read(store, "toys")
    assert len(day.records()) == 96
    moment.advance(24 * 3600)
    assert second_day.records() == []


@pytest.mark.parametrize("content", [b"", b"{", b"7", b"\xff"])
def test_a_damaged_file_is_told_and_counts_as_none(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, content: bytes
) -> None:
    store = LocalStore(str(tmp_path))
    store.write("models/toys/traffic-day.json", content)
    day = TrafficDay(store, "toys")
    day.load()
    assert day.records() == []
    assert "is no traffic of a day" in caplog.text
    day.save()
    assert traffic_day.read(store, "toys") == []


def test_the_charts_say_the_numbers(tmp_path: Path, moment: Moment) -> None:
    day = TrafficDay(LocalStore(str(tmp_path)), "toys")
    for requests in (1, 3, 2):
        for _ in range(requests):
            day.count(request(0.01, 200, 1, 0.25, None))
        moment.advance(INTERVAL_SECONDS)
    traffic, latency, predictions = charts.day_charts(day.records(), clock.now())
    assert [line["name"] for line in traffic["lines"]] == ["requests", "errors"]
    assert (traffic["high"], traffic["low"], traffic["lines"][0]["last"]) == ("3", "0", "2")
    assert "2026-03-01T12:15:00Z: requests 3" in traffic["lines"][0]["dots"]
    heights = [float(y) for _, y in re.findall(r"([\d.]+) ([\d.]+)", traffic["lines"][0]["path"])]
    assert heights[1] == 0 and heights[0] > heights[2] > 0, "more is higher"
    assert latency["lines"][0]["name"] == "p50 ms"
    assert [line["name"] for line in predictions["lines"]] == ["mean score"]
    assert charts.day_charts([], clock.now()) == []
    # Three quarters of an hour at the end of a whole day.
    assert (traffic["first"], traffic["last"]) == ("2026-02-28T12:45:00Z", "2026-03-01T12:45:00Z")
    places = [float(x) for x, _ in re.findall(r"([\d.]+) ([\d.]+)", traffic["lines"][0]["path"])]
    assert places == [950.0, 960.0, 970.0]


def test_a_server_keeps_it_and_the_page_shows_it(tmp_path: Path, start: Start) -> None:
    platform = make_platform(tmp_path)
    register_champion(platform, estimator=train(1, imputes=True))
    server = start(platform)
    until(lambda: server.get("/ping")[0] == 200)
    assert {server.post({"instances": [ROW, ROW]})[0] for _ in range(5)} == {200}
    assert server.stop() == 0
    (record,) = traffic_day.read(platform.store, "toys")
    assert (record["requests"], record["errors"], record["rows"]) == (5, 0, 10)
    assert 0 < record["mean_score"] < 1 and record["positive_share"] in (0, 1)
    page = start(platform).get("/")[1]
    assert "Traffic, last day" in page and "requests 5" in page and "share" in page
