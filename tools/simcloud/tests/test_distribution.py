"""The simulated cloud as a distribution: what it imports, its README, a missing cloud."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from pulumi_simcloud.catalog import CLOUDS

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "pulumi_simcloud"
README = (ROOT / "README.md").read_text()
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def imports(file: Path) -> Iterator[str]:
    """The top-level modules that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]


def declared() -> set[str]:
    """The distributions that pyproject.toml names."""
    text = (ROOT / "pyproject.toml").read_text()
    # Python 3.10 reads no TOML: these tables hold nothing but lists of texts.
    table = r"^(?:dependencies|aws|azure|gcp) = (\[.*?\])$"
    lists = re.findall(table, text, re.MULTILINE | re.DOTALL)
    requirements = [name for names in lists for name in json.loads(names)]
    return {re.split(r"[\[<>=~; ]", name)[0].replace("_", "-").lower() for name in requirements}


def test_it_imports_what_it_declares_and_nothing_else() -> None:
    providers = packages_distributions()
    for file in PACKAGE.rglob("*.py"):
        for module in set(imports(file)) - set(sys.stdlib_module_names) - {"pulumi_simcloud"}:
            distributions = {name.replace("_", "-").lower() for name in providers.get(module, ())}
            assert distributions & declared(), f"{file.relative_to(ROOT)} imports {module}"


def test_its_tests_import_nothing_of_the_repository_around_it() -> None:
    own = {path.stem for path in (ROOT / "tests").glob("*")} | {"pulumi_simcloud"}
    providers = packages_distributions()
    for file in (ROOT / "tests").rglob("*.py"):
        for module in set(imports(file)) - set(sys.stdlib_module_names) - own:
            assert module in providers, f"{file.relative_to(ROOT)} imports {module}"
            assert "mlops-platform" not in providers[module]


def alone(folder: Path, *without: str) -> Path:
    """A copy of the package, in which the folders of some clouds are missing."""
    shutil.copytree(PACKAGE, folder / PACKAGE.name, ignore=shutil.ignore_patterns("__pycache__"))
    for package in without:
        shutil.rmtree(folder / PACKAGE.name / "catalog" / CLOUDS[package][0])
    return folder


def python(folder: Path, code: str) -> str:
    """What Python prints that sees the copy in a folder before any other."""
    environment = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-c", code]
    process = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True)
    assert process.returncode == 0, process.stderr
    return process.stdout.strip()


SERVED = """
import pulumi_simcloud.catalog as catalog
from pathlib import Path
from pulumi_simcloud.harness import SimCloud
assert Path(catalog.__file__).is_relative_to(Path.cwd()), catalog.__file__
with SimCloud(Path("cloud")) as cloud:
    print(",".join(catalog.clouds()), cloud.environment["PULUMI_DEBUG_PROVIDERS"].count(":"))
    print(sorted({token.split(":")[0] for token in catalog.catalog()}))
"""


@pytest.mark.parametrize("package_removed", CLOUDS)
def test_a_removed_cloud_breaks_no_other(package_removed: str, tmp_path: Path) -> None:
    other_clouds = [package for package in CLOUDS if package != package_removed]
    lines = python(alone(tmp_path, package_removed), SERVED).splitlines()
    assert lines == [f"{','.join(other_clouds)} 2", str(sorted(other_clouds))]


@pytest.mark.parametrize("package", CLOUDS)
def test_a_missing_sdk_breaks_no_other_cloud(package: str, tmp_path: Path) -> None:
    """Nothing of a cloud is imported if what it needs is not installed."""
    modules = CLOUDS[package][1]
    hidden = f"""
import importlib.abc, importlib.util, sys
class Hidden(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {modules}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Hidden())
real = importlib.util.find_spec
def find_spec(name, *more):
    return None if name.split(".")[0] in {modules} else real(name, *more)
importlib.util.find_spec = find_spec
"""
    other_clouds = [name for name in CLOUDS if name != package]
    lines = python(alone(tmp_path), hidden + SERVED).splitlines()
    assert lines == [f"{','.join(other_clouds)} 2", str(sorted(other_clouds))]


def run(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """A script of the README in a folder, without what the pip line there installs."""
    variables = {key: value for key, value in os.environ.items() if not key.startswith("PULUMI_")}
    environment = {**variables, "PULUMI_SKIP_UPDATE_CHECK": "1", "HOME": str(folder)}
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    return subprocess.run(
        ["bash", "-euxc", script], cwd=folder, env=environment, capture_output=True, text=True
    )


def write_files(folder: Path) -> dict[str, list[str]]:
    """Writes the README's files; its scripts, by the word behind `sh`."""
    scripts: dict[str, list[str]] = {}
    for language, name, text in BLOCK.findall(README):
        if language == "sh":
            scripts.setdefault(name, []).append(text)
        elif name:
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(text)
    return scripts


@pytest.mark.engine
def test_the_readmes_example_runs_as_it_is_written(tmp_path: Path) -> None:
    install, script = write_files(tmp_path)[""]
    assert install.startswith("pip install")
    process = run(script, tmp_path)
    assert process.returncode == 0, process.stdout + process.stderr
    assert "aws:s3/bucket:Bucket  store-" in process.stdout
    assert "aws:iam/role:Role  steps-" in process.stdout


@pytest.mark.engine
@pytest.mark.skipif(
    shutil.which("pulumi-language-yaml") is None, reason="the engine on PATH has no YAML host"
)
def test_the_readmes_example_in_yaml_runs_as_it_is_written(tmp_path: Path) -> None:
    (script,) = write_files(tmp_path)["yaml"]
    process = run(script, tmp_path)
    assert process.returncode == 0, process.stdout + process.stderr
    assert "aws:sns/topic:Topic  arn:aws:sns:eu-central-1:" in process.stdout


def test_the_readmes_snippet_for_tests_runs(tmp_path: Path) -> None:
    snippets = [text for language, name, text in BLOCK.findall(README) if language == "python"]
    python(alone(tmp_path), snippets[-1])
