"""The dashboard and `/metrics` with a year behind them: true, quick, and linked."""

from __future__ import annotations

import json
import re
import time
from datetime import datetime, timedelta, timezone
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from tests.serving.conftest import Start
from tests.serving.platforms import (
    COLUMNS,
    make_platform,
    record_drift_check,
    register,
    register_champion,
)
from tests.serving.servers import Server
from training import clock, release, retraining_admission, runs
from training.drift.report import LINKS, NEXT, NEXT_END
from training.journal import Journal
from training.monitoring import ALARM, alarm_events
from training.platform import Platform
from training.runs import records
from training.serving import dashboard
from training.serving.endpoint import Endpoint
from training.serving.exposition import Metrics
from training.serving.state import State
from training.serving.stats import RequestRecord

DAYS = 365
FIRST = datetime(2025, 11, 1, tzinfo=timezone.utc)
BUDGET_SECONDS = 0.05


def performance(value: float | None) -> dict[str, Any]:
    """The model's metric as a check has it."""
    return {
        "metric": "roc_auc", "status": "no_drift" if value else "no_labels", "holdout": 0.7,
        "value": value, "low": value and value - 0.02, "high": value and value + 0.02,
        "confidence": 0.95, "rows": 500, "labeled": 480 if value else 0, "note": "",
    }  # fmt: skip


def year_of(platform: Platform) -> None:
    """A check and a run with its outputs a day, a release a month, as the pipelines leave them."""
    store = platform.store
    checks = Journal(store, "models/toys/drift-checks")
    root = Path(store.uri)
    for day in range(DAYS):
        when = FIRST + timedelta(days=day)
        name = f"{when:%Y%m%dt%H%M%S%f}-drift-check-{day:04x}"
        drifted = [COLUMNS[day % 3].name] if day % 5 == 0 else []
        check = {
            "run": name, "version": 1, "rows": 500, "when": clock.text(when),
            "since": clock.text(when - timedelta(days=1)), "until": clock.text(when),
            "verdict": "drift" if drifted else "no_drift", "drifted": drifted,
            "effects": {column.name: 0.3 if column.name in drifted else 0.01 for column in COLUMNS},
            "performance": performance(0.7 - day / 5000),
        }  # fmt: skip
        checks.create(day + 1, check)
        folder = root / runs.folder("toys", name)
        for step in ("drift", "inputs", "labels"):
            (folder / "outputs" / step).mkdir(parents=True)
            for number in range(4):
                (folder / "outputs" / step / f"part-{number}.json").write_text("{}")
        (folder / "outputs/drift/report.html").write_text("<p>a report</p>")
        record = {
            "run": name, "model": "toys", "pipeline": "drift-check", "status": "succeeded",
            "started": clock.text(when), "ended": clock.text(when), "error": "",
            "parameters": {}, "steps": {"drift": {"status": "succeeded", "seconds": 1.0}},
            "results": {"drift": check},
        }  # fmt: skip
        (folder / runs.RECORD).write_text(json.dumps(record))


def state_of(platform: Platform) -> State:
    """The state as the server has it, without the server."""
    endpoints: dict[str, Endpoint] = {}
    state = State(platform, endpoints, lambda model: [])
    for model in platform.models:
        endpoints[model] = Endpoint(platform, model, Metrics(state.models))
    return state


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Platform:
    """A stack that is a year old."""
    platform = make_platform(tmp_path_factory.mktemp("year"))
    register_champion(platform)
    year_of(platform)
    return platform


def quickest(work: Any, times: int = 7) -> float:
    """CPU seconds of the quickest of several calls: others use this computer too."""
    seconds = []
    for _ in range(times):
        start = time.process_time()
        work()
        seconds.append(time.process_time() - start)
    return min(seconds)


def test_page_and_metrics_of_a_year_are_quick(year: Platform) -> None:
    state = state_of(year)
    metrics = Metrics(state.models)
    assert quickest(lambda: dashboard.page(state.page())) < BUDGET_SECONDS
    assert quickest(lambda: metrics.expose("")) < BUDGET_SECONDS


def test_the_year_is_drawn(year: Platform) -> None:
    content, headers = dashboard.page(state_of(year).page())
    assert content.count('class="dot') == DAYS
    assert content.count("measurements, the last 0.6272 of version 1") == 1
    newest = records.names(year.store, "toys")[0]
    assert f"/models/toys/drift/{newest}" in content and f"/models/toys/runs/{newest}" in content
    assert content.count('<th scope="col" data-key=') == 30  # the heat map's checks
    nonce = re.search(r"script-src 'nonce-([^']+)'", headers["content-security-policy"])
    assert nonce and f'<script nonce="{nonce[1]}">' in content
    assert content.count("<script") == 1 and "<noscript><meta http-equiv" in content


def test_the_metric_is_exported(year: Platform) -> None:
    text = Metrics(state_of(year).models).expose("")[0].decode()
    labels = 'metric="roc_auc",model="toys",version="1"'
    assert f"mlops_model_metric_holdout{{{labels}}} 0.7" in text
    value = re.search(rf"mlops_model_metric{{{re.escape(labels)}}} ([0-9.]+)", text)
    assert value and float(value[1]) == pytest.approx(0.7 - 364 / 5000)
    checked = (FIRST + timedelta(days=DAYS - 1)).timestamp()
    match = re.search(r'mlops_drift_check_timestamp_seconds{model="toys"} (\S+)', text)
    assert match and float(match[1]) == checked
    assert "mlops_captured_rows_total" in text and "mlops_build_info{" in text
    assert "process_cpu_seconds_total" in text


def test_refusals_and_queues_are_exported(tmp_path: Path) -> None:
    platform = make_platform(tmp_path)
    register_champion(platform)
    admissions = retraining_admission.admissions(platform.store, "toys")
    for admitted in (True, False, False):
        admissions.append({"admitted": admitted, "reason": "", "as_of": "2026-01-01T00:00:00Z"})
    metrics = Metrics(state_of(platform).models)
    for status in (200, 503, 503, 400):
        metrics.request("toys", RequestRecord(1, status, 0.01))
    lines = metrics.expose("")[0].decode().splitlines()
    for line in (
        'mlops_retrainings_total{admitted="false",model="toys"} 2.0',
        'mlops_retrainings_total{admitted="true",model="toys"} 1.0',
        'mlops_requests_total{code="503",model="toys",version="1"} 2.0',
        'mlops_requests_total{code="400",model="toys",version="1"} 1.0',
        'mlops_waiting_requests{model="toys"} 0.0',
        'mlops_waiting_captures{model="toys"} 0.0',
    ):
        assert line in lines, line


class Outline(HTMLParser):
    """Landmarks, headings, titles and tables of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.empty_headings = 0
        self._heading: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag == "th":
            self._heading = ""

    def handle_data(self, data: str) -> None:
        if self._heading is not None:
            self._heading += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "th":
            self.empty_headings += not (self._heading or "").strip()
            self._heading = None


def test_the_tab_tells_an_alarm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    platform = make_platform(tmp_path)
    register_champion(platform)
    calm, _ = dashboard.page(state_of(platform).page())
    record_drift_check(platform, ["size"])
    alarm_page, _ = dashboard.page(state_of(platform).page())
    assert "docs/runbook.md#drift" in alarm_page
    monkeypatch.setenv("MLOPS_RUNBOOK", "https://git.example/docs/runbook.md")
    linked, _ = dashboard.page(state_of(platform).page())
    assert '<a href="https://git.example/docs/runbook.md#drift"' in linked
    monkeypatch.setenv("MLOPS_RUNBOOK", "javascript:alert(1)")
    assert '<a href="javascript' not in dashboard.page(state_of(platform).page())[0]
    assert "<title>local · MLOps platform</title>" in calm
    assert "<title>(1) drift · local · MLOps platform</title>" in alarm_page
    icon = re.compile(r'id="icon" rel="icon" href="([^"]+)"')
    icons = [icon.search(page) for page in (calm, alarm_page)]
    assert icons[0] and icons[1] and icons[0][1] != icons[1][1]
    for page in (calm, alarm_page):
        outline = Outline()
        outline.feed(page)
        assert outline.tags.count("main") == outline.tags.count("header") == 1
        assert outline.empty_headings == 0


def test_a_version_that_waits_for_approval_is_on_top(tmp_path: Path) -> None:
    platform = make_platform(tmp_path)
    register_champion(platform)
    assert "waits for approval" not in dashboard.page(state_of(platform).page())[0]
    version = register(platform)
    page, _ = dashboard.page(state_of(platform).page())
    assert f"Version {version} waits for approval" in page
    assert f"mlops promote {version} -m toys" in page


REPORT = f"<html><main>{LINKS}<h1>Drift</h1>{NEXT}<p>a prophecy</p>{NEXT_END}<p>rest</p></main>"


def keep_report(platform: Platform, run: str, html: str = REPORT) -> None:
    """Put the report of a drift check where its step does."""
    key = f"{runs.folder('toys', run)}/outputs/drift/report.html"
    platform.store.write(key, html.encode())


def record_refused_training(platform: Platform, at: datetime, reason: str) -> str:
    """Record a retraining that admission refused."""
    name = f"{at:%Y%m%dt%H%M%S%f}-training-0000"
    record = {
        "run": name, "model": "toys", "pipeline": "training", "status": "succeeded",
        "started": clock.text(at), "ended": clock.text(at), "error": "",
        "parameters": {"trigger": "drift"}, "steps": {},
        "results": {"admit": {"admitted": False, "reason": reason}},
    }  # fmt: skip
    platform.store.write(f"{runs.folder('toys', name)}/{runs.RECORD}", json.dumps(record).encode())
    return name


def test_a_report_tells_what_was_done_about_it(year: Platform) -> None:
    state = state_of(year)
    # The checks of days 5 and 6: drift, then none.
    when = FIRST + timedelta(days=5)
    run, following = (
        next(n for n in records.names(year.store, "toys") if n.startswith(f"{d:%Y%m%dt}"))
        for d in (when, when + timedelta(days=1))
    )
    keep_report(year, run)

    def report() -> str:
        html = state.details.drift_report("toys", run)
        assert html is not None
        return dashboard.report_page(html, state.details.response("toys", run))

    assert "No retraining was tried until the next check." in report()
    refused = record_refused_training(year, when + timedelta(hours=1), "cooldown <of> 24 h")
    record_refused_training(year, when - timedelta(hours=1), "before the check")
    record_refused_training(year, when + timedelta(hours=25), "after the next check")
    event = {"alarm": "drift", "state": ALARM, "run": run, "at": clock.text(when)}
    alarm_events(year.store, "toys").append(event)
    page = report()
    assert "a prophecy" not in page and page.endswith("<p>rest</p></main>")
    assert f'<a href="/models/toys/runs/{refused}">retraining</a>, asked for by drift' in page
    assert "<b>not retrained</b>: cooldown &lt;of&gt; 24 h" in page
    assert "before the check" not in page and "after the next check" not in page
    position = page.index("the alarm drift was told as ALARM")
    assert (
        position < page.index("not retrained") < page.index(f'{following}">the next check</a> of')
    )
    assert f'href="/models/toys/drift/{following}"' in page and "no drift" in page
    assert '<a href="/models/toys/versions/1">version 1</a>' in page


def test_a_report_without_drift_keeps_its_words_and_gets_links(year: Platform) -> None:
    state = state_of(year)
    newest = records.names(year.store, "toys")[0]  # of day 364: no drift
    page = dashboard.report_page(REPORT, state.details.response("toys", newest))
    assert "a prophecy" in page and "What was done" not in page
    assert f'<a href="/models/toys/runs/{newest}">' in page
    foreign = "<p>another library's page</p>"
    assert dashboard.report_page(foreign, state.details.response("toys", newest)) == foreign
    assert state.details.response("toys", "none") is None


def linked(html: str) -> set[str]:
    """The addresses that a page links to."""
    return set(re.findall(r'href="(/[^"#]*)"', html))


def test_a_version_has_a_page(year: Platform) -> None:
    state = state_of(year)
    html = dashboard.version_page(state.details.version("toys", 1) or {})
    assert "Version 1 of toys: " in html and "champion" in html
    assert f"<dd>{'0' * 64}</dd>" in html and "size (numeric), age (numeric)" in html
    assert "0.6272" in html and "0.6072 to 0.6472" in html  # the last measured
    assert "release" in html and "<td>test</td>" in html
    newest = records.names(year.store, "toys")[0]
    assert f"/models/toys/drift/{newest}" in linked(html)
    assert "What changed against" not in html
    assert f"{DAYS - dashboard.NEWEST} earlier ones" in html


def test_versions_are_compared_and_lead_to_each_other(tmp_path: Path) -> None:
    platform = make_platform(tmp_path)
    for why, metrics in (("<first>", {"baseline": 0.5}), ("better", {"champion": 0.61})):
        number = register(
            platform,
            metrics={"metric": "roc_auc", "challenger": 0.7, "reason": f"{why} of all", **metrics},
            # Of twelve the eight that matter most are shown, of the other version too.
            importances={"size": 0.2, **{f"c{n}": 0.1 - n / 100 for n in range(9)}}
            if why == "better"
            else {**{f"c{n}": 0.3 for n in range(9)}, "size": 0.1},
            parameters={"trees__max_iter": 100 if why == "better" else 50, "same": 1},
        )
    release.promote(platform.store, "toys", 1, why="test", by=f"{release.BY_RUN}r-1")
    state = state_of(platform)
    assert state.details.version("toys", 3) is None
    first, second = (dashboard.version_page(state.details.version("toys", n) or {}) for n in (1, 2))
    assert "/models/toys/versions/2" in linked(first) and "/models/toys/versions/1" in linked(
        second
    )
    assert "&lt;first&gt; of all" in first and "<first>" not in first
    assert "a model that ignores its inputs" in first and "the champion then" not in first
    assert "the champion then" in second and "0.61" in second
    assert "waits for approval" in second and "mlops promote 2 -m toys" in second
    changes = second.partition("What changed against")[2].partition("</section>")[0]
    rows = dict(re.findall(r'<th scope="row">([^<]+)</th>(.*)</tr>', changes))
    assert rows["importance of size"] == "<td>0.1</td><td>0.2</td>"
    assert rows["parameter trees__max_iter"] == "<td>50</td><td>100</td>"
    assert "parameter same" not in rows and "metric, own holdout" in rows
    assert number == 2


def test_every_link_leads_somewhere(year: Platform, start: Start) -> None:
    """From the dashboard on: alarm, check, report, run, version, gate and back."""
    server: Server = start(year, "--no-schedules")
    waiting, pages = ["/"], {}
    kinds: set[str] = set()
    while waiting:
        path = waiting.pop()
        kind = re.sub(r"[^/]+$", "", path)
        # A few of each kind: a year has hundreds of checks.
        if path in pages or sum(kind == re.sub(r"[^/]+$", "", p) for p in pages) >= 4:
            continue
        status, pages[path] = server.get(path)
        assert status == 200, path
        kinds.add(kind)
        waiting += sorted(linked(pages[path]))
    assert kinds == {
        "/", "/models/toys/", *(f"/models/toys/{kind}/" for kind in ("runs", "versions", "drift"))
    }  # fmt: skip
    assert all(
        "/" in linked(html) for path, html in pages.items() if path != "/" and "/drift/" not in path
    )
    assert "/models/toys/versions/1" in linked(pages["/"])
    assert server.get("/models/toys/versions/2")[0] == 404
    assert server.get("/models/toys/checks?page=9")[0] == 404
    assert server.get("/models/toys/checks?page=x")[0] == 404
    assert server.get("/models/toys/invocations")[0] == 405
    assert server.get("/models/toys/versions/1x")[0] == 404


def test_all_history_is_paged(year: Platform) -> None:
    state = state_of(year)
    for kind in ("checks", "runs"):
        runs: list[str] = []
        first = state.details.history("toys", kind, 1)
        assert first and first["total"] >= DAYS and first["pages"] == -(-first["total"] // 50)
        for page in range(1, first["pages"] + 1):
            history = state.details.history("toys", kind, page)
            assert history
            runs += [row["run"] for row in history["rows"]]
            html = dashboard.history_page(history)
            assert (f"?page={page + 1}" in html) == (page < first["pages"])
            assert (f"?page={page - 1}" in html) == (page > 1)
        assert len(runs) == len(set(runs)) == first["total"] and runs == sorted(runs, reverse=True)
        assert state.details.history("toys", kind, first["pages"] + 1) is None
        assert state.details.history("toys", kind, 0) is None
        assert quickest(lambda kind=kind: state.details.history("toys", kind, 1)) < BUDGET_SECONDS
    versions = dashboard.history_page(state.details.history("toys", "versions", 1) or {})
    assert "/models/toys/versions/1" in linked(versions) and "champion" in versions
    releases = dashboard.history_page(state.details.history("toys", "releases", 1) or {})
    assert "<td>test</td>" in releases and "/models/toys/versions/1" in linked(releases)


def test_a_run_has_a_page_with_its_logs(year: Platform, start: Start) -> None:
    server: Server = start(year, "--no-schedules")
    newest = records.names(year.store, "toys")[0]
    log = Path(year.store.uri) / runs.folder("toys", newest) / "logs/drift.log"
    log.parent.mkdir(exist_ok=True)
    log.write_text("<script>alert(1)</script> 500 rows")
    status, page = server.get(f"/models/toys/runs/{newest}")
    assert status == 200
    assert "&lt;script&gt;alert(1)&lt;/script&gt; 500 rows" in page and "<script" not in page
    assert f"/models/toys/drift/{newest}" in page
    assert server.get("/models/toys/runs/..")[0] == 404
    assert server.get("/models/toys/runs/none")[0] == 404
