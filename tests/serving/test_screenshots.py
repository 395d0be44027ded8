"""The pictures of the documents: of each page in each form, where a browser is on PATH."""

from __future__ import annotations

import shutil
import struct
import subprocess
import zlib
from pathlib import Path

import pytest

from tests import warm
from tests.project import REPOSITORY
from tests.serving.platforms import make_platform, register_champion
from tests.serving.servers import variables
from tests.serving.test_dashboard import keep_report, performance
from tools import screenshots
from training.journal import Journal

HAS_BROWSER = any(map(shutil.which, screenshots.BROWSERS))
RUN = "20260101t000000000000-drift-check-0000"


def first_pixel(path: Path) -> tuple[int, int, tuple[int, ...]]:
    """Width, height and the top left pixel of a PNG of eight bits a channel."""
    content, place, packed = path.read_bytes(), 8, b""
    width = height = 0
    while place < len(content):
        size, kind = struct.unpack(">I4s", content[place : place + 8])
        part = content[place + 8 : place + 8 + size]
        if kind == b"IHDR":
            width, height = struct.unpack(">II", part[:8])
        packed += part if kind == b"IDAT" else b""
        place += 12 + size
    return width, height, tuple(zlib.decompress(packed)[1:4])


@pytest.mark.skipif(not HAS_BROWSER, reason=f"none of {screenshots.BROWSERS} is on PATH")
def test_every_page_is_pictured_in_every_form(tmp_path: Path) -> None:
    platform = make_platform(tmp_path)
    register_champion(platform)
    check = {
        "run": RUN, "version": 1, "rows": 500, "when": "2026-01-01T00:00:00Z", "verdict": "drift",
        "drifted": ["size"], "effects": {"size": 0.3}, "performance": performance(0.7),
    }  # fmt: skip
    Journal(platform.store, "models/toys/drift-checks").create(1, check)
    keep_report(platform, RUN, "<!doctype html><title>a report</title><h1>Drift</h1>")
    out = tmp_path / "images"
    process = subprocess.run(
        [warm.programs() / "python", "-m", "tools.screenshots", "--out", str(out)],
        cwd=tmp_path, env=variables(PYTHONPATH=str(REPOSITORY)), capture_output=True, text=True,
    )  # fmt: skip
    assert process.returncode == 0, process.stderr
    names = {f"{page}-{form}.png" for page in ("dashboard", "version", "report")
             for form in ("1440", "375", "dark")}  # fmt: skip
    assert {Path(line).name for line in process.stdout.splitlines()} == names
    assert {path.name for path in out.iterdir()} == names
    for page in ("dashboard", "version"):
        light, phone, dark = (
            first_pixel(out / f"{page}-{form}.png") for form in ("1440", "375", "dark")
        )
        assert (light[0], phone[0], dark[0]) == (1440, 375, 1440)
        assert min(light[2]) > 200 > 60 > max(dark[2])


def test_without_a_browser_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    platform = make_platform(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(screenshots.UserError, match="wanted is one of chromium, "):
        screenshots.take(platform, "toys", tmp_path / "images")
