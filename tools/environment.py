"""Make or bring up to date the Python environment `.venv`.

    python tools/environment.py NAME     NAME.txt of requirements/, `local` for requirements.txt

Installs a lock file, and with `local` the project itself in editable form. Ends by writing the
stamp file `.venv/.NAME`. While packages change there is no stamp file at all, so an environment
that a killed run left unfinished, or that was moved, is made anew. Standard library only; run it
with a Python that can make virtual environments.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from progress import SetupError, run, step

ROOT = Path(__file__).absolute().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
# The distributions of this checkout, by the lock file that has what they need.
EDITABLE = {"local": ROOT, "simcloud": ROOT / "tools" / "simcloud"}
PIP = [PYTHON, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]


def lock_file(name: str) -> Path:
    return ROOT / ("requirements.txt" if name == "local" else f"requirements/{name}.txt")


def stamp_file(name: str) -> Path:
    return VENV / f".{name}"


def _index() -> dict[str, str]:
    """The package index that pip is configured with, in uv's terms."""
    index = os.environ.get("PIP_INDEX_URL")
    if not index:
        command = [PYTHON, "-m", "pip", "config", "get", "global.index-url"]
        answer = subprocess.run(command, capture_output=True, text=True)  # exit code 1: not set
        index = answer.stdout.strip()
    return {"UV_DEFAULT_INDEX": index} if index else {}


def make_venv() -> None:
    """Make `.venv` with this Python, and the installer uv in it where uv exists for the machine."""
    shutil.rmtree(VENV, ignore_errors=True)
    with step(f"a Python {sys.version.split()[0]} environment in .venv"):
        run([sys.executable, "-m", "venv", VENV])
    with step("the installer uv") as progress:
        try:
            run([*PIP, "--require-hashes", "--no-deps", "-r", lock_file("uv")])
        except SetupError:
            progress.result = "not to be had, pip will do"


def install(arguments: list[str | Path]) -> None:
    """Install with uv, or with pip where uv is not there or is refused what pip may get."""
    uv = VENV / "bin" / "uv"
    if uv.exists():
        # The system's certificates have the one of a company that looks into TLS; uv's own do not.
        # https://docs.astral.sh/uv/reference/environment/#uv_system_certs
        defaults = {**_index(), "UV_SYSTEM_CERTS": "true"}
        env = {**defaults, **os.environ, "UV_LINK_MODE": "copy"}
        command = [uv, "pip", "install", "--quiet", "--python", PYTHON, "--compile-bytecode"]
        try:
            run([*command, *arguments], env=env)
            return
        except SetupError as error:
            print(f"\n  {error}\n  trying pip", end=" ", file=sys.stderr, flush=True)
    run([*PIP, *arguments])


def is_whole() -> bool:
    """True if `.venv` was finished, at its present path."""
    stamp = stamp_file("local")
    return PYTHON.exists() and stamp.exists() and stamp.read_text().strip() == str(ROOT)


def bring_up(name: str) -> None:
    """Install what `name` stands for into a whole `.venv`, made first if it is not."""
    if not is_whole():
        make_venv()
    names = {path.name[1:] for path in VENV.glob(".*") if lock_file(path.name[1:]).exists()}
    # One whose lock file is newer is left to the next run of make that asks for it.
    current = {
        installed
        for installed in names
        if stamp_file(installed).stat().st_mtime_ns >= lock_file(installed).stat().st_mtime_ns
    }
    for installed in names:
        stamp_file(installed).unlink()
    locks = [name] if "local" in names or name == "local" else ["local", name]
    for lock_name in locks:
        lock = lock_file(lock_name)
        count = sum("==" in line for line in lock.read_text().splitlines())
        with step(f"{count} Python packages from {lock.relative_to(ROOT)}"):
            install(["--require-hashes", "-r", lock])
        if lock_name in EDITABLE:
            with step(f"{EDITABLE[lock_name].name}, editable"):
                install(["--no-build-isolation", "--no-deps", "--editable", EDITABLE[lock_name]])
    # `local` first: make wants the others to be newer.
    for installed in sorted(current | set(locks), key=lambda lock_name: lock_name != "local"):
        stamp_file(installed).write_text(f"{ROOT}\n")


def main(name: str) -> int:
    try:
        if sys.version_info < (3, 10):  # noqa: UP036 - run by whatever Python there is
            raise SetupError(f"Python {sys.version.split()[0]} is too old, 3.10 is needed")
        if not lock_file(name).exists():
            raise SetupError(f"{name}: there is no {lock_file(name).relative_to(ROOT)}")
        bring_up(name)
    except SetupError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted; the next run starts anew", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
