"""The report page: self-contained, verdict first, columns by effect."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pyarrow as pa
import pytest

from tests.drift.tables import mixed, plain, require
from training.drift import (
    DriftReport,
    PerformanceDrift,
    Thresholds,
    compare,
    html_page,
    profile_table,
)
from training.drift.verdict import Periods

VOID = {"meta", "input"}
NASTY = '<script>alert("x")</script> & more'


class Page(HTMLParser):
    """Checks that tags are balanced; collects headings and the page's text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.names: list[str] = []
        self.rows: list[dict[str, str | None]] = []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag == "tr" and "data-name" in dict(attrs):
            self.rows.append(dict(attrs))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] == "h3":
            self.names.append(data)


def shifted(**options) -> DriftReport:
    reference = profile_table(plain(2000))
    window = plain(1000, seed=1, shift=0.5)
    return compare(reference, profile_table(window, reference=reference), **options)


def test_verdict_first_then_columns_by_effect():
    report = shifted()
    text = html_page(report, title="Flights")
    page = Page(text)
    assert page.names[0] == "a" and sorted(page.names) == ["a", "b", "c"]
    assert text.index("<strong>Drift</strong>") < text.index("Columns by effect")
    effects = [require(report.features[name].effect) for name in page.names[1:]]
    assert effects == sorted(effects, reverse=True)
    assert [row["data-name"] for row in page.rows] == page.names
    assert page.rows[0]["data-state"] == "drift"


def test_the_page_is_self_contained_and_follows_the_dark_setting():
    text = html_page(shifted(), history=[shifted()], next_steps=["Retraining starts."])
    assert not re.search(r"https?://|<link|<img|@import|url\(| style=", text)
    assert "prefers-color-scheme: dark" in text and "width=device-width" in text
    assert "Retraining starts." in text and "Past windows" in text


def test_text_of_users_is_escaped():
    table = pa.table({NASTY: [NASTY] * 500, "other": ["x", NASTY] * 250})
    reference = profile_table(pa.table({NASTY: ["x"] * 500, "other": ["x"] * 500}))
    report = compare(reference, profile_table(table, reference=reference))
    imported = {NASTY: 0.2, "other": 0.1}
    text = html_page(
        report, title=NASTY, next_steps=[NASTY], about={NASTY: NASTY}, importances=imported
    )
    page = Page(text)
    assert page.tags.count("script") == 1 and page.names[0] == NASTY
    # Even if one got through, the page's own policy allows the two elements that it came with.
    policy = require(re.search(r'Security-Policy" content="([^"]+)"', text))[1]
    for tag in ("script", "style"):
        content = require(re.search(f"<{tag}>(.*?)</{tag}>", text, re.DOTALL))[1]
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert "unsafe" not in policy and policy.startswith("default-src 'none'")


def test_every_kind_of_column_has_a_card():
    reference = profile_table(mixed(1000), time_column="time")
    window = profile_table(mixed(500, seed=1), reference=reference, time_column="time")
    report = compare(reference, window, scores=["normal"])
    page = Page(html_page(report))
    assert set(page.names) == set(report.features)
    assert "model score, numeric" in html_page(report)


@pytest.mark.parametrize(
    ("performance", "words"),
    [
        (("roc_auc", "no_labels", 0.8, None, None, None, 0.95, 500, 0), "have not arrived"),
        (
            ("roc_auc", "no_labels", 0.8, None, None, None, 0.95, 0, 0, "without a time"),
            "cannot be measured: without a time. It was 0.8 on the holdout",
        ),
        (("roc_auc", "insufficient_data", 0.8, 0.7, None, None, 0.95, 500, 9), "too few"),
        (("roc_auc", "drift", 0.8, 0.7, 0.68, 0.72, 0.95, 500, 500), "worse than the holdout"),
        (("roc_auc", "no_drift", 0.8, 0.8, 0.8, 0.8, 0.95, 500, 500), "no worse than"),
    ],
)
def test_performance_is_told(performance, words):
    text = html_page(shifted(performance=PerformanceDrift(*performance)))
    Page(text)
    assert words in text


def test_an_empty_window_has_a_page():
    reference = profile_table(mixed(1000))
    report = compare(reference, profile_table(mixed(0), reference=reference))
    text = html_page(report, history=[report])
    Page(text)
    assert "Insufficient data" in text


def test_whole_numbers_have_bars_of_whole_widths():
    random = np.random.default_rng(0)
    profile = profile_table(pa.table({"year": random.integers(1950, 2014, 20_000)}))
    chart = require(compare(profile, profile).features["year"].chart)
    assert set(np.diff(chart["edges"])) == {2.0}
    assert max(chart["reference"][:-1]) < 1.5 * min(chart["reference"][:-1])


def test_rare_categories_are_told_together():
    names = [f"level {index}" for index in range(100)] * 10
    profile = profile_table(pa.table({"c": names}))
    report = compare(profile, profile)
    chart = require(report.features["c"].chart)
    assert len(chart["labels"]) == 12
    assert chart["others"] == {"categories": 88, "reference": 0.88, "window": 0.88}
    assert "88 others" in html_page(report)


def test_the_chart_shows_the_shares():
    values = np.repeat(np.arange(4.0), [100, 200, 300, 400])
    profile = profile_table(pa.table({"x": values, "c": values.astype(int).astype(str)}))
    features = compare(profile, profile).features
    assert sum(require(features["x"].chart)["reference"]) == pytest.approx(1.0, abs=0.02)
    assert features["c"].chart == {
        "labels": ["3", "2", "1", "0"],
        "reference": [0.4, 0.3, 0.2, 0.1],
        "window": [0.4, 0.3, 0.2, 0.1],
    }


HOURS = [f"2026-11-28T{hour:02}:00:00Z" for hour in range(6)]


def periods(effects: list[float | None], drifted: str) -> Periods:
    """Six hours of the column ``a``; `drifted` has a letter for each, x for drift."""
    flags = [letter == "x" for letter in drifted]
    return Periods(3600, HOURS, [100] * 6, {"a": effects}, {"a": flags})


@pytest.mark.parametrize(
    ("effects", "drifted", "start"),
    [
        ([0.0, 0.0, 0.4, 0.4, 0.4, 0.4], "..xxxx", HOURS[2]),
        ([0.4] * 6, "xxxxxx", HOURS[0]),
        ([0.0, 0.4, 0.0, 0.0, 0.4, 0.4], ".x..xx", HOURS[4]),
        ([0.0, 0.4, None, 0.4, 0.4, None], ".x.xx.", HOURS[1]),  # of too few rows nothing is known
        ([0.0, 0.4, 0.4, 0.4, 0.4, 0.0], ".xxxx.", None),
        ([0.01] * 6, "......", None),
    ],
)
def test_drift_began_where_it_has_stayed_since(effects, drifted, start):
    assert periods(effects, drifted).drift_start("a") == start


def test_the_page_tells_since_when_a_column_drifts():
    report = replace(shifted(), periods=periods([0.0, 0.0, 0.4, 0.4, 0.4, 0.4], "..xxxx"))
    text = html_page(report)
    Page(text)
    assert "Drifts since 2026-11-28 02:00 UTC; effect by hour" in text
    assert f"<title>{HOURS[3][:16].replace('T', ' ')}: 0.400, drift</title>" in text
    page = html_page(replace(report, periods=periods([0.4, 0.4, 0.0, 0.0, 0.0, 0.0], "xx....")))
    assert "in 2 of 6 hours, not to the end" in page
    assert "drifts since" not in html_page(shifted())


def test_importance_stands_beside_drift():
    report = shifted()
    text = html_page(report, importances={"a": 0.31, "b": 0.02})
    Page(text)
    assert "What matters" in text and "<title>a: importance 0.31, effect" in text
    assert re.search(r'data-sort="0.31">.*? 0.31</td>', text)
    assert "What matters" not in html_page(report)


def test_before_and_after_are_told():
    reference = profile_table(plain(2000))
    window = profile_table(plain(1000, seed=1, shift=0.5), reference=reference)
    report = compare(reference, window)
    quantities = require(report.features["a"].quantities)
    text = html_page(report)
    before, after = quantities["median"]
    assert f"median {before:.4g} → {after:.4g}" in text
    assert f'<th scope="row">95 %</th><td>{quantities["95 %"][0]:.4g}</td>' in text
    missing = DriftReport.from_json(report.to_json())
    assert missing == report


def test_thresholds_of_single_columns_are_told():
    text = html_page(shifted(thresholds=Thresholds(effects={"b": 0.37})))
    assert '<td data-sort="0.37">0.37</td>' in text and text.count('data-sort="0.37"') == 1


def windows(stamps: list[str]) -> list[DriftReport]:
    report = shifted()
    return [replace(report, window=replace(report.window, end=stamp)) for stamp in stamps]


@pytest.mark.parametrize(
    "stamps",
    [
        [f"2026-11-{day:02}T06:00:00Z" for day in range(1, 14)],
        [f"2026-11-28T{hour:02}:00:00Z" for hour in range(13)],
        [f"2026-11-28T06:00:{second:02}Z" for second in range(13)],
        ["2026-11-28T06:00:00Z"] * 13,
    ],
)
def test_every_window_of_the_trend_is_told_apart(stamps):
    *history, newest = windows(stamps)
    text = html_page(newest, history=history)
    titles = re.findall(r"<title>([^<]+): [\d.]+, drift</title></circle>", text)
    assert len(titles) == len(set(titles)) == 13
    chart = text.partition("Past windows")[2].partition("Each column")[0]
    labels = re.findall(r'text-anchor="middle">([^<]+)</text>', chart)
    assert titles[-1] in labels and len(set(labels)) == len(labels) > 2
