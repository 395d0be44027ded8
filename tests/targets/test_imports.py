"""A stack costs the import of its own cloud's SDK and of no other's."""

from __future__ import annotations

import subprocess
import sys

from tests.project import REPOSITORY

SDKS = {"aws": "pulumi_aws", "azure": "pulumi_azure_native", "gcp": "pulumi_gcp"}
# Beside them, what is slow and of no use to a program that only declares resources.
NOT_NEEDED = ("boto3", "botocore", "pandas", "sklearn", "mlflow", "fastapi")
PROGRAM = """
import importlib, sys
from components import endpoint, identity, monitoring, pipeline, registry, retraining
for folder in ("endpoint", "identity", "monitoring", "pipeline", "registry", "retraining"):
    importlib.import_module(f"components.{folder}.{sys.argv[1]}")
for module in ("checks", "platform"):
    importlib.import_module(f"components.targets.{sys.argv[1]}.{module}")
print(*(name for name in sys.argv[2:] if name in sys.modules))
"""


def test_a_target_imports_its_own_sdk_alone(target: str) -> None:
    process = subprocess.run(
        [sys.executable, "-c", PROGRAM, target, *SDKS.values(), *NOT_NEEDED],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    assert process.stdout.split() == [SDKS[target]]
