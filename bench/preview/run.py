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
from pathlib import Path

from tests.project import Project
from tests.targets import clouds
from tools.progress import step

PREVIEWS = 5
EMPTY = "name: empty\nruntime: python\n"
ROW = "{:10} {:>8} {:>19}"


def main(names: list[str]) -> None:
    """Print a line per program."""
    with tempfile.TemporaryDirectory(prefix="mlops-bench-") as place:
        with step("an empty program"):
            empty = _empty(Path(place) / "empty")
        print(ROW.format("program", "seconds", "times an empty one"))
        print(ROW.format("empty", f"{empty:.2f}", "1.00"))
        for name in names or clouds.TARGETS:
            with step(f"{name}-dev"):
                seconds = _stack(name, Path(place) / name)
            print(ROW.format(name, f"{seconds:.2f}", f"{seconds / empty:.2f}"))


def _empty(folder: Path) -> float:
    (folder / ".mlops" / "state").mkdir(parents=True)
    (folder / "Pulumi.yaml").write_text(EMPTY)
    (folder / "__main__.py").write_text("")
    project = Project(folder)
    project.pulumi("stack", "init", "empty")
    project.up("empty")
    return _quickest("empty", folder, project.environment())


def _stack(name: str, folder: Path) -> float:
    with clouds.platform(name, folder) as platform:
        platform.up()
        environment = {**platform.project.environment(), **platform.cloud.environment}
        return _quickest(platform.stack, platform.project.path, environment)


def _quickest(stack: str, folder: Path, environment: dict[str, str]) -> float:
    """The seconds of the quickest of some previews."""
    command = ["pulumi", "preview", "-s", stack, "--non-interactive"]
    # The tests spare themselves the list of all packages; a user's preview does not.
    environment = {key: value for key, value in environment.items() if key != "PIP_PATH"}
    found = []
    for _ in range(PREVIEWS):
        started = time.monotonic()
        subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=True)
        found.append(time.monotonic() - started)
    return min(found)


if __name__ == "__main__":
    main(sys.argv[1:])
