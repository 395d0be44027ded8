"""Serving in a cloud's own scikit-learn container: one module per target around `Scorer`.

A container is told by its environment what it serves; without a version it answers that none
is released yet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from training.versions import Manifest

MODEL, VERSION, DIGEST = "MLOPS_MODEL", "MLOPS_VERSION", "MLOPS_SHA256"
# The compiled predictor's digest; without it the estimator serves.
COMPILED = "MLOPS_COMPILED_SHA256"
# A container answers as many requests at once as it has processors, in processes or, on Vertex AI,
# in threads: OpenMP's threads beside them wait for one another. Measured: docs/benchmarks.md,
# "Benchmarks of the clouds' own servers".
THREADS = {"OMP_NUM_THREADS": "1"}


def environment(manifest: Manifest) -> dict[str, str]:
    """The variables by which a container is told to serve a version."""
    digest = (manifest.get("compiled") or {}).get("sha256")
    return {
        MODEL: manifest["model"],
        VERSION: str(manifest["version"]),
        DIGEST: manifest["artifact"]["sha256"],
        **({COMPILED: digest} if digest else {}),
        **THREADS,
    }
