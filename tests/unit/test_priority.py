"""Work beside a server steps back, by itself and with the session that it leads."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import os
from pathlib import Path
from training import priority
before = os.nice(0)
priority.lower(3)
group = Path("/proc/self/autogroup")
print(os.nice(0) - before, group.read_text().split()[-1] if group.exists() else None)
"""


@pytest.mark.parametrize("leads", [True, False])
def test_a_process_steps_back_with_its_own_session_alone(leads: bool) -> None:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    process = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=environment,
        start_new_session=leads, capture_output=True, text=True, check=True,
    )  # fmt: skip
    own, session = process.stdout.split()
    assert own == "3"
    group = Path("/proc/self/autogroup")
    priority = group.read_text().split()[-1] if group.exists() else "None"
    assert session == ("3" if leads and group.exists() else priority)
