"""The entry of SageMaker's Processing and Training jobs.

    python -m training.jobs.aws [--when=FIELD:FOLDER] [--after=FOLDER] [--part] STEP [--name=value]

A Processing job whose condition does not hold (`--when`), or whose earlier step was skipped
(`--after`), marks its output as skipped and ends well. With `--part` the step does the part of this
instance among all of the job's.

A Processing job gives the step's arguments on its command line; a Training job gives them as
hyperparameters, with one more, ``results``: the address that ``result.json`` is also written to,
since all else that a Training job writes is packed in one archive
(https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-algo.html,
https://docs.aws.amazon.com/sagemaker/latest/dg/build-your-own-processing-container.html).
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tarfile
import tempfile
from pathlib import Path

from training.captures.part import Part
from training.pipeline import RESULT, flags
from training.runs.aws_steps import SKIPPED
from training.runs.warm import run_step
from training.store.aws import located

BASE = "SAGEMAKER_BASE_DIR"
HYPERPARAMETERS = "input/config/hyperparameters.json"
# This instance and all of a Processing job's: ``current_host`` and ``hosts`` ("How Amazon SageMaker
# AI Configures Your Processing Container", in the developer guide).
RESOURCES = "config/resourceconfig.json"
MODEL_ARCHIVE = "model.tar.gz"
RESULTS = "results"
OUT = "--out="
# Where each kind of job leaves the reason of its failure, of which the service keeps 1024 bytes.
FAILURE, MESSAGE = "output/failure", "output/message"
LONGEST_REASON = 1024


def main(argv: list[str]) -> int:
    """Run the step that the job is for; the job's exit code."""
    parser = argparse.ArgumentParser(prog="training.jobs.aws", description=__doc__)
    parser.add_argument("--when", action="append", default=[], metavar="FIELD:FOLDER")
    parser.add_argument("--after", action="append", default=[], type=Path, metavar="FOLDER")
    parser.add_argument("--part", action="store_true")
    parser.add_argument("step")
    parser.add_argument("arguments", nargs=argparse.REMAINDER)
    options = parser.parse_args(argv)
    step, arguments = options.step, options.arguments
    base = Path(os.environ.get(BASE, "/opt/ml"))
    if (base / HYPERPARAMETERS).is_file():
        return _training(base, step)
    if not _is_due(options.when, options.after):
        out = next(Path(a.removeprefix(OUT)) for a in arguments if a.startswith(OUT))
        # An output without a file could not be mounted by the jobs that come after.
        (out / SKIPPED).write_text("a step before was skipped, or a condition did not hold\n")
        print(f"{step} is skipped: a condition did not hold")
        return 0
    if options.part:
        arguments = [f"--part={_part(base)}", *arguments]
    with tempfile.TemporaryDirectory() as folder:
        unpacked_arguments = [_unpack(argument, Path(folder)) for argument in arguments]
        return run_step(step, unpacked_arguments, lambda reason: _tell(base / MESSAGE, reason))


def _is_due(conditions: list[str], after: list[Path]) -> bool:
    """True if every ``FIELD:FOLDER`` holds, and no step in the folders was skipped."""
    pairs = [condition.split(":", 1) for condition in conditions]
    folders = [*after, *(Path(folder) for _, folder in pairs)]
    if any((folder / SKIPPED).exists() for folder in folders):
        return False
    return all(json.loads((Path(folder) / RESULT).read_text())[field] for field, folder in pairs)


def _part(base: Path) -> Part:
    """The part of this instance."""
    resources = json.loads((base / RESOURCES).read_text())
    hosts = sorted(resources["hosts"])
    return Part(hosts.index(resources["current_host"]) + 1, len(hosts))


def _training(base: Path, step: str) -> int:
    hyperparameters: dict[str, str] = json.loads((base / HYPERPARAMETERS).read_text())
    results, out = hyperparameters.pop(RESULTS), Path(hyperparameters["out"])
    code = run_step(step, flags(hyperparameters), lambda reason: _tell(base / FAILURE, reason))
    if code == 0:
        store, key = located(results)
        store.write(f"{key}/{RESULT}", (out / RESULT).read_bytes())
    return code


def _unpack(argument: str, folder: Path) -> str:
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
