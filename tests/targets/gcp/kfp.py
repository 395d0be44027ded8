"""KFP's own schema of a pipeline spec, in a process of its own.

Its messages and the engine's cannot be in one process: both bring ``google.rpc.Status``.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

PROGRAM = """
import json, sys
from google.protobuf import json_format
from kfp.pipeline_spec import pipeline_spec_pb2 as kfp
spec = json.load(sys.stdin)
try:
    json_format.ParseDict(spec, kfp.PipelineSpec())
    # Executors stand in an open structure there, so they are parsed alone.
    json_format.ParseDict(spec["deploymentSpec"], kfp.PipelineDeploymentConfig())
except json_format.ParseError as error:
    print(error)
"""


def refusal(spec: dict[str, Any]) -> str:
    """Why KFP does not read the spec; empty if it does."""
    process = subprocess.run(
        [sys.executable, "-c", PROGRAM], input=json.dumps(spec), capture_output=True, text=True
    )
    assert process.returncode == 0, process.stderr
    return process.stdout
