"""The command line against AWS: refusals in a sentence, and no trace."""

from __future__ import annotations

import json
from pathlib import Path

import boto3
import pytest

from tests.clouds import aws
from training import cli
from training.platform import Platform


@pytest.fixture
def platform(aws_called: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Platform:
    """A stack called `prod` whose address is kept in the project that is worked in."""
    (tmp_path / "Pulumi.yaml").write_text("name: test\n")
    monkeypatch.chdir(tmp_path)
    platform = aws.stack("toys", tmp_path)
    pointer = tmp_path / ".mlops/prod/store"
    pointer.parent.mkdir(parents=True)
    pointer.write_text(f"{platform.store.uri}\n")
    return platform


def test_what_aws_refuses_is_a_sentence(
    platform: Platform, capsys: pytest.CaptureFixture[str]
) -> None:
    boto3.client("sagemaker").delete_pipeline(
        PipelineName=platform.part("toys", "pipelines/training.json")["pipeline"],
        ClientRequestToken="x" * 32,
    )
    assert cli.main(["-s", "prod", "retrain", "--json"]) == 1
    output = capsys.readouterr()
    assert json.loads(output.out)["error"].startswith("AWS: An error occurred (")
    assert "StartPipelineExecution" in output.err and "Traceback" not in output.err


def test_missing_credentials_are_a_sentence(
    platform: Platform, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from training.clients.aws import client

    client.cache_clear()
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    assert cli.main(["-s", "prod", "history"]) == 1
    assert "error: AWS: Unable to locate credentials" in capsys.readouterr().err
    client.cache_clear()


def test_status_of_a_stack_without_an_endpoint(
    platform: Platform, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["-s", "prod", "status"]) == 0
    output = capsys.readouterr().out
    assert "there is none: pulumi up" in output and "INSUFFICIENT_DATA" in output
