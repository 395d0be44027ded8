"""Work beside a server steps back, by itself and with the session that it leads."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

# A session that has no group of its own (one begun before groups were on) tells nothing:
# proc_sched_autogroup_show_task in Linux, kernel/sched/autogroup.c.
PROGRAM = """
import os
from pathlib import Path
from training import priority

def of_session():
    group = Path("/proc/self/autogroup")
    return group.read_text().split()[-1:] if group.exists() else []

before, session_before = os.nice(0), of_session()
priority.lower(3)
print(os.nice(0) - before, session_before, of_session(), sep=";")
"""


@pytest.mark.parametrize("leads", [True, False])
def test_a_process_steps_back_with_its_own_session_alone(leads: bool) -> None:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    process = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=environment,
        start_new_session=leads, capture_output=True, text=True, check=True,
    )  # fmt: skip
    own, before, after = process.stdout.strip().split(";")
    assert own == "3"
    assert after == (before if not leads or before == "[]" else "['3']")
