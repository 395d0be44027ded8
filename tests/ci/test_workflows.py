"""The pipelines: what they may do, and that every script in them runs."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ci.workflows import ACTIONS, AZURE, GITHUB, Script, actions, jobs, load, scripts
from tests.installed import has
from tests.project import REPOSITORY

SCRIPTS = list(scripts())
# A `gh` that keeps one file per call and knows the comments it is told of.
FAKE_GH = """#!/bin/sh
echo "$@" >> "$CALLS"
case "$*" in
*--paginate*) printf '%s' "$EXISTING";;
*"--jq .body"*) printf '%s' "$BODY";;
*) test -s comment.md;;
esac
"""
FAKE_AZ = "#!/bin/sh\necho subscription\n"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with the Makefile, in which a dry run of make needs nothing installed."""
    for name in ("Makefile", "tools", "requirements", "requirements.txt", "pyproject.toml"):
        (tmp_path / name).symlink_to(REPOSITORY / name)
    for name, text in (("gh", FAKE_GH), ("az", FAKE_AZ)):
        program = tmp_path / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(text)
        program.chmod(0o755)
    (tmp_path / "comment.md").write_text("<!-- mlops preview -->\n")
    (tmp_path / "champion").mkdir()
    for bundle in ("champion.tar", "champion/champion.tar"):
        (tmp_path / bundle).write_bytes(b"a version")
    return tmp_path


def run(script: Script, place: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Runs a script as the services do: bash, ending at the first error."""
    environment = {
        "PATH": f"{place / 'bin'}:{os.environ['PATH']}",
        # Every target is looked up and expanded, nothing is done.
        "MAKEFLAGS": "n",
        "PYTHON": sys.executable,
        "CALLS": str(place / "calls"),
        "EXISTING": "",
        "BODY": "",
        "GITHUB_REPOSITORY": "team/mlops",
        "GITHUB_STEP_SUMMARY": str(place / "summary"),
        "GITHUB_OUTPUT": str(place / "output"),
        "PLACE": str(place),
        **script.environment,
        **more,
    }
    return subprocess.run(
        ["bash", "-e", "-u", "-o", "pipefail", "-c", script.text],
        cwd=place,
        env=environment,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.place)
def test_every_script_runs(script: Script, place: Path) -> None:
    process = run(script, place)
    assert process.returncode == 0, process.stdout + process.stderr
    assert "unbound variable" not in process.stderr


def test_a_target_that_does_not_exist_is_found(place: Path) -> None:
    script = next(script for script in SCRIPTS if script.environment.get("DEPLOYS"))
    faulty_script = Script("broken", script.text, {**script.environment, "DEPLOYS": "deplyo"})
    assert run(faulty_script, place).returncode != 0


def test_the_comment_is_written_once_and_then_edited(place: Path) -> None:
    script = next(script for script in SCRIPTS if "marker=" in script.text)
    run(script, place)
    assert "--method POST repos/team/mlops/issues/7/comments" in (place / "calls").read_text()
    run(script, place, EXISTING="42\n43\n")
    calls = (place / "calls").read_text().splitlines()
    assert "--method PATCH repos/team/mlops/issues/comments/42" in calls[-1]


def test_a_comment_without_a_preview_of_this_revision_says_that_it_is_outdated(place: Path) -> None:
    script = next(script for script in SCRIPTS if "marker=" in script.text)
    comment = place / "comment.md"
    body = "<!-- mlops preview -->\n\n## What this change would do\n\nOf revision `beef`.\n"
    for _ in range(2):
        comment.unlink()
        run(script, place, EXISTING="42\n", BODY=body)
        body = comment.read_text()
        assert body.startswith("<!-- mlops preview -->\n"), "by which it is found again"
        assert body.count("**Outdated**: there is no preview of c0ffee1 (https://github.com/") == 1
        assert body.count("Of revision `beef`.") == 1
    calls = (place / "calls").read_text().splitlines()
    assert "--method PATCH repos/team/mlops/issues/comments/42" in calls[-1]
    comment.unlink()
    assert run(script, place).returncode == 0
    assert "**Outdated**" in comment.read_text()


def test_what_is_imported_is_what_was_exported(place: Path) -> None:
    """The digest goes on by the workflow itself; on Azure DevOps the file is the run's own."""
    scripts = [s for s in SCRIPTS if "import smoke" in s.environment.values()]
    assert [script.place.split()[0] for script in scripts] == ["stack.yml", "gitlab", "azure"]
    for script in scripts:
        is_azure = script.place.startswith("azure")
        arguments = (
            "./champion/champion.tar" if is_azure else "champion.tar --promote --sha256 " + "0" * 64
        )
        output = " ".join(run(script, place).stdout.replace("\\\n", " ").split())
        assert f"import {arguments}" in output, script.place


def test_the_digest_of_the_exported_version_is_told(place: Path) -> None:
    digest = hashlib.sha256(b"a version").hexdigest()
    for beginning, file, line in (
        ("stack.yml run", "output", f"bundle={digest}"),
        ("gitlab dev after", "bundle.env", f"BUNDLE_SHA256={digest}"),
    ):
        script = next(s for s in SCRIPTS if s.place.startswith(beginning) and "sha256sum" in s.text)
        run(script, place)
        assert line in (place / file).read_text()


def images() -> Iterator[str]:
    """The managed images of the targets that anybody may pull."""
    if has("azure"):
        from components.targets.azure import machines

        name, version = machines.IMAGE.split("/environments/")[1].split("/versions/")
        yield f"mcr.microsoft.com/azureml/curated/{name}:{version}"
    if has("gcp"):
        from components.targets.gcp import machines

        yield machines.IMAGE.format(continent="europe")


def test_the_images_that_stacks_name_are_looked_at_by_a_pinned_scanner(place: Path) -> None:
    matrix = jobs(REPOSITORY / ".github/workflows/scheduled.yml")["images"]["strategy"]["matrix"]
    assert set(images()) <= set(matrix["image"])
    for script in (script for script in SCRIPTS if "audit-image" in script.text):
        output = run(script, place).stdout
        assert re.search(r"anchore/grype:v[\d.]+@sha256:[0-9a-f]{64} .registry:\S+:\w+", output)
    without = Script("without", "make audit-image", {"MAKEFLAGS": ""})
    assert "IMAGE: say which" in run(without, place).stderr


@pytest.mark.parametrize("file", GITHUB, ids=lambda file: file.name)
def test_jobs_say_what_they_may(file: Path) -> None:
    assert load(file)["permissions"] == {}
    for name, job in jobs(file).items():
        assert job["permissions"], name


@pytest.mark.parametrize(
    "file", [*GITHUB, *ACTIONS], ids=lambda file: str(file.relative_to(REPOSITORY))
)
def test_actions_are_pinned_by_digest(file: Path) -> None:
    for action in actions(file):
        assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v[\d.]+|\./\.github/\S+", action), action


def test_a_pull_request_has_no_way_to_a_cloud() -> None:
    text = (REPOSITORY / ".github/workflows/pull-request.yml").read_text()
    assert "id-token" not in text and "secrets." not in text
    assert "pull_request_target" not in text
    allowed_permissions = {"contents": "read", "pull-requests": "write"}
    for name, job in jobs(REPOSITORY / ".github/workflows/pull-request.yml").items():
        assert job["permissions"].items() <= allowed_permissions.items()
        if "pull-requests" in job["permissions"]:
            assert name == "comment" and "checkout" not in str(job["steps"])


def test_nobody_holds_a_stored_secret() -> None:
    for file in (*GITHUB, *ACTIONS, *AZURE, REPOSITORY / ".gitlab-ci.yml"):
        assert "secrets." not in file.read_text()


def test_zizmor_finds_nothing() -> None:
    process = subprocess.run(
        ["zizmor", "--offline", str(REPOSITORY / ".github")], capture_output=True, text=True
    )
    assert process.returncode == 0, process.stdout + process.stderr


@pytest.mark.parametrize(("code", "is_well"), [(0, True), (3, True), (4, False), (1, False)])
def test_a_deployment_stops_for_what_does_not_answer_alone(
    tmp_path: Path, code: int, is_well: bool
) -> None:
    """An alarm, exit code 3, is no reason: a new stack has one until its first drift check."""
    mlops = tmp_path / "mlops"
    mlops.write_text(f"#!/bin/sh\nexit {code}\n")
    mlops.chmod(0o755)
    process = subprocess.run(
        ["make", "--old-file=setup", "smoke", "ACTIVATE=true", "STACK=dev"],
        cwd=REPOSITORY,
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
        capture_output=True,
    )
    assert (process.returncode == 0) == is_well
