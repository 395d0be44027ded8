"""`mlops ui`."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys

from training.platform import default_stack, open_platform


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--port", type=int, default=5000)


def run(args: argparse.Namespace) -> int:
    """Run the MLflow UI on the stack's registry until interrupted."""
    platform = open_platform(args.stack or default_stack())
    print(f"the model registry of {platform.stack!r}: http://127.0.0.1:{args.port}", flush=True)
    command = ["mlflow", "ui", "--backend-store-uri", platform.registry_uri, "--port"]
    return subprocess.call(
        [sys.executable, "-m", *command, str(args.port)],
        env={**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true"},
    )
