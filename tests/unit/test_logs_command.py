"""`mlops logs` of a run on every target, and where a cloud's endpoint keeps its log."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from tests.installed import only
from tests.serving.platforms import make_platform, write_part
from training import cli, runs
from training.backends import backend
from training.platform import Platform
from training.runs.alive import hold

RUN = "20260101t000000000000-training-0000"


@pytest.fixture
def platform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Platform:
    """A stack with a run of two steps."""
    platform = make_platform(tmp_path)
    steps = {"admit": {"status": "succeeded"}, "train": {"status": "failed"}}
    record = {"run": RUN, "model": "toys", "pipeline": "training", "status": "failed",
              "started": "2026-01-01T00:00:00Z", "ended": None, "error": "", "steps": steps,
              "parameters": {}}  # fmt: skip
    folder = runs.folder("toys", RUN)
    platform.store.write(f"{folder}/{runs.RECORD}", json.dumps(record).encode())
    platform.store.write(f"{folder}/logs/admit.log", b"admitted\n")
    platform.store.write(f"{folder}/logs/train.log", b"one\ntwo\n\x1b[31mthree\n")
    monkeypatch.chdir(tmp_path)
    return platform


def test_a_runs_log_names_the_step_of_each_line(
    platform: Platform, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["logs", RUN]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines == ["admit: admitted", "train: one", "train: two", "train: \\x1b[31mthree"]
    assert cli.main(["logs", RUN, "--step", "train", "-n", "2", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document == {"run": RUN, "model": "toys", "steps": {"train": ["two", "\x1b[31mthree"]}}


def test_a_run_is_followed_to_its_end(
    platform: Platform, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(platform.store.uri) / runs.folder("toys", RUN)
    record = json.loads((folder / runs.RECORD).read_text())
    (folder / runs.RECORD).write_text(json.dumps({**record, "status": "running"}))
    (folder / "logs/train.log").write_text("one\nhalf")
    outputs: list[str] = []

    def between(seconds: float) -> None:
        """What the run does between two looks."""
        outputs.append(capsys.readouterr().out)
        with (folder / "logs/train.log").open("a") as log:
            log.write(" a line\n" if len(outputs) == 1 else "end")
        if len(outputs) == 2:
            (folder / runs.RECORD).write_text(json.dumps(record))

    monkeypatch.setattr("training.cli.logs.time.sleep", between)
    with hold(folder):  # the run is alive
        assert cli.main(["logs", RUN, "--follow"]) == 0
    assert outputs == ["admit: admitted\ntrain: one\n", "train: half a line\n"]
    assert capsys.readouterr().out == "train: end\n"
    assert cli.main(["logs", RUN, "-f", "-n", "1", "--step", "train", "--json"]) == 0
    line = json.loads(capsys.readouterr().out)
    assert line == {"run": RUN, "step": "train", "line": "end"}
    assert cli.main(["logs", RUN, "--follow", "--step", "fit"]) == 1
    assert "those that began: admit, train" in capsys.readouterr().err


def test_the_servers_log_is_followed_across_rotations(
    platform: Platform, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(platform.store.uri) / "server"
    folder.mkdir()
    current, seconds = folder / "server.jsonl", iter(range(60))

    def line(message: str, level: str = "info") -> str:
        at = f"2026-01-01T00:00:{next(seconds):02d}.000Z"
        return json.dumps({"at": at, "level": level, "logger": "x", "message": message}) + "\n"

    current.write_text(line("old") + line("before"))
    looks: list[list[str]] = []

    def between(_: float) -> None:
        out = capsys.readouterr().out
        looks.append([text.split(" ", 2)[2] for text in out.splitlines()])
        if len(looks) == 1:
            with current.open("a") as log:
                log.write(line("last of the first file") + line("not shown", "debug"))
            current.rename(folder / "server.jsonl.1")
            current.write_text(line("first of the next") + '{"at": "2026-01-01T00:00:59')
            (folder / "watcher.jsonl").write_text(line("another process"))
        elif len(looks) == 2:
            with current.open("a") as log:
                log.write('.000Z", "level": "info", "message": "in two parts"}\n')
        else:
            raise KeyboardInterrupt

    monkeypatch.setattr("training.cli.logs.time.sleep", between)
    assert cli.main(["logs", "--follow", "-n", "1", "--level", "info"]) == 130
    assert looks == [
        ["before"],
        ["last of the first file", "first of the next", "another process"],
        ["in two parts"],
    ]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["none"], "model 'toys' has no run 'none': mlops runs"),
        ([RUN, "--step", "fit"], "has no step 'fit'; those that began: admit, train"),
        (["--step", "fit"], "mlops logs RUN --step fit"),
        ([RUN, "--level", "error"], "a run's lines have no level"),
        (["-n", "0"], "--lines: 0 is not allowed; allowed: 1 or more"),
    ],
)
def test_what_there_is_not_is_said(
    platform: Platform, capsys: pytest.CaptureFixture[str], arguments: list[str], says: str
) -> None:
    assert cli.main(["logs", *arguments]) == 1
    assert says in capsys.readouterr().err


# Registry, what the endpoint's document has of it, and what the address must lead to.
CLOUDS: dict[str, tuple[str, dict[str, Any], dict[str, str]]] = {
    "aws": (
        "sagemaker://eu-central-1/mlops-dev",
        {"log_group": "/aws/sagemaker/Endpoints/mlops-dev-toys"},
        {
            "host": "eu-central-1.console.aws.amazon.com",
            # The console's own address of a log group: its slashes are encoded twice, % as $.
            "fragment": "logsV2:log-groups/log-group/"
            "$252Faws$252Fsagemaker$252FEndpoints$252Fmlops-dev-toys",
        },
    ),
    "azure": (
        "azureml://subscriptions/s/resourceGroups/g/workspaces/w",
        {"endpoint": "mlops-dev-toys"},
        {
            "host": "ml.azure.com",
            "path": "/endpoints/realtime/mlops-dev-toys/detail",
            "wsid": "/subscriptions/s/resourceGroups/g/providers/"
            "Microsoft.MachineLearningServices/workspaces/w",
        },
    ),
    "gcp": (
        "vertex://projects/p/locations/europe-west4/bucket",
        {"endpoint": "projects/p/locations/europe-west4/endpoints/123"},
        {
            "host": "console.cloud.google.com",
            "path": '/logs/query;query=resource.type="aiplatform.googleapis.com/Endpoint"\n'
            'resource.labels.endpoint_id="123"',
            "project": "p",
        },
    ),
}


@pytest.mark.parametrize("target", only(CLOUDS))
def test_a_clouds_endpoint_has_its_log_in_the_console(
    platform: Platform, target: str, capsys: pytest.CaptureFixture[str]
) -> None:
    registry, part, expected = CLOUDS[target]
    write_part(platform, "toys", "endpoint.json", part)
    document = {**platform.document, "target": target, "registry": registry}
    platform.store.write("platform.json", json.dumps(document).encode())
    address = backend("endpoint", target).log_address(Platform(platform.root, document), "toys")
    url = urlsplit(address)
    parts = {"host": url.netloc, "path": unquote(url.path), "fragment": url.fragment}
    parts |= {name: values[0] for name, values in parse_qs(url.query).items()}
    assert {name: parts[name] for name in expected} == expected
    assert cli.main(["logs"]) == 0
    assert capsys.readouterr().out == f"the log of the endpoint of toys is at {address}\n"
    assert cli.main(["logs", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"log": address}
