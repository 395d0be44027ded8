"""Previews against the real state, as with credentials: here of a stack on a simulated cloud."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.installed import needs
from tests.targets import clouds
from tools.preview.cli import main

pytestmark = [pytest.mark.engine, needs("gcp")]


def test_a_preview_without_a_base_is_of_the_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with clouds.platform("gcp", tmp_path) as platform:
        platform.up()
        for key, value in {**platform.project.environment(), **platform.environment}.items():
            monkeypatch.setenv(key, value)
        monkeypatch.chdir(platform.project.path)
        comment = tmp_path / "comment.md"
        command = [platform.stack, "--format", "markdown", "--out", str(comment)]
        assert main(command) == 0
        assert f"### `{platform.stack}`: no changes\n\nAgainst its state." in comment.read_text()

        changes = {"drift.schedule": "30 4 * * *", "endpoint.instanceType": "n1-standard-8"}
        platform.configure(**changes)
        assert main([*command, "--option=--refresh"]) == 0
        text = comment.read_text()
        assert "TZ=Europe/Berlin 0 6 * * * → TZ=Europe/Berlin 30 4 * * *" in text
        # What an SDK takes for a secret, and is none, is told, and counts.
        assert "`content.instance_type`: `n1-standard-2 → n1-standard-8`" in text
        assert "idle: $80.59 → $320.40 a month" in text and "$0.0752 per retraining" in text
        assert "(secret)" not in text
