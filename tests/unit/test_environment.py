"""The stamps by which an unfinished or moved Python environment is known."""

from __future__ import annotations

import os
from pathlib import Path

import environment
import pytest
from progress import SetupError


class Installer:
    """Stands in for venv, uv and pip: notes what is asked, and fails at one lock if told to."""

    def __init__(self, root: Path) -> None:
        self.root, self.steps, self.fails_at = root, [], ""

    def make_venv(self) -> None:
        self.steps.append("venv")
        for stamp in (self.root / ".venv").glob(".*"):
            stamp.unlink()
        (self.root / ".venv" / "bin").mkdir(parents=True, exist_ok=True)
        (self.root / ".venv" / "bin" / "python").touch()

    def install(self, arguments: list[str | Path]) -> None:
        lock = Path(arguments[-1]).stem
        assert not list((self.root / ".venv").glob(".*")), "a stamp while packages change"
        if lock == self.fails_at:
            raise SetupError(lock)
        if "--editable" not in arguments:
            self.steps.append(lock)


@pytest.fixture
def installer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installer:
    (tmp_path / "requirements").mkdir()
    for name in ("requirements.txt", "requirements/dev.txt", "requirements/aws.txt"):
        (tmp_path / name).write_text("one==1\n")
    fake = Installer(tmp_path)
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    monkeypatch.setattr(environment, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(environment, "PYTHON", tmp_path / ".venv" / "bin" / "python")
    monkeypatch.setattr(environment, "make_venv", fake.make_venv)
    monkeypatch.setattr(environment, "install", fake.install)
    return fake


@pytest.mark.parametrize(("setting", "expected"), [(None, "true"), ("false", "false")])
def test_packages_come_by_the_system_s_certificates(
    setting: str | None, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "uv").touch()
    environments: list[dict[str, str]] = []
    monkeypatch.setattr(environment, "VENV", tmp_path)
    monkeypatch.setattr(environment, "run", lambda command, env: environments.append(env))
    monkeypatch.setenv("PIP_INDEX_URL", "https://packages.example/simple")
    monkeypatch.delenv("UV_SYSTEM_CERTS", raising=False)
    if setting is not None:
        monkeypatch.setenv("UV_SYSTEM_CERTS", setting)
    environment.install(["-r", "requirements.txt"])
    assert [env["UV_SYSTEM_CERTS"] for env in environments] == [expected]


def stamps(installer: Installer) -> set[str]:
    return {path.name for path in (installer.root / ".venv").glob(".*")}


def test_first_and_second_run(installer: Installer) -> None:
    environment.bring_up("local")
    environment.bring_up("dev")
    assert installer.steps == ["venv", "requirements", "dev"]
    assert stamps(installer) == {".local", ".dev"}
    times = [(installer.root / ".venv" / name).stat().st_mtime_ns for name in (".local", ".dev")]
    assert times[0] <= times[1], "make would install dev again"


def test_what_has_a_newer_lock_is_installed_again(installer: Installer) -> None:
    environment.bring_up("dev")
    later = (installer.root / ".venv" / ".dev").stat().st_mtime + 1
    os.utime(installer.root / "requirements" / "dev.txt", (later, later))
    environment.bring_up("local")
    assert stamps(installer) == {".local"}, "make would not install dev again"


def test_dev_alone_brings_local(installer: Installer) -> None:
    environment.bring_up("dev")
    assert installer.steps == ["venv", "requirements", "dev"]


@pytest.mark.parametrize("fails_at", ["dev", "requirements"])
def test_unfinished_environment_is_made_anew(installer: Installer, fails_at: str) -> None:
    environment.bring_up("local")
    installer.fails_at = fails_at
    with pytest.raises(SetupError):
        environment.bring_up("local" if fails_at == "requirements" else "dev")
    assert stamps(installer) == set()
    installer.fails_at, installer.steps = "", []
    environment.bring_up("dev")
    assert installer.steps == ["venv", "requirements", "dev"]


def test_moved_environment_is_made_anew(
    installer: Installer, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment.bring_up("local")
    moved = installer.root.with_name("moved")
    os.rename(installer.root, moved)
    monkeypatch.setattr(environment, "ROOT", moved)
    monkeypatch.setattr(environment, "VENV", moved / ".venv")
    monkeypatch.setattr(environment, "PYTHON", moved / ".venv" / "bin" / "python")
    assert not environment.is_whole()


def test_unknown_name(installer: Installer, capsys: pytest.CaptureFixture[str]) -> None:
    assert environment.main("awss") == 1
    assert "awss" in capsys.readouterr().err
    assert installer.steps == []
