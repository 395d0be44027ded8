"""The code package: `training/` as one wheel, named by the hash of its content.

The same files always give the same bytes, so a change of code shows in a preview as one new
digest, and nothing else does.
"""

from __future__ import annotations

import base64
import hashlib
import io
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

from components import targets
from training import __version__

NAME = "mlops_training"
SUFFIXES = (".py", ".html", ".txt")
EPOCH = (1980, 1, 1, 0, 0, 0)
ENTRY_POINTS = "[console_scripts]\nmlops = training.cli:main\n"
# What the steps need. Wide, so that a service's own image keeps the versions that it has.
NEEDS = (
    "joblib",
    "numpy>=1.22",
    "pandas>=1.5",
    "pyarrow>=10",
    "scikit-learn>=1.4",
    "scipy>=1.10",
)
# The folder of built packages, in the folder that the stacks keep their files in.
PACKAGES = ".mlops/code"


def contents(root: Path) -> dict[str, bytes]:
    """The package's files by their path in the wheel, sorted."""
    files = (f for f in (root / "training").rglob("*") if f.suffix in SUFFIXES and f.is_file())
    return {f.relative_to(root).as_posix(): f.read_bytes() for f in sorted(files)}


def digest(files: dict[str, bytes]) -> str:
    """The SHA-256 of names, contents and needs, as hex."""
    total = hashlib.sha256(repr((NEEDS, _extras())).encode())
    for name, content in files.items():
        total.update(f"{name}\0{len(content)}\0".encode())
        total.update(content)
    return total.hexdigest()


def file_name(code: str) -> str:
    """The wheel's file name; the digest is its local version."""
    return f"{NAME}-{_version(code)}-py3-none-any.whl"


def build(files: dict[str, bytes]) -> bytes:
    """The wheel.

    Source: the binary distribution format,
    https://packaging.python.org/en/latest/specifications/binary-distribution-format/
    """
    version = _version(digest(files))
    folder = f"{NAME}-{version}.dist-info"
    files = {
        **files,
        f"{folder}/METADATA": _metadata(version).encode(),
        f"{folder}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{folder}/entry_points.txt": ENTRY_POINTS.encode(),
    }
    lines = [f"{name},sha256={_urlsafe(body)},{len(body)}" for name, body in files.items()]
    files[f"{folder}/RECORD"] = "\n".join([*lines, f"{folder}/RECORD,,", ""]).encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as wheel:
        for name, body in files.items():
            wheel.writestr(zipfile.ZipInfo(name, EPOCH), body, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def unchanged(root: Path, digest_before: str) -> bytes:
    """The wheel; raises ValueError if the files are no longer those of the digest."""
    files = contents(root)
    if digest(files) != digest_before:
        raise ValueError("training/ was changed while the stack came up; run it again")
    return build(files)


def cached_file(root: Path, name: str, make: Callable[[], bytes]) -> Path:
    """A file for an engine that uploads files; `name` has the digest of what `make` gives."""
    path = root / PACKAGES / name
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        staged = path.with_name(f".{path.name}.{os.getpid()}")
        staged.write_bytes(make())
        os.replace(staged, path)
    return path


def _extras() -> dict[str, tuple[str, ...]]:
    """The requirements of each cloud's back ends and of its steps, by the name of the extra."""
    extras = {
        name: needs
        for target in targets.every()
        for name, needs in (
            (target.name, target.wheel_requirements),
            (f"{target.name}-steps", target.step_requirements),
        )
    }
    return {name: needs for name, needs in extras.items() if needs}


def _metadata(version: str) -> str:
    lines = ["Metadata-Version: 2.1", f"Name: {NAME}", f"Version: {version}"]
    lines += [f"Requires-Dist: {need}" for need in NEEDS]
    for extra, needs in _extras().items():
        lines.append(f"Provides-Extra: {extra}")
        lines += [f'Requires-Dist: {need}; extra == "{extra}"' for need in needs]
    return "\n".join([*lines, ""])


def _version(code: str) -> str:
    return f"{__version__}+{code[:12]}"


def _urlsafe(body: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(body).digest()).rstrip(b"=").decode()
