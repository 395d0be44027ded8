"""Find the Pulumi engine, or get it, and print the folder to put on PATH.

    python tools/engine.py

In this order: a supported `pulumi` on PATH, the cache, the official release, the pinned Go
modules of `tools/engine_modules/`. Only the Python standard library; progress goes to standard
error. The cache is `$MLOPS_CACHE`, or `mlops-platform` in `$XDG_CACHE_HOME` or `~/.cache`.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import engine_sources
from progress import SetupError, step

VERSION = engine_sources.VERSION
EXECUTABLES = ("pulumi", "pulumi-language-python", "pulumi-language-python-exec")


def cache_folder() -> Path:
    """The folder, outside the project, that engines are kept in."""
    setting = os.environ.get("MLOPS_CACHE")
    if setting:
        return Path(setting).expanduser().absolute()
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser().absolute() / "mlops-platform"


def _answer(command: list[str]) -> str | None:
    """Everything a command prints, or None if it does not run to a good end."""
    env = {**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "1"}
    try:
        process = subprocess.run(
            command, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return process.stdout + process.stderr if process.returncode == 0 else None


def problem_with(folder: Path) -> str | None:
    """The reason that the engine in `folder` cannot be used; None if it can.

    Supported are the pinned version and later ones of the same major version.
    """
    absent = [name for name in EXECUTABLES if not shutil.which(name, path=str(folder))]
    if absent:
        return f"{folder} has no {' and no '.join(absent)}"
    text = _answer([str(folder / "pulumi"), "version"])
    match = re.search(r"v?(\d+)\.(\d+)\.(\d+)", text or "")
    if not match:
        return f"{folder / 'pulumi'} does not tell its version"
    version = tuple(int(part) for part in match.groups())
    pinned = tuple(int(part) for part in VERSION.split("."))
    if version < pinned or version[0] != pinned[0]:
        allowed = f"{VERSION} or a later {pinned[0]}.x"
        return f"{folder / 'pulumi'} is version {'.'.join(match.groups())}, wanted is {allowed}"
    if _answer([str(folder / "pulumi-language-python"), "-help"]) is None:
        return f"{folder / 'pulumi-language-python'} does not run"
    return None


def on_path(problems: list[str]) -> Path | None:
    """The folder of a usable `pulumi` on PATH. Adds what is wrong with another to `problems`."""
    executable = shutil.which("pulumi")
    if not executable:
        problems.append("PATH: no pulumi on it")
        return None
    folder = Path(executable).absolute().parent
    problem = problem_with(folder)
    if problem:
        problems.append(f"PATH: {problem}")
        return None
    return folder


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock file; the system frees it if this process is killed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            with step("waiting for another set-up to finish with the engine"):
                fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def cached(home: Path) -> Path | None:
    """The folder of the cached engine, if there is a whole one; a broken one is removed."""
    if not home.exists():
        return None
    problem = problem_with(home / "bin")
    if problem is None:
        return home / "bin"
    with step(f"removing a broken engine ({problem})"):
        shutil.rmtree(home)
    return None


def install(home: Path, problems: list[str]) -> Path:
    """Get the engine from the first source that has it, and put it at `home` in one move.

    Raises SetupError, naming everything in `problems`, if no source has it.
    """
    work = home.with_name(home.name + ".partial")
    for name, source in engine_sources.SOURCES:
        # The lock is held: whatever is here was left by a set-up that was killed.
        shutil.rmtree(work, ignore_errors=True)
        (work / "bin").mkdir(parents=True)
        try:
            source(work / "bin", cache_folder())
        except SetupError as error:
            problems.append(f"{name}: {error}")
            continue
        problem = problem_with(work / "bin")
        if problem:
            problems.append(f"{name}: {problem}")
            continue
        work.rename(home)
        return home / "bin"
    shutil.rmtree(work, ignore_errors=True)
    raise SetupError(
        f"no Pulumi engine {VERSION} could be had. Tried:\n  - "
        + "\n  - ".join(problems)
        + f"\nInstall Pulumi {VERSION} or later (https://www.pulumi.com/docs/install/) so that it"
        " is on PATH,\nor make one of these sources reachable, then run this again."
    )


def find() -> Path:
    """The folder with a usable engine, got if need be. Raises SetupError."""
    problems: list[str] = []
    executable = on_path(problems)
    if executable:
        return executable
    home = cache_folder() / "engine" / f"v{VERSION}-{engine_sources.platform_name()}"
    try:
        with locked(home.with_name(home.name + ".lock")):
            return cached(home) or install(home, problems)
    except OSError as error:
        raise SetupError(f"cache folder {cache_folder()}: {error.strerror}") from None


def main() -> int:
    try:
        folder = find()
    except SetupError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted; run it again to go on from here", file=sys.stderr)
        return 130
    print(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
