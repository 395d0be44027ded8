"""The code that serves, to be put beside a model: the container installs nothing."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from pathlib import Path

# Where the archive's ``code`` is found in a container.
CODE = "/opt/ml/model/code"
# The environment by which SageMaker's scikit-learn container serves `training.scoring.aws`.
# Without SAGEMAKER_PROGRAM it installs nothing.
SERVING = {
    "SAGEMAKER_SERVING_MODULE": "training.scoring.aws:application()",
    "PYTHONPATH": CODE,
}


def serving_code(wheel: Path | None = None) -> dict[str, bytes]:
    """The files below ``code/``: this package's, or a `wheel`'s."""
    return _packaged(wheel) if wheel else _package_files()


def _package_files() -> dict[str, bytes]:
    package = Path(__file__).resolve().parent.parent
    return {
        path.relative_to(package.parent).as_posix(): path.read_bytes()
        for path in sorted(package.rglob("*.py"))
    }


def _packaged(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as packed:
        names = [name for name in packed.namelist() if name.endswith(".py")]
        return {name: packed.read(name) for name in sorted(names)}


def archive(files: dict[str, bytes]) -> bytes:
    """A ``tar.gz``; the same files always give the same bytes."""
    buffer = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=buffer, mode="wb", mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w") as tar,
    ):
        for name, content in sorted(files.items()):
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            entry.mode = 0o644
            tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()
