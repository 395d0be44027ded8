"""The types of all code, beside the other tests: pyright takes one core for a minute."""

from __future__ import annotations

import subprocess

from tests.project import REPOSITORY


def test_pyright_finds_nothing() -> None:
    process = subprocess.run(
        [REPOSITORY / ".venv/bin/pyright"], cwd=REPOSITORY, capture_output=True, text=True
    )
    assert process.returncode == 0, process.stdout + process.stderr
