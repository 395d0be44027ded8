"""CONTRIBUTING on targets: each cloud is taken out as it says, and every place it names exists."""

from __future__ import annotations

import ast
import fnmatch
import itertools
import os
import re
import subprocess
from pathlib import Path

import pytest

from tests import warm
from tests.docs.markdown import section
from tests.installed import CLOUDS
from tests.project import REPOSITORY

GUIDE = (REPOSITORY / "CONTRIBUTING.md").read_text()
# The stack of another cloud that goes on, for each that is taken out.
OTHER_CLOUDS = {name: CLOUDS[number - 1] for number, name in enumerate(CLOUDS)}
# Places that are not there for every target; CONTRIBUTING says when.
SOMETIMES = (
    "tools/destroy/<target>.py", "components/<target>_*.py", "tests/unit/<target>_service.py",
)  # fmt: skip
# Code of the product that branches on a target by its name.
PRODUCT = ("components/", "training/", "tools/", "policy/")
# Rules about resource types of some clouds, and calls of theirs that no other cloud has.
OF_TYPES = ("policy/operations.py", "tools/gateways.py")


def tracked(*arguments: str) -> list[str]:
    command = ["git", "ls-files", *arguments]
    process = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    return process.stdout.splitlines()


def removal(target: str) -> str:
    """The command of CONTRIBUTING that takes out a target."""
    commands = re.findall(r"^git .*", section(GUIDE, "Remove a target"), re.MULTILINE)
    (command,) = (line for line in commands if re.search(rf"\W{target}\W", line))
    return command


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A clone with the files of this working tree, which shares the environment."""
    folder = tmp_path / "checkout"
    git(tmp_path, "clone", "--quiet", "--shared", str(REPOSITORY), str(folder))
    for name in tracked("--cached", "--others", "--exclude-standard"):
        (folder / name).unlink(missing_ok=True)
        if (REPOSITORY / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes((REPOSITORY / name).read_bytes())
    (folder / ".venv").symlink_to(REPOSITORY / ".venv")
    commit(folder)
    return folder


def git(folder: Path, *arguments: str) -> None:
    author = ("-c", "user.name=test", "-c", "user.email=test@example.com")
    command = ["git", "-c", "core.hooksPath=/dev/null", *author, *arguments]
    subprocess.run(command, cwd=folder, check=True)


def commit(folder: Path) -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "--message=as it is")


def run(folder: Path, *command: str) -> str:
    """What a command prints in a checkout, whose own packages are seen first; it has to succeed."""
    foreign = ("PULUMI_", "MLOPS_", "PYTEST")
    inherited = {
        name: value
        for name, value in os.environ.items()
        if name == warm.FOLDER or not name.startswith(foreign)
    }
    environment = {
        **inherited,
        "PULUMI_BACKEND_URL": f"file://{folder}/.mlops/state",
        "PULUMI_CONFIG_PASSPHRASE": "",
        "PULUMI_SKIP_UPDATE_CHECK": "1",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PIP_PATH": os.devnull,
        "PATH": f"{warm.programs()}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": f"{folder}:{folder}/tools/simcloud",
    }
    (folder / ".mlops/state").mkdir(parents=True, exist_ok=True)
    process = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert process.returncode == 0, process.stdout[-5000:] + process.stderr[-5000:]
    return process.stdout


@pytest.mark.engine
@pytest.mark.parametrize("target", CLOUDS)
def test_a_target_is_removed_by_the_command_of_contributing(target: str, checkout: Path) -> None:
    run(checkout, "bash", "-euo", "pipefail", "-c", removal(target))
    assert not (checkout / "components/targets" / target / "__init__.py").exists()
    commit(checkout)
    # Plain assertions: to rewrite them in all files takes longer than the tests.
    pytest_ = ("python", "-m", "pytest", "-q", "--assert=plain", "-p", "no:cacheprovider")
    run(checkout, *pytest_, "--collect-only")
    # Those that name a cloud; the others pass with it or without.
    naming = [
        file for file in tracked("tests/unit/*.py", "tests/setup/*.py") if names_a_cloud(file)
    ]
    present = [file for file in naming if (checkout / file).is_file()]
    run(checkout, *pytest_, *present, "-m", "not engine")
    run(checkout, "python", "-m", "training.cli", "replay", "--prepare")
    run(checkout, "pulumi", "stack", "init", "local", "--non-interactive")
    stacks = ("local", f"{OTHER_CLOUDS[target]}-dev")
    assert "to create" in run(checkout, "pulumi", "preview", "-s", stacks[0], "--non-interactive")
    output = run(checkout, "python", "-m", "tools.preview", stacks[1], "--base", "HEAD")
    assert "no changes" in output


def names_a_cloud(file: str) -> bool:
    text = (REPOSITORY / file).read_text()
    return "CLOUDS" in text or any(name in text.lower() for name in CLOUDS)


def places() -> list[str]:
    """The places that the guide names, with `<target>` in them, one by one."""
    names = re.findall(r"`([^`\n]+)`", section(GUIDE, "Add a target"))
    patterns = [name for name in names if "<target>" in name and "/" in name]
    return [place for name in patterns for place in alternatives(name)]


def lines() -> list[str]:
    """The files that need a line each, one by one: the guide's second table."""
    table = section(GUIDE, "Add a target").partition("| file | line |")[2]
    cells = [row.split("|")[1] for row in table.splitlines() if row.startswith("| ")]
    return [file for name in re.findall(r"`(.+?)`", " ".join(cells)) for file in alternatives(name)]


def alternatives(text: str) -> list[str]:
    """`a{b,c}` as `ab`, `ac`."""
    parts = [part.split(",") for part in re.split(r"\{(.*?)\}", text)]
    parts[::2] = [[",".join(part)] for part in parts[::2]]
    return ["".join(choice) for choice in itertools.product(*parts)]


@pytest.mark.parametrize("target", CLOUDS)
def test_the_guide_names_every_place_of_a_target(target: str) -> None:
    files = tracked()
    patterns = {place: place.replace("<target>", target) for place in places()}
    for place, pattern in patterns.items():
        full_pattern = pattern + "*" if pattern.endswith("/") else pattern
        assert place in SOMETIMES or fnmatch.filter(files, full_pattern), f"{target} has no {place}"
    folders = {str(Path(pattern).parent) for pattern in patterns.values()}
    beside = re.compile(rf"(components|training|tools/\w+)/.*\b{target}(_\w+)?\.py")
    for file in filter(beside.fullmatch, files):
        if not file.startswith("tools/simcloud/"):
            assert str(Path(file).parent) in folders, f"the guide does not name {file}"


@pytest.mark.parametrize("target", CLOUDS)
def test_the_guide_names_every_file_that_needs_a_line(target: str) -> None:
    files = lines()
    for file in files:
        assert target in (REPOSITORY / file).read_text().lower(), f"{file} has no line of {target}"
    names = re.compile(rf"(^|[/_.])({'|'.join(CLOUDS)}|sagemaker|vertex)([/_.]|-)")
    for file in tracked("*.py"):
        if names.search(file) or not file.startswith(PRODUCT) or file.startswith("tools/simcloud/"):
            continue
        tree = ast.walk(ast.parse((REPOSITORY / file).read_text()))
        keyed = any(isinstance(node, ast.Constant) and node.value == target for node in tree)
        assert not keyed or file in (*files, *OF_TYPES), f"the guide does not name {file}"
