"""What `pulumi preview` of each cloud stack takes, beside that of an empty Python program.

    python -m bench.preview.run [NAME ...]

Each stack is up on a simulated cloud first, so that the preview has everything to compare. The
quickest of several previews counts: what else the computer does only ever adds.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.project import Project
from tests.targets import clouds
from tools.progress import step

PREVIEWS = 9
EMPTY = "name: empty\nruntime: python\n"
ROW = "{:10} {:>8} {:>19}"


@dataclass(frozen=True)
class Program:
    """A program whose stack is up, and what the engine is run with."""

    stack: str
    folder: Path
    environment: dict[str, str]


def main(names: list[str]) -> None:
    """Print a line per program."""
    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mlops-bench-")))
        with step("an empty program"):
            programs = {"empty": _empty(place / "empty")}
        for name in names or clouds.TARGETS:
            with step(f"{name}-dev up"):
                programs[name] = _stack(stack.enter_context(clouds.platform(name, place / name)))
        times: dict[str, list[float]] = {name: [] for name in programs}
        # In turns, so that what else the computer does meets all of them alike.
        for number in range(PREVIEWS):
            with step(f"previews, round {number + 1} of {PREVIEWS}"):
                for name, program in programs.items():
                    times[name].append(_seconds(program))
    seconds = {name: min(durations) for name, durations in times.items()}
    print(ROW.format("program", "seconds", "times an empty one"))
    for name, least in seconds.items():
        print(ROW.format(name, f"{least:.2f}", f"{least / seconds['empty']:.2f}"))


def _empty(folder: Path) -> Program:
    (folder / ".mlops" / "state").mkdir(parents=True)
    (folder / "Pulumi.yaml").write_text(EMPTY)
    (folder / "__main__.py").write_text("")
    project = Project(folder)
    project.pulumi("stack", "init", "empty")
    project.up("empty")
    return Program("empty", folder, project.environment())


def _stack(platform: clouds.Platform) -> Program:
    platform.up()
    environment = {**platform.project.environment(), **platform.cloud.environment}
    return Program(platform.stack, platform.project.path, environment)


def _seconds(program: Program) -> float:
    """What a preview takes."""
    command = ["pulumi", "preview", "-s", program.stack, "--non-interactive"]
    # The tests spare themselves the list of all packages; a user's preview does not.
    environment = {key: value for key, value in program.environment.items() if key != "PIP_PATH"}
    start = time.monotonic()
    subprocess.run(command, cwd=program.folder, env=environment, capture_output=True, check=True)
    return time.monotonic() - start


if __name__ == "__main__":
    main(sys.argv[1:])
