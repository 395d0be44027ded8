"""SageMaker's jobs on this computer: a real process in the file contract of the service.

Inputs are files under ``/opt/ml``, which stands in the job's own folder here; outputs go to S3
when the process ends. Sources:
https://docs.aws.amazon.com/sagemaker/latest/dg/build-your-own-processing-container.html
https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-algo.html
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import tarfile
from pathlib import Path
from typing import Any

from tests import warm
from tests.clouds import aws_clients
from tests.project import REPOSITORY

Json = dict[str, Any]

BASE = "/opt/ml"
# What the image has is what this environment has; the code package is put before all of it.
PIP = """\
#!/bin/sh
test "$1 $2" = "install --quiet" || exit 64
exec python -m zipfile -e "${3%\\[aws\\]}" "$JOB_SITE"
"""
PASSED = ("AWS_ENDPOINT_URL", "AWS_SECRET_ACCESS_KEY", "OMP_NUM_THREADS")


class JobFailedError(Exception):
    """The service's reason for a job's failure."""


def run_processing(request: Json, folder: Path, region: str) -> None:
    """Run a Processing job: CreateProcessingJob as `request`. Raises JobFailedError.

    Every instance runs the same command on all inputs, and knows from a file which of them it is;
    what each leaves goes to the same address.
    """
    count = request["ProcessingResources"]["ClusterConfig"]["InstanceCount"]
    hosts = [f"algo-{number}" for number in range(1, count + 1)]
    for host in hosts:
        place = folder if count == 1 else folder / host
        base = place / BASE.lstrip("/")
        for entry in request["ProcessingInputs"]:
            source = entry["S3Input"]
            _download(_s3(request), source["S3Uri"], _local_path(source["LocalPath"], base))
        resources = base / "config/resourceconfig.json"
        resources.parent.mkdir()
        resources.write_text(json.dumps({"current_host": host, "hosts": hosts}))
        app = request["AppSpecification"]
        outputs = [output["S3Output"] for output in request["ProcessingOutputConfig"]["Outputs"]]
        for output in outputs:
            _local_path(output["LocalPath"], base).mkdir(parents=True)
        command = [*app["ContainerEntrypoint"], *app["ContainerArguments"]]
        _run(command, request, place, region, "message")
        for output in outputs:
            _upload(_s3(request), _local_path(output["LocalPath"], base), output["S3Uri"])


def run_training(request: Json, name: str, folder: Path, region: str) -> str:
    """Run a Training job and return where its packed model is. Raises JobFailedError."""
    base = folder / BASE.lstrip("/")
    for channel in request["InputDataConfig"]:
        source = channel["DataSource"]["S3DataSource"]["S3Uri"]
        _download(_s3(request), source, base / "input/data" / channel["ChannelName"])
    parameters = {key: _placed(value, base) for key, value in request["HyperParameters"].items()}
    config = base / "input/config"
    config.mkdir(parents=True)
    (config / "hyperparameters.json").write_text(json.dumps(parameters))
    (base / "model").mkdir()
    image = request["AlgorithmSpecification"]
    command = [*image["ContainerEntrypoint"], *image["ContainerArguments"]]
    _run(command, request, folder, region, "failure")
    archive = f"{request['OutputDataConfig']['S3OutputPath']}/{name}/output/model.tar.gz"
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as packed:
        packed.add(base / "model", ".")
    _put(_s3(request), archive, buffer.getvalue())
    return archive


def _run(command: list[str], request: Json, folder: Path, region: str, reason: str) -> None:
    base, site, programs = folder / BASE.lstrip("/"), folder / "site", folder / "bin"
    site.mkdir()
    programs.mkdir()
    (programs / "pip").write_text(PIP)
    (programs / "pip").chmod(0o755)
    path = os.pathsep.join([str(programs), str(warm.programs()), "/usr/bin", "/bin"])
    environment = {
        **{name: os.environ[name] for name in PASSED if name in os.environ},
        "AWS_REGION": region,
        "AWS_ACCESS_KEY_ID": _caller(request),
        "PATH": path,
        "PYTHONPATH": str(site),
        "JOB_SITE": str(site),
        "SAGEMAKER_BASE_DIR": str(base),
    }
    with (folder / "log").open("wb") as log:
        code = subprocess.run(
            [_placed(part, base) for part in command],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        ).returncode
    assert (site / "training").is_dir(), (folder / "log").read_text()
    assert not (REPOSITORY / "opt").exists(), "a job wrote into the checkout"
    if code != 0:
        message_file = base / "output" / reason
        message = (
            message_file.read_text() if message_file.is_file() else (folder / "log").read_text()
        )
        raise JobFailedError(f"AlgorithmError: {message}, exit code: {code}")


def _placed(text: str, base: Path) -> str:
    return text.replace(BASE, str(base))


def _local_path(path: str, base: Path) -> Path:
    return Path(_placed(path, base))


def _caller(request: Json) -> str:
    """The job's role: whoever has it made the call."""
    return request["RoleArn"].rsplit("/", 1)[-1]


def _s3(request: Json) -> Any:
    """The client with which the service moves a job's files: in the name of its role."""
    return aws_clients.client("s3", role=_caller(request))


def _download(client: Any, address: str, folder: Path) -> None:
    """All objects whose keys begin with the address's, as the data type S3Prefix does."""
    bucket, prefix = _split(address)
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    keys = [item["Key"] for page in pages for item in page.get("Contents", [])]
    if not keys:
        raise JobFailedError(f"ClientError: no objects at {address}")
    for key in keys:
        relative_name = key[len(prefix) :].lstrip("/")
        path = folder / (relative_name or key.rsplit("/", 1)[-1])
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(client.get_object(Bucket=bucket, Key=key)["Body"].read())


def _upload(client: Any, folder: Path, address: str) -> None:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            _put(client, f"{address}/{path.relative_to(folder).as_posix()}", path.read_bytes())


def _put(client: Any, address: str, body: bytes) -> None:
    bucket, key = _split(address)
    client.put_object(Bucket=bucket, Key=key, Body=body)


def _split(address: str) -> tuple[str, str]:
    bucket, _, key = address.removeprefix("s3://").partition("/")
    return bucket, key
