"""The report page: self-contained, verdict first, columns by effect."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import numpy as np
import pyarrow as pa
import pytest

from tests.drift.tables import mixed, plain, some
from training.drift import DriftReport, PerformanceDrift, compare, html_page, profile_table

VOID = {"meta"}
NASTY = '<script>alert("x")</script> & more'


class Page(HTMLParser):
    """Checks that tags are balanced; collects headings and the page's text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.names: list[str] = []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.seen.append(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.seen.append(tag)

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
    effects = [some(report.features[name].effect) for name in page.names[1:]]
    assert effects == sorted(effects, reverse=True)


def test_the_page_is_self_contained_and_follows_the_dark_setting():
    text = html_page(shifted(), history=[shifted()], next_steps=["Retraining starts."])
    assert not re.search(r"https?://|<script|<link|<img|@import|url\(", text)
    assert "prefers-color-scheme: dark" in text and "width=device-width" in text
    assert "Retraining starts." in text and "Past windows" in text


def test_text_of_users_is_escaped():
    table = pa.table({NASTY: [NASTY] * 500, "other": ["x", NASTY] * 250})
    reference = profile_table(pa.table({NASTY: ["x"] * 500, "other": ["x"] * 500}))
    report = compare(reference, profile_table(table, reference=reference))
    page = Page(html_page(report, title=NASTY, next_steps=[NASTY]))
    assert "script" not in page.seen and page.names[0] == NASTY


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
    chart = some(compare(profile, profile).features["year"].chart)
    assert set(np.diff(chart["edges"])) == {2.0}
    assert max(chart["reference"][:-1]) < 1.5 * min(chart["reference"][:-1])


def test_rare_categories_are_told_together():
    names = [f"level {index}" for index in range(100)] * 10
    profile = profile_table(pa.table({"c": names}))
    report = compare(profile, profile)
    chart = some(report.features["c"].chart)
    assert len(chart["labels"]) == 12
    assert chart["others"] == {"categories": 88, "reference": 0.88, "window": 0.88}
    assert "88 others" in html_page(report)


def test_the_chart_shows_the_shares():
    values = np.repeat(np.arange(4.0), [100, 200, 300, 400])
    profile = profile_table(pa.table({"x": values, "c": values.astype(int).astype(str)}))
    features = compare(profile, profile).features
    assert sum(some(features["x"].chart)["reference"]) == pytest.approx(1.0, abs=0.02)
    assert features["c"].chart == {
        "labels": ["3", "2", "1", "0"],
        "reference": [0.4, 0.3, 0.2, 0.1],
        "window": [0.4, 0.3, 0.2, 0.1],
    }
