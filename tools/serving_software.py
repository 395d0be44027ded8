"""Make `.venv/NAME`: software of others that the scoring code is tested with.

    python tools/serving_software.py sagemaker|azureml|triton

`sagemaker` is what serves in SageMaker's scikit-learn image, `azureml` the inference server of
online deployments; they have the libraries of machine learning of `.venv` beside them. `triton` is
a client of the Open Inference Protocol. Tests start them.
"""

from __future__ import annotations

import shutil
import sys
from importlib.metadata import distribution
from pathlib import Path

from environment import PYTHON, VENV, lock_file
from packaging.requirements import Requirement
from progress import SetupError, run, step

# What scores a request, with what these need; a curated environment has no Arrow.
LIBRARIES = ("scikit-learn", "pandas")

# What needs a C compiler, and is patched as the image's Dockerfile does: the class has had no other
# name since Python 3.10.
PATCHES = {
    "sagemaker": {
        "sagemaker_containers/_mapping.py": ("collections.Mapping", "collections.abc.Mapping")
    },
    "azureml": {},
    "triton": {},
}
CLIENTS = ("triton",)


def main(name: str) -> int:
    """Make the environment anew; where that fails, say so and leave none."""
    folder = VENV / name
    shutil.rmtree(folder, ignore_errors=True)
    try:
        with step(f"software to test with in .venv/{name}"):
            _install(name)
    except SetupError as error:
        shutil.rmtree(folder, ignore_errors=True)
        print(f"{error}\nits test is skipped", file=sys.stderr)
        return 0
    (folder / ".done").touch()
    return 0


def _install(name: str) -> None:
    folder = VENV / name
    run([PYTHON, "-m", "venv", folder])
    python = folder / "bin" / "python"
    installer = [python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    # Complete, and pinned to what its packages say they do not want: as the image is.
    run([*installer, "--no-deps", "--require-hashes", "-r", lock_file(name)])
    (packages,) = folder.glob("lib/python*/site-packages")
    for file, (old, new) in PATCHES[name].items():
        path = packages / file
        path.write_text(path.read_text().replace(old, new))
    if name not in CLIENTS:
        _link(packages)


def _link(packages: Path) -> None:
    """Put `.venv`'s libraries of machine learning beside the packages, which go first."""
    names, linked = list(LIBRARIES), set()
    while names:
        library = distribution(names.pop())
        if library.name in linked:
            continue
        linked.add(library.name)
        for part in {path.parts[0] for path in library.files or () if path.parts[0] != ".."}:
            if not (packages / part).exists():
                (packages / part).symlink_to(str(library.locate_file(part)))
        needs = (Requirement(text) for text in library.requires or ())
        names += [need.name for need in needs if not need.marker or need.marker.evaluate()]


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in PATCHES:
        sys.exit(f"usage: serving_software.py {'|'.join(PATCHES)}")
    sys.exit(main(sys.argv[1]))
