"""From stack to stack: development trains, production serves the same artifact."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pandas as pd
import pytest

from tests.e2e.test_bad_input import assert_refused
from tests.project import Project
from tests.serving.servers import Server
from tests.tables import write_classification
from training.platform import platform_at

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def stacks(cancer_trained: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """`local` has trained; `prod` is up, with a version of its own from half of the table."""
    project = cancer_trained.copy(tmp_path_factory.mktemp("stacks") / "project")
    config = write_classification(project.path / "cancer.csv")
    pd.read_csv(project.path / "cancer.csv").head(300).to_csv(project.path / "half.csv")
    project.stack("prod", {**config, "data": {**config["data"], "location": "half.csv"}})
    project.up("prod")
    assert "nothing to export" in run(project, "-s", "prod", "export", code=3)
    project.mlops("-s", "prod", "retrain")
    return project


@pytest.fixture
def server(stacks: Project) -> Iterator[Server]:
    """The endpoint of production."""
    running = Server(
        platform_at(".mlops/prod", stacks.path), "-s", "prod", "--no-schedules",
        **stacks.environment(),
    )  # fmt: skip
    yield running
    running.stop()


def test_the_champion_of_one_stack_is_served_by_another(stacks: Project, server: Server) -> None:
    digest = stacks.json("status")["champion"]["digest"]
    bundle = stacks.json("export", "--out", "champion.tar")
    assert (bundle["version"], bundle["artifact"]) == (1, digest)
    into = ("-s", "prod", "import", "champion.tar", "--sha256", bundle["sha256"])

    registered = stacks.json(*into)
    assert registered["registered"] and registered["origin"]["stack"] == "local"
    assert registered["version"] == 2 and registered["artifact"]["sha256"] == digest
    assert stacks.json("-s", "prod", "status")["champion"]["version"] == 1

    released = stacks.json(*into, "--promote")
    assert not released["registered"] and released["release"]["served"] is True
    assert released["release"]["why"] == "from version 1 of stack local"
    version = server.get("/models/cancer/version")[1]
    assert (version["version"], version["digest"]) == (2, digest)

    # What was taken back stays so, however often the same artifact comes.
    assert "version 1 of 'cancer' is the champion" in stacks.mlops(
        "-s", "prod", "rollback", "--why", "bad"
    )
    assert "its release is left as it is" in stacks.mlops(*into, "--promote")
    assert server.get("/models/cancer/version")[1]["version"] == 1
    assert [v["version"] for v in stacks.json("-s", "prod", "versions")] == [1, 2]

    output = stacks.mlops("-s", "prod", "promote", "1", "--from", "local", "--why", "good again")
    assert "version 2 of 'cancer' is the champion, was version 1" in output
    assert server.get("/models/cancer/version")[1]["digest"] == digest


def test_a_bundle_that_was_tampered_with_leaves_production_as_it_is(stacks: Project) -> None:
    bundle_file = stacks.path / "good.tar"
    stacks.mlops("export", "1", "--out", str(bundle_file))
    content = bundle_file.read_bytes()
    middle = len(content) // 2
    (stacks.path / "bad.tar").write_bytes(content[:middle] + b"?" + content[middle + 1 :])
    prod = stacks.path / ".mlops/prod"
    before = sorted(prod.rglob("models/**/*"))
    for command, message in (
        (("import", "bad.tar", "--promote"), "is damaged"),
        (("import", "none.tar"), "no such file"),
        (("import", "good.tar", "--sha256", "0" * 64), "has SHA-256"),
        (
            ("promote", "9", "--from", "local", "--why", "x"),
            "has no version 9; registered versions: 1",
        ),
        (("promote", "1", "--from", "staging", "--why", "x"), "stack 'staging' is not up"),
        (("promote", "x", "--why", "x"), "VERSION: 'x' is not allowed"),
        (("promote", "1"), "--why: None is not allowed; allowed: the reason"),
        (("rollback", "--why", " "), "--why: ' ' is not allowed; allowed: the reason"),
        (("promote", "1", "--resume"), "VERSION: '1' is not allowed with --resume"),
        (("export", "1", "--out", "no/where.tar"), "--out: 'no/where.tar' can't be written"),
    ):
        assert_refused(stacks, message, "-s", "prod", *command)
    assert sorted(prod.rglob("models/**/*")) == before


def run(project: Project, *arguments: str, code: int) -> str:
    """What a command printed that ends with an exit code of its own."""
    process = subprocess.run(
        [sys.executable, "-m", "training.cli", *arguments],
        cwd=project.path, env=project.environment(), capture_output=True, text=True,
    )  # fmt: skip
    assert process.returncode == code, process.stderr
    return process.stdout + process.stderr
