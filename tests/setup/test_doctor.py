"""`mlops doctor`: what is there, what is missing, and what to do about it."""

from __future__ import annotations

import json

import pytest

from tests.project import Project
from tests.setup.answers import states
from tools.doctor import checks, cli
from tools.doctor.checks import BAD, GOOD, Check


@pytest.mark.engine
def test_a_local_stack_needs_engine_sdk_settings_and_state(
    cancer: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(cancer.path)
    for key, value in cancer.environment().items():
        monkeypatch.setenv(key, value)
    assert cli.main(["local", "--json"]) == 0
    checks_found = [Check(**fields) for fields in json.loads(capsys.readouterr().out)]
    assert states(checks_found) == dict.fromkeys(("engine", "SDK", "settings", "state"), GOOD)
    (cancer.path / "stacks/Pulumi.other.yaml").write_text("config: {mlops:target: mars}")
    assert cli.main(["other"]) == 1
    output = capsys.readouterr().out
    assert "missing  settings: mlops:target: 'mars' is not allowed" in output
    assert "to do: pulumi login, then pulumi stack init other" in output
    assert "unknown  cloud: not asked: the settings come first" in output
    monkeypatch.setenv("PATH", "")
    assert states([checks._engine()]) == {"engine": BAD}
