"""The processor for those who wait: work that nobody waits for steps back."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

NICENESS = 5


def lower(niceness: int = NICENESS) -> None:
    """Let other processes have the processor first, from now on and in all children.

    Linux may share processors out among sessions before it looks at processes (sched(7), "The
    autogroup feature"): what leads a session of its own has that step back too.
    """
    os.nice(niceness)
    if os.getsid(0) == os.getpid():
        with suppress(OSError):  # not Linux, or one without such groups
            Path("/proc/self/autogroup").write_text(str(niceness))
