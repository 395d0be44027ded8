"""Pages in a real browser: axe-core finds nothing wrong, and they keep themselves true.

A headless Chromium loads them from a server here, without a driver: a page of the test's own opens
each in a frame, looks, and writes what it saw into its own text. Its time is virtual, so waiting
takes none.
"""

from __future__ import annotations

import html
import importlib.util
import json
import re
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.console.browsers import Browser
from tests.serving.platforms import record_drift_check
from tests.serving.test_dashboard import keep_report
from tools import screenshots
from training.drift.report import LINKS, NEXT, NEXT_END
from training.monitoring import drift_checks
from training.platform import Platform
from training.serving import try_page
from training.serving.dashboard import report_page

BROWSER = next(filter(None, map(shutil.which, screenshots.BROWSERS)), None)
needs_browser = pytest.mark.skipif(BROWSER is None, reason="no Chromium is on PATH")
SECONDS = 120
# Milliseconds of the browser's virtual time.
BUDGET = 120_000
REPORT = (
    f"<!doctype html><html lang='en'><title>a report</title><main>{LINKS}<h1>Drift</h1>{NEXT}<p>a "
    f"prophecy</p>{NEXT_END}</main></html>"
)
LOOK = """
const seen = [];
const axe = await (await fetch("/axe.js")).text();
for (const width of [1440, 375]) for (const path of PATHS) {
  const frame = document.createElement("iframe");
  frame.width = width; frame.height = 900; frame.src = path;
  await new Promise((loaded) => { frame.onload = loaded; document.body.append(frame); });
  const inside = frame.contentWindow, script = inside.document.createElement("script");
  script.textContent = axe;
  inside.document.head.append(script);
  const result = await inside.axe.run(inside.document, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"],
  });
  seen.push({
    path, width, checks: result.passes.length,
    dark: inside.matchMedia("(prefers-color-scheme: dark)").matches,
    scrolls: inside.document.documentElement.scrollWidth > inside.innerWidth,
    violations: result.violations.map((v) => `${v.id}: ${v.nodes[0].html}`),
  });
  frame.remove();
}
return seen;
"""
FOLLOW = """
const wait = (seconds) => new Promise((over) => setTimeout(over, 1000 * seconds));
const frame = document.createElement("iframe");
frame.src = "/";
await new Promise((loaded) => { frame.onload = loaded; document.body.append(frame); });
const page = frame.contentDocument, link = page.querySelector("main a");
const banner = page.getElementById("connection");
link.focus();
frame.contentWindow.getSelection().selectAllChildren(page.querySelector("h1"));
const state = () => ({
  title: page.title, focused: page.activeElement === link, same: frame.contentDocument === page,
  selected: frame.contentWindow.getSelection().toString(),
  banner: banner.hidden ? "" : banner.textContent,
});
const seen = [state()];
for (const step of ["drift", "gone", "back"]) {
  await fetch(`/now/${step}`);
  await wait(12);
  seen.push(state());
}
return seen;
"""

# The path, to the status and the content of its answer.
Pages = Callable[[str], tuple[int, str]]


@contextmanager
def serve(pages: Pages) -> Iterator[str]:
    """The address of a server of `pages`."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, content = pages(self.path)
            self.send_response(status)
            kind = "text/javascript" if self.path.endswith(".js") else "text/html"
            self.send_header("content-type", f"{kind}; charset=utf-8")
            self.end_headers()
            self.wfile.write(content.encode())

        def log_message(self, *_: object) -> None:
            """Nothing."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=http.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{http.server_address[1]}"
    finally:
        http.shutdown()
        http.server_close()
        thread.join()


def results_of(pages: Pages, script: str, profile: Path, *options: str) -> list[dict[str, Any]]:
    """What `script` returned in the browser, which sees `pages`."""
    driver = (
        "<!doctype html><body><pre id=seen></pre><script>(async () => {" + script + "})()"
        ".catch((error) => ({ error: String(error) })).then((seen) => {"
        "document.getElementById('seen').textContent = JSON.stringify(seen); })</script>"
    )
    with serve(lambda path: (200, driver) if path == "/driver" else pages(path)) as url:
        process = subprocess.run(
            [
                str(BROWSER), "--headless", "--no-sandbox", "--disable-gpu", *options,
                f"--user-data-dir={profile}", f"--virtual-time-budget={BUDGET}", "--dump-dom",
                f"{url}/driver",
            ],
            capture_output=True, text=True, timeout=SECONDS,
        )  # fmt: skip
    match = re.search(r'<pre id="seen">(.*?)</pre>', process.stdout, re.S)
    assert match and match[1], process.stdout[-2000:] + process.stderr[-2000:]
    results = json.loads(html.unescape(match[1]))
    assert isinstance(results, list), results
    return results


@pytest.fixture
def contents(browser: Browser, stack: Platform) -> dict[str, str]:
    """Every kind of page, by its path."""
    record_drift_check(stack, ["size"], version=2, effect=0.3)
    run = drift_checks(stack.store, "toys").records()[-1]["run"]
    keep_report(stack, run, REPORT)
    paths = [
        "/", "/models/toys/versions/2", "/models/toys/releases", "/models/toys/versions",
        "/models/toys/checks", "/models/toys/runs", "/models/toys/drift/none",
    ]  # fmt: skip
    contents = {path: browser.get(path).text for path in paths}
    for action, subject in (("promote", "3"), ("rollback", ""), ("silence", "drift")):
        path = f"/models/toys/act/{action}"
        contents[path] = browser.get(path, subject=subject).text
    answer = browser.act("silence", "drift", hours="4")
    contents["/jobs/1"] = browser.get(answer.headers["location"]).text
    contents["/try"] = try_page.page("toys", 2, {"size": 1.5, "age": 3}, "http://127.0.0.1")[0]
    contents["/report"] = report_page(REPORT, browser.console.state.details.response("toys", run))
    return contents


@needs_browser
@pytest.mark.skipif(
    importlib.util.find_spec("axe_core_python") is None, reason="axe-core is not installed"
)
@pytest.mark.parametrize("options", [(), ("--force-dark-mode",)], ids=["light", "dark"])
def test_axe_finds_nothing_wrong(
    contents: dict[str, str], tmp_path: Path, options: tuple[str, ...]
) -> None:
    spec = importlib.util.find_spec("axe_core_python")
    assert spec and spec.origin
    axe = (Path(spec.origin).parent / "axe.min.js").read_text(encoding="utf-8")
    # A fault of each level, to see that it would be found: A, then AA.
    bad_page = (
        "<!doctype html><html lang='en'><title>bad</title><main><img src='data:,'>"
        "<p style='color: #ddd; background: #fff'>faint</p></main></html>"
    )
    pages = {**contents, "/bad": bad_page, "/axe.js": axe}
    script = f"const PATHS = {json.dumps([*contents, '/bad'])};{LOOK}"
    results = results_of(
        lambda path: (200, pages[path]) if path in pages else (404, ""),
        script, tmp_path / "profile", *options,
    )  # fmt: skip
    assert len(results) == 2 * (len(contents) + 1)
    assert {page["dark"] for page in results} == {bool(options)}
    for page in results:
        if page["path"] == "/bad":
            assert {text.partition(":")[0] for text in page["violations"]} == {
                "image-alt", "color-contrast"
            }  # fmt: skip
            continue
        assert page["violations"] == [], page
        assert page["checks"] > 5 and not page["scrolls"], page


@needs_browser
def test_the_dashboard_follows_without_a_reload(
    browser: Browser, stack: Platform, tmp_path: Path
) -> None:
    is_gone = False

    def pages(path: str) -> tuple[int, str]:
        nonlocal is_gone
        if path.startswith("/now/"):
            is_gone = path.endswith("gone")
            if path.endswith("drift"):
                record_drift_check(stack, ["size"], version=2)
            return 200, ""
        return (503, "starting") if is_gone else (200, browser.get("/").text)

    calm, drifted, unreachable_page, back = results_of(pages, FOLLOW, tmp_path / "profile")
    assert "drift" not in calm["title"] and calm["focused"] and calm["selected"] == "local"
    assert drifted["title"].startswith("(1) drift") and drifted["banner"] == ""
    assert re.match(r"Not connected since \d\d:\d\d:\d\d UTC", unreachable_page["banner"])
    assert unreachable_page["title"].startswith("not connected: ")
    assert back["banner"] == "" and back["title"] == drifted["title"]
    for state in (drifted, unreachable_page, back):
        assert state["same"] and state["focused"] and state["selected"] == "local", state
