"""How a workflow signs in at Azure: "Configuring OpenID Connect in Azure", docs.github.com."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.service import serving
from training.clients import azure


def test_a_workflow_asks_for_its_assertion_with_its_own_token(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """And not with a password of a netrc file."""
    file = tmp_path / "netrc"
    file.write_text("machine 127.0.0.1 login somebody password secret")
    monkeypatch.setenv("NETRC", str(file))
    with serving() as service:
        service.answers, service.content = [(200, {})], b'{"value": "assertion"}'
        monkeypatch.setenv(azure.ASSERTION_URL, service.address)
        monkeypatch.setenv(azure.ASSERTION_TOKEN, "token")
        assert azure._assertion() == "assertion"
        (request,) = service.requests
    assert request["authorization"] == "Bearer token"
