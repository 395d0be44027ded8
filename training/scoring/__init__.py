"""Serving in a cloud's own scikit-learn container: one module per target around `Scorer`.

A container is told by its environment what it serves; without a version it answers that none
is released yet.
"""

MODEL, VERSION, DIGEST = "MLOPS_MODEL", "MLOPS_VERSION", "MLOPS_SHA256"
# The compiled predictor's digest; without it the estimator serves.
COMPILED = "MLOPS_COMPILED_SHA256"
