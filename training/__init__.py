"""The shared training and drift-check codebase: no Pulumi, no cloud SDK at import.

It runs unchanged on every target: a step takes paths and writes paths, and what differs between
targets (where artifacts, versions and runs live) is behind `training.store` and
`training.registry`, one module per target.
"""

__version__ = "0.1.0"
