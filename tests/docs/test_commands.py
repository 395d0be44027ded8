"""Every command in the documents: parsed by its own program, and really run where that is quick.

The runs are three lives: one on `local`, in a project with another name; one of two local stacks
between which a version travels; one of a cloud's stack on the simulated cloud. `ELSEWHERE` says
which test runs what takes minutes or an account.
"""

from __future__ import annotations

import importlib
import os
import re
import shlex
import shutil
import signal
import subprocess
from functools import cache
from pathlib import Path

import pytest

from tests import warm
from tests.docs.markdown import code_blocks, section
from tests.installed import needs
from tests.project import REPOSITORY, Project
from tests.tables import write_classification
from training import cli

DOCUMENTS = ("README.md", "CONTRIBUTING.md", *sorted(
    str(path.relative_to(REPOSITORY)) for path in (REPOSITORY / "docs").glob("*.md")
))  # fmt: skip
# Programs of others, which need an account or a daemon; parsed by nobody here.
FOREIGN = ("az", "docker", "gcloud", "git", ".venv/bin/pip", "pip")
PROGRAMS = ("make", "mlops", "pulumi", "python", "simcloud", "source", *FOREIGN)
# Commands that prose names without their arguments.
MENTIONS = ("import", "drift compare")
# Where a command of the documents is run that no test of this module runs.
ELSEWHERE = {
    "make": "tests/ci/test_workflows.py (dry), each command of a recipe by a test of its own",
    "mlops replay": "tests/e2e/test_replay.py",
    "mlops import": "tests/contract/test_bundles.py, tests/e2e/test_promotion.py",
    "mlops ui": "tests/serving",
    "pulumi import": "tests/targets/aws/test_job_logs.py",
    "git ls-files": "tests/docs/test_targets.py",
}


def commands() -> dict[str, str]:
    """Every command of the documents, split at `&&`, and the document it stands in."""
    commands: dict[str, str] = {}
    for name in DOCUMENTS:
        text = (REPOSITORY / name).read_text()
        blocks = [body for language, body in code_blocks(text) if language in ("", "sh")]
        prose = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
        lines = "\n".join(blocks).replace("\\\n", " ").splitlines()
        for line in (*lines, *re.findall(r"`([^`\n]+)`", prose)):
            for part in re.sub(r"\s+#.*", "", line).split(" && "):
                words = part.split()
                while words and re.fullmatch(r"[A-Z_]+=\S*", words[0]):
                    words = words[1:]
                if len(words) > 1 and words[0] in PROGRAMS:
                    commands.setdefault(" ".join(words), name)
    return commands


COMMANDS = commands()


def test_the_documents_have_commands() -> None:
    assert len(COMMANDS) > 60, "the documents are read"
    assert {name for name in COMMANDS.values()} >= {"README.md", "docs/stacks.md", "docs/cicd.md"}


def test_what_runs_elsewhere_is_a_command_and_has_its_test() -> None:
    for command, runs in ELSEWHERE.items():
        assert any(f"{known_command} ".startswith(f"{command} ") for known_command in COMMANDS), (
            command
        )
        for path in re.findall(r"tests/[\w/.]+", runs):
            assert (REPOSITORY / path).exists(), path


@pytest.mark.engine
@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_is_parsed_by_its_program(command: str, tmp_path: Path) -> None:
    program, *arguments = shlex.split(command)
    if program == "make":
        shutil.copy(REPOSITORY / "Makefile", tmp_path)
        goals = [word for word in arguments if "=" not in word]
        patterns = (rf"^({goal}|\.venv/\.%):" if "/" in goal else rf"^{goal}:" for goal in goals)
        assert all(re.search(pattern, makefile(), re.M) for pattern in patterns)
        variables = {word.partition("=")[0] for word in arguments if "=" in word}
        assert not [name for name in variables if not re.search(rf"\b{name}\b", makefile())]
    elif program == "mlops":
        parse(arguments)
    elif program == "pulumi":
        words = arguments[: arguments.index("--")] if "--" in arguments else arguments
        names = [word for word in words if re.fullmatch(r"[a-z]+", word)]
        depth = 2 if names[0] in ("stack", "config") and len(names) > 1 else 1
        text = pulumi_help(*names[:depth])
        flags = [word.partition("=")[0] for word in words if word.startswith("-")]
        assert not [flag for flag in flags if not re.search(rf"(^|[\s,]){flag}\b", text)]
    elif program in ("python", "simcloud"):
        module = arguments[1] if program == "python" else "pulumi_simcloud"
        rest = arguments[2:] if program == "python" else arguments
        options = [*rest[:1], "--help"] if module == "pulumi_simcloud" else ["--help"]
        python = str(warm.programs() / "python")
        process = subprocess.run([python, "-m", module, *options], capture_output=True, text=True)
        assert process.returncode == 0, process.stderr
        own_arguments = rest[: rest.index("--")] if "--" in rest else rest
        assert not [
            word for word in own_arguments if word.startswith("--") and word not in process.stdout
        ]
    elif program == "source":
        assert (REPOSITORY / arguments[0]).is_file()
    else:
        assert program in FOREIGN


@cache
def makefile() -> str:
    return (REPOSITORY / "Makefile").read_text()


@cache
def pulumi_help(*names: str) -> str:
    process = subprocess.run(
        ["pulumi", *names, "--help"], capture_output=True, text=True, check=True
    )
    return process.stdout


def parse(arguments: list[str]) -> None:
    """Parse a command line of `mlops`; argparse ends the process for one that it does not take."""
    if " ".join(arguments) in MENTIONS:
        with pytest.raises(SystemExit, match="0"):
            cli._parser(arguments).parse_args([*arguments, "--help"])
        return
    args, rest = cli._parser(arguments).parse_known_args(arguments)
    if hasattr(args, "tool"):
        importlib.import_module(f"tools.{args.tool}.cli")._parser().parse_args(rest)
    else:
        assert not rest, f"unrecognized: {rest}"


def project_in(folder: Path, name: str) -> Project:
    """A project of another name, with the tools that its documents use."""
    project = Project.make(folder)
    shutil.copy(REPOSITORY / "Makefile", folder)
    for part in ("tools", "policy", "requirements"):
        (folder / part).symlink_to(REPOSITORY / part)
    text = (REPOSITORY / "Pulumi.yaml").read_text().replace("name: mlops", f"name: {name}", 1)
    (folder / "Pulumi.yaml").unlink()
    (folder / "Pulumi.yaml").write_text(text)
    return project


def start(project: Project, script: str, **environment: str) -> subprocess.Popen[str]:
    """A script of a document in bash; nobody is there to confirm what Pulumi shows."""
    inherited = project.environment()
    inherited.pop("PULUMI_BACKEND_URL")
    return subprocess.Popen(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=project.path,
        env={**inherited, "PULUMI_SKIP_CONFIRMATIONS": "true", **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def run(project: Project, script: str, codes: tuple[int, ...] = (0,), **environment: str) -> str:
    """What a script prints that has to end with one of the codes."""
    process = start(project, script, **environment)
    output, _ = process.communicate()
    assert process.returncode in codes, f"{script}\n{output[-4000:]}"
    return output


def block(document: str, beginning: str) -> str:
    """The code block of a document that has a line beginning so."""
    text = (REPOSITORY / document).read_text()
    (content,) = (body for _, body in code_blocks(text) if re.search(rf"^{beginning}", body, re.M))
    return content


@pytest.fixture(scope="module")
def renamed(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """README's "Your own model", up to its server, in a project that is called otherwise."""
    project = project_in(tmp_path_factory.mktemp("renamed") / "project", "churn-platform")
    (project.path / "path/to").mkdir(parents=True)
    target = write_classification(project.path / "path/to/table.csv")["data"]["target"]
    table = project.path / "path/to/table.csv"
    head, _, rows = table.read_text().partition("\n")
    columns = ["churned" if name == target else name for name in head.split(",")]
    table.write_text(",".join(columns) + f"\n{rows}")
    script = block("README.md", "pulumi stack init mine")
    before, serving, _ = script.partition(" && mlops -s mine serve")
    assert serving and "pulumi config set" in before
    run(project, before)
    return project


ACTIVE = "source tools/activate\n"


@pytest.mark.engine
def test_your_own_model_is_served_from_a_renamed_project(renamed: Project) -> None:
    file = (renamed.path / "stacks/Pulumi.mine.yaml").read_text()
    assert "churn-platform:data" in file and "mlops:" not in file
    process = start(renamed, f"{ACTIVE}exec mlops -s mine serve", PYTHONUNBUFFERED="1")
    assert process.stdout is not None
    output = ""
    for line in process.stdout:
        output += line
        if "http://" in line:
            break
    os.killpg(process.pid, signal.SIGINT)
    process.communicate()
    assert "http://" in output, output


@pytest.mark.engine
def test_the_daily_commands_of_the_readme(renamed: Project) -> None:
    table = section((REPOSITORY / "README.md").read_text(), "What you see")
    commands = [c for c in re.findall(r"`(mlops [^`]+)`", table) if c in COMMANDS]
    assert {c.split()[1] for c in commands} >= {"status", "history", "promote", "rollback"}
    run(
        renamed,
        f"{ACTIVE}export MLOPS_STACK=mine; mlops status; mlops history; mlops drift",
        (0, 3, 4),
    )
    output = run(renamed, f"{ACTIVE}mlops doctor mine", (0, 1))
    assert "ok       settings" in output, output
    run(renamed, f"{ACTIVE}mlops preview mine")


@pytest.mark.engine
def test_the_commands_on_cost_and_policies(renamed: Project) -> None:
    """On this computer a budget is refused by name; the key that is written is the one read."""
    run(renamed, f"{ACTIVE}{block('docs/policy.md', 'pulumi up --policy-pack')}")
    content = (renamed.path / "stacks/Pulumi.mine.yaml").read_text()
    run(renamed, f"{ACTIVE}{block('docs/cost.md', 'pulumi config set')}")
    output = run(renamed, f"{ACTIVE}pulumi preview", (255, 1))
    assert "mlops:budget" in output and "is not allowed" in output, output
    (renamed.path / "stacks/Pulumi.mine.yaml").write_text(content)


def test_the_commands_of_the_drift_check(tmp_path: Path) -> None:
    project = project_in(tmp_path / "project", "mlops")
    rows = "age,day,color\n" + "".join(f"{n % 50},{n % 20},{'rg'[n % 2]}\n" for n in range(2000))
    for folder in ("last_year", "A", "B"):
        (project.path / folder).mkdir()
        (project.path / folder / "rows.csv").write_text(rows)
    (project.path / "last_week.csv").write_text(rows)
    lines = block("docs/drift.md", "mlops drift compare").splitlines()
    for line in lines:
        if line.startswith(("mlops drift compare", "mlops drift profile")):
            run(project, f"{ACTIVE}{line}", (0, 3, 4))
    assert (project.path / "report.html").exists() and (project.path / "reference.json").exists()


@pytest.mark.engine
@needs("aws")
def test_the_simulated_cloud_is_used_as_its_document_says(tmp_path: Path) -> None:
    project = project_in(tmp_path / "project", "mlops")
    file = "stacks/Pulumi.aws-dev.yaml"
    shutil.copy(REPOSITORY / file, project.path / file)
    script = block("docs/simcloud.md", "simcloud run").replace(
        "/tmp/cloud", str(tmp_path / "cloud")
    )
    serving = next(line for line in script.splitlines() if line.startswith("simcloud serve"))
    # Set-up is this environment's; the server would go on.
    rest = script.replace("make .venv/.simcloud && ", "").replace(serving, "")
    output = run(project, rest)
    assert "sagemaker" in output.lower(), output[-2000:]


@pytest.mark.engine
@needs("aws")
def test_a_missing_sdk_is_named_before_any_resource(tmp_path: Path) -> None:
    project = project_in(tmp_path / "project", "mlops")
    # As where only requirements.txt is installed, which a Python that begins anew finds out.
    shutil.rmtree(project.path / ".venv")
    (project.path / ".venv").symlink_to(REPOSITORY / ".venv")
    (project.path / "sitecustomize.py").write_text(
        "from importlib.machinery import PathFinder\n"
        "find = PathFinder.find_spec\n"
        "PathFinder.find_spec = classmethod(lambda cls, name, *more: None\n"
        "    if name.split('.')[0] == 'pulumi_aws' else find(name, *more))\n"
    )
    file = "stacks/Pulumi.aws-dev.yaml"
    shutil.copy(REPOSITORY / file, project.path / file)
    project.pulumi("stack", "init", "aws-dev")
    output = run(project, f"{ACTIVE}pulumi preview -s aws-dev", (1, 255))
    assert "target 'aws' needs pulumi-aws, which is not installed: make .venv/.aws" in output
    assert "pip install -r requirements/aws.txt" in output and "Traceback" not in output
