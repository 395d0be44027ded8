"""Make `.venv/sagemaker`: the software that serves in SageMaker's scikit-learn image.

    python tools/sagemaker_image.py

Its libraries of machine learning are those of `.venv`. A test starts it; needs a C compiler.
"""

from __future__ import annotations

import shutil
import sys

from environment import PYTHON, VENV, lock_file
from progress import SetupError, run, step

FOLDER = VENV / "sagemaker"
STAMP = FOLDER / ".done"
# As the image's Dockerfile does: the class has had no other name since Python 3.10.
PATCHES = {"_mapping.py": ("collections.Mapping", "collections.abc.Mapping")}


def main() -> int:
    """Make the environment anew; where that fails, say so and leave none."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    try:
        with step("SageMaker's serving software in .venv/sagemaker"):
            _install()
    except SetupError as error:
        shutil.rmtree(FOLDER, ignore_errors=True)
        print(f"{error}\nits test is skipped", file=sys.stderr)
        return 0
    STAMP.touch()
    return 0


def _install() -> None:
    run([PYTHON, "-m", "venv", FOLDER])
    python = FOLDER / "bin" / "python"
    installer = [python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    # Complete, and pinned to what its packages say they do not want: as the image is.
    run([*installer, "--no-deps", "--require-hashes", "-r", lock_file("sagemaker")])
    (packages,) = FOLDER.glob("lib/python*/site-packages")
    for name, (old, new) in PATCHES.items():
        path = packages / "sagemaker_containers" / name
        path.write_text(path.read_text().replace(old, new))
    (libraries,) = VENV.glob("lib/python*/site-packages")
    # Behind its own packages on the path.
    (packages / "machine-learning.pth").write_text(f"{libraries}\n")


if __name__ == "__main__":
    sys.exit(main())
