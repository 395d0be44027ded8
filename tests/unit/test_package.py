"""The code package: the same bytes from the same files, and a wheel that works."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from components import package

ROOT = Path(__file__).resolve().parents[2]


def test_the_same_files_give_the_same_bytes() -> None:
    files = package.contents(ROOT)
    assert package.build(files) == package.build(dict(files))


def test_every_change_of_name_or_content_changes_the_digest() -> None:
    digests = [
        package.digest(files)
        for files in ({"a": b"1"}, {"a": b"2"}, {"b": b"1"}, {"a": b"", "1": b""}, {"a1": b""})
    ]
    assert len(set(digests)) == len(digests)


def test_the_wheel_runs_steps_without_the_working_tree(tmp_path: Path) -> None:
    files = package.contents(ROOT)
    wheel = tmp_path / package.file_name(package.digest(files))
    wheel.write_bytes(package.build(files))
    program = "import training.cli as c, sys; print(c.__file__); sys.exit(c.main(sys.argv[1:]))"
    process = subprocess.run(
        [
            sys.executable,
            "-P" if sys.version_info >= (3, 11) else "-B",
            "-c",
            program,
            "step",
            "prepare",
            "--help",
        ],
        env={**os.environ, "PYTHONPATH": str(wheel)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert process.returncode == 0, process.stderr
    assert wheel.name in process.stdout and "--holdout" in process.stdout


def test_the_wheel_can_be_installed(tmp_path: Path) -> None:
    files = package.contents(ROOT)
    wheel = tmp_path / package.file_name(package.digest(files))
    wheel.write_bytes(package.build(files))
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*pip, "--target", str(tmp_path / "site"), str(wheel)], check=True)
    assert (tmp_path / "site" / "training" / "pipeline.py").is_file()


def test_an_mlflow_model_gets_the_code_also_from_the_wheel(tmp_path: Path) -> None:
    wheel = tmp_path / "training.whl"
    wheel.write_bytes(package.build(package.contents(ROOT)))
    code = (
        "from pathlib import Path; from training.registry import mlflow_model as model\n"
        "assert '.whl' in model.__file__\n"
        "print(sorted(p.name for p in model._code(Path('out')).glob('c*.py')))"
    )
    process = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(wheel)},
        capture_output=True,
        text=True,
    )
    assert "clock.py" in process.stdout, process.stderr
