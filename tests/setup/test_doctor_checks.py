"""What `mlops doctor` asks of this computer, by an engine that answers as one would.

The answers are those of Pulumi's reference: `pulumi version`, and `pulumi stack ls --json`, "a list
of stacks" with the name of each. tests/setup/test_doctor.py has the real engine.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.setup.answers import stack, states
from tests.unit.service import serving
from tools.doctor import checks, cli
from tools.doctor.checks import BAD, GOOD, OPEN, Check, attempt
from tools.doctor.rest import ask

LOCAL: dict[str, Any] = {"mlops:target": "local"}


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Put an engine with these stacks on PATH; `error` is what it says of the backend."""

    def install(*stacks: str, error: str = "") -> Path:
        folder = tmp_path / "bin"
        folder.mkdir(exist_ok=True)
        listed = json.dumps([{"name": name, "current": False} for name in stacks])
        (folder / "pulumi").write_text(
            "#!/bin/sh\n"
            'case "$*" in\n'
            "version) echo v3.999.0 ;;\n"
            f"'stack ls --json --non-interactive') echo '{error}' >&2; echo '{listed}'; "
            f"exit {int(bool(error))} ;;\n"
            '*) echo "$*: unknown" >&2; exit 2 ;;\nesac\n'
        )
        (folder / "pulumi").chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.defpath}")
        return folder

    return install


def test_an_engine_tells_its_version_and_its_place(engine: Callable[..., Path]) -> None:
    folder = engine()
    assert checks._engine() == Check("engine", GOOD, f"v3.999.0 ({folder}/pulumi)")


def test_without_an_engine_one_is_got(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    todo = "make setup && source tools/activate"
    assert checks._engine() == Check("engine", BAD, "no pulumi on PATH", todo)


@pytest.mark.parametrize(
    ("backend", "place"), [(None, "Pulumi Cloud"), ("s3://state", "s3://state")]
)
def test_a_stack_is_looked_for_where_the_engine_is_logged_in(
    engine: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
    backend: str | None,
    place: str,
) -> None:
    monkeypatch.delenv("PULUMI_BACKEND_URL", raising=False)
    if backend:
        monkeypatch.setenv("PULUMI_BACKEND_URL", backend)
    todo = "pulumi login, then pulumi stack init dev"
    engine("other", "dev")
    assert checks._state(stack(LOCAL)) == Check("state", GOOD, place)
    # Part of another name is not the name.
    engine("dev-eu", "my-dev")
    assert checks._state(stack(LOCAL)) == Check("state", BAD, f"no stack 'dev' in {place}", todo)
    engine("dev", error="error: PULUMI_ACCESS_TOKEN\n  must be set " + "x" * 300)
    state = checks._state(stack(LOCAL))
    assert (state.name, state.state, state.todo) == ("state", BAD, todo)
    assert len(state.found) == 200
    assert state.found.startswith("error: PULUMI_ACCESS_TOKEN must be set xxx")


def test_an_sdk_that_is_not_installed_names_how_it_is_got(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # What is no target has settings to mend: their check says so.
    for target in ("local", "mars"):
        assert checks._sdk(target).state == GOOD and checks._sdk(target).found.startswith(
            "pulumi 3"
        )
    missing = checks.metadata.PackageNotFoundError
    monkeypatch.setattr(checks.metadata, "version", lambda name: (_ for _ in ()).throw(missing))
    assert checks._sdk("local") == Check("SDK", BAD, "pulumi is not installed", "make .venv/.local")


def test_a_check_tells_what_a_service_answered() -> None:
    def refuse(error: Exception) -> Check:
        return attempt("rights", "ask", lambda: (_ for _ in ()).throw(error))

    assert attempt("rights", "ask", lambda: "all") == Check("rights", GOOD, "all")
    assert refuse(ValueError("not\n  allowed")) == Check("rights", BAD, "not allowed", "ask")
    assert refuse(KeyError()) == Check("rights", BAD, "KeyError", "ask")
    assert refuse(ValueError("x" * 300)).found == "x" * 200


def test_settings_that_are_wrong_are_told_whole() -> None:
    check = checks._settings(stack({"mlops:target": "mars"}))
    assert (check.state, check.todo) == (BAD, "mend the stack file")
    assert check.found.startswith("mlops:target: 'mars' is not allowed") and "\n" not in check.found


@pytest.mark.parametrize(
    ("arguments", "variable", "name"),
    [
        ([], None, "local"), ([], "late", "late"), (["dev"], "late", "dev"),
        (["-s", "dev"], "late", "dev"), (["--stack", "dev"], None, "dev"),
        (["first", "-s", "second"], None, "first"),
    ],
)  # fmt: skip
def test_the_stack_is_the_one_that_is_named_or_else_that_of_the_shell(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    variable: str | None,
    name: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Pulumi.yaml").write_text("name: mlops\nruntime: python\n")
    monkeypatch.delenv("MLOPS_STACK", raising=False)
    if variable:
        monkeypatch.setenv("MLOPS_STACK", variable)
    assert cli.main(arguments) == 1
    output = capsys.readouterr()
    missing = f"STACK: '{name}' has no file stacks/Pulumi.{name}.yaml; make it: mlops init"
    assert output.err == f"error: {missing}\n" and not output.out


@pytest.fixture
def common(monkeypatch: pytest.MonkeyPatch) -> list[Check]:
    """What is found out of every target."""
    results = [Check("engine", GOOD, "v3"), Check("settings", GOOD, "file")]
    monkeypatch.setattr(cli, "common", lambda stack: iter(results))
    return results


def test_a_cloud_is_asked_once_its_settings_are_right(
    common: list[Check], monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud = type("", (), {"checks": staticmethod(lambda stack: [Check("quotas", GOOD, "24")])})
    monkeypatch.setattr(cli.importlib, "import_module", lambda name: cloud)
    elsewhere = stack({"mlops:target": "elsewhere"})
    assert list(states(cli.all_checks(elsewhere))) == ["engine", "settings", "quotas"]
    # Nor does a lack of something else keep it from being asked.
    common[0] = Check("engine", BAD, "none", "get one")
    assert states(cli.all_checks(elsewhere))["quotas"] == GOOD
    common.insert(0, Check("settings", BAD, "wrong", "mend"))
    assert list(states(cli.all_checks(elsewhere)).items())[-1] == ("cloud", OPEN)
    assert "quotas" not in states(cli.all_checks(elsewhere))
    assert "cloud" not in states(cli.all_checks(stack(LOCAL)))


@pytest.mark.parametrize(("state", "code"), [(GOOD, 0), (OPEN, 0), (BAD, 1)])
def test_only_what_is_missing_fails(
    common: list[Check],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    state: str,
    code: int,
) -> None:
    common.append(Check("state", state, "nothing", "log in"))
    monkeypatch.setattr(cli, "read", lambda root, name: stack(LOCAL))
    assert cli.main([]) == code
    assert capsys.readouterr().out == (
        "ok       engine: v3\nok       settings: file\n"
        f"{state:<8} state: nothing\n           to do: log in\n"
    )
    assert cli.main(["--json"]) == code
    listed = json.loads(capsys.readouterr().out)
    assert listed[2] == {"name": "state", "state": state, "found": "nothing", "todo": "log in"}
    assert len(listed) == 3


def test_settings_under_another_project_name_are_read(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: churn\nruntime: python\n")
    (tmp_path / "stacks").mkdir()
    text = """\
config:
  churn:target: gcp
  gcp:project: p
  mlops:drift: {alpha: 0.1}
  churn:drift: {minRows: 9}
"""
    (tmp_path / "stacks/Pulumi.dev.yaml").write_text(text)
    stack = checks.read(tmp_path, "dev")
    assert (stack.root, stack.name, stack.target) == (tmp_path, "dev", "gcp")
    assert stack.config["mlops:drift"] == {"alpha": 0.1, "minRows": 9}
    assert stack.config["gcp:project"] == "p"
    (tmp_path / "stacks/Pulumi.empty.yaml").write_text("")
    assert checks.read(tmp_path, "empty").target == "local"


def test_each_model_has_the_stack_s_settings_under_its_own() -> None:
    models = {"a": {"drift": {"alpha": 0.2}}, "b": None}
    config = {"mlops:drift": {"alpha": 0.1, "minRows": 9}, "mlops:models": models}
    assert list(stack(config).sections("drift", "endpoint")) == [
        ({"alpha": 0.2, "minRows": 9}, {}), ({"alpha": 0.1, "minRows": 9}, {}),
    ]  # fmt: skip
    assert list(stack({"mlops:endpoint": {"instances": 2}}).sections("endpoint")) == [
        ({"instances": 2},)
    ]


def test_a_request_is_json_with_its_token() -> None:
    with serving() as service:
        service.answers = [(200, {})]
        assert ask(service.address, "a-token", {"a": 1}) == {}
        assert ask(service.address, "a-token") == {}
    heads = [{name.lower(): value for name, value in head.items()} for head in service.requests]
    assert [head["authorization"] for head in heads] == ["Bearer a-token"] * 2
    assert heads[0]["content-type"] == "application/json"
    assert service.bodies == [b'{"a": 1}', b""]
