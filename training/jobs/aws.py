"""The entry of SageMaker's Processing and Training jobs.

    python -m training.jobs.aws STEP [--name value ...]

A Processing job gives the step's arguments on its command line; a Training job gives them as
hyperparameters, with one more, ``results``: the address that ``result.json`` is also written to,
since all else that a Training job writes is packed in one archive
(https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-algo.html,
https://docs.aws.amazon.com/sagemaker/latest/dg/build-your-own-processing-container.html).
"""

from __future__ import annotations

import json
import os
import sys
import tarfile
import tempfile
from pathlib import Path

from training.pipeline import RESULT, flags
from training.runs.warm import run_step
from training.scoring.bundle import serving_code
from training.store.aws import located

BASE = "SAGEMAKER_BASE_DIR"
HYPERPARAMETERS = "input/config/hyperparameters.json"
MODEL_ARCHIVE = "model.tar.gz"
RESULTS = "results"
# Where each kind of job leaves the reason of its failure, of which the service keeps 1024 bytes.
FAILURE, MESSAGE = "output/failure", "output/message"
LONGEST_REASON = 1024


def main(argv: list[str]) -> int:
    """Run the step that the job is for; the job's exit code."""
    base = Path(os.environ.get(BASE, "/opt/ml"))
    step, *arguments = argv
    if (base / HYPERPARAMETERS).is_file():
        return _training(base, step)
    with tempfile.TemporaryDirectory() as folder:
        given = [_unpacked(argument, Path(folder)) for argument in arguments]
        return run_step(step, given, lambda reason: _tell(base / MESSAGE, reason))


def _training(base: Path, step: str) -> int:
    given: dict[str, str] = json.loads((base / HYPERPARAMETERS).read_text())
    results, out = given.pop(RESULTS), Path(given["out"])
    code = run_step(step, flags(given), lambda reason: _tell(base / FAILURE, reason))
    if code == 0:
        store, key = located(results)
        store.write(f"{key}/{RESULT}", (out / RESULT).read_bytes())
        for name, content in serving_code().items():
            path = out / "code" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    return code


def _unpacked(argument: str, folder: Path) -> str:
    """The argument; one that names the output of a Training job, as a folder with its files."""
    name, separator, value = argument.rpartition("=")
    packed = Path(value) / MODEL_ARCHIVE
    if not packed.is_file():
        return argument
    with tarfile.open(packed) as archive:
        archive.extractall(folder, filter="data")
    return f"{name}{separator}{folder}"


def _tell(path: Path, reason: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(reason[:LONGEST_REASON])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
