"""The trial of a version: it is loaded in a process of its own before a server takes it in.

A model file runs code when it is loaded, and a damaged one may take all memory there is. That has
to end a process that nobody needs, not the one that answers requests. A version that passed is
marked in the store, by the digest of its artifact and the libraries that loaded it, so that a
server starts without a second trial.
"""

from __future__ import annotations

import json
import logging
import os
import resource
import subprocess
import sys
import threading
import traceback
from pathlib import Path
from typing import Any

from training import priority, versions
from training.errors import UserError
from training.store import Store, open_store
from training.versions import Manifest

log = logging.getLogger(__name__)

SECONDS = 120.0
# Of the computer's memory; and what the libraries themselves take of the address space.
SHARE, LEAST_BYTES = 0.75, 4 * 2**30
USER_ERROR, MESSAGE_LENGTH = 3, 500


def assert_loads(store: Store, manifest: Manifest) -> None:
    """Raise UserError unless the version can be loaded here; tried once, then remembered."""
    if is_marked(store, manifest):
        return
    if "sklearn" in sys.modules and threading.active_count() == 1:
        code, output = _try_in_fork(store, manifest)
    else:
        code, output = _try_in_new_process(store, manifest)
    if code != 0:
        raise UserError(_reason(manifest, code, output))
    try:
        mark(store, manifest)
    except OSError as error:
        # A full disk refuses no version that is fit; it is tried again at the next start.
        log.warning("that version %s was tried is not kept: %s", manifest["version"], error)


def is_marked(store: Store, manifest: Manifest) -> bool:
    """True if the artifact was loaded with the libraries that are installed."""
    try:
        libraries = json.loads(store.read(_key(manifest)))
    except (KeyError, ValueError):
        return False
    return libraries == versions.installed_libraries()


def mark(store: Store, manifest: Manifest) -> None:
    """Remember that the version was loaded here."""
    store.write(_key(manifest), json.dumps(versions.installed_libraries()).encode())


def run(store: Store, manifest: Manifest) -> None:
    """Load the version and, if it has an input example, hold its answer against it."""
    from training import predictor
    from training.endpoint import example
    from training.serving import answers, requests

    loaded = predictor.load(store, manifest)
    input_example = manifest.get("example")
    if input_example is not None:
        body = json.dumps({"instances": [input_example["inputs"]]}).encode()
        inputs = requests.parse(requests.JSON, body, loaded.columns)
        labels, scores = answers.predict(loaded, inputs)
        answer = {"predictions": labels.tolist(), "scores": [float(score) for score in scores]}
        example.check(input_example, answer)


def _key(manifest: Manifest) -> str:
    return f"models/{manifest['model']}/trials/{manifest['artifact']['sha256']}.json"


def _try_in_new_process(store: Store, manifest: Manifest) -> tuple[int, str]:
    """The exit code and the last words of a new process."""
    command = [sys.executable, "-m", __name__, store.uri, manifest["model"]]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[2]), *sys.path[1:]]),
    }
    try:
        process = subprocess.run(
            [*command, str(manifest["version"])],
            capture_output=True, text=True, timeout=SECONDS, env=environment,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return 1, f"it took longer than {SECONDS:g} s"
    return process.returncode, process.stderr


def _try_in_fork(store: Store, manifest: Manifest) -> tuple[int, str]:
    """The same in a fork of this process, which has the libraries already."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        with os.fdopen(writing, "w") as output:
            code = _try(store, manifest, output)
        os._exit(code)
    os.close(writing)
    timer = threading.Timer(SECONDS, os.kill, (child, 9))
    timer.start()
    with os.fdopen(reading) as stream:
        output = stream.read()
    _, status = os.waitpid(child, 0)
    timer.cancel()
    return os.waitstatus_to_exitcode(status), output


def _try(store: Store, manifest: Manifest, stream: Any) -> int:
    try:
        _limit()
        run(store, manifest)
    except UserError as error:
        print(error, file=stream)
        return USER_ERROR
    except BaseException:  # whatever a model file does ends here
        print(traceback.format_exc(), file=stream)
        return 1
    return 0


def _limit() -> None:
    """Let this process have most of the computer's memory, and no more; requests come first."""
    priority.lower()
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    most = max(int(memory * SHARE), LEAST_BYTES)
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard != resource.RLIM_INFINITY:
        most = min(most, hard)
    resource.setrlimit(resource.RLIMIT_AS, (most, hard))
    score = Path("/proc/self/oom_score_adj")
    if score.exists():  # if the kernel has to end a process for its memory, then this one
        score.write_text("1000")


def _reason(manifest: Manifest, code: int, output: str) -> str:
    subject = f"version {manifest['version']} of model {manifest['model']!r}"
    lines = [line for line in output.strip().splitlines() if line.strip()]
    if code == USER_ERROR:
        return f"{subject} is not fit: {' '.join(lines)[-MESSAGE_LENGTH:]}"
    last = lines[-1][-MESSAGE_LENGTH:] if lines else "it said nothing"
    end = f"was ended by signal {-code}" if code < 0 else "failed"
    return (
        f"{subject} cannot be loaded here: the process that tried it {end} ({last}); it is not put "
        "in service"
    )


def main(store: str, model: str, version: str) -> int:
    """Try one version; the exit code says how it went."""
    opened = open_store(store)
    return _try(opened, versions.manifest(opened, model, int(version)), sys.stderr)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
