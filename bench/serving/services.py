"""The scoring code behind the clouds' own servers, beside the services' samples.

    python -m bench.serving.services [--cache FOLDER] [--rounds 3] [--seconds 5]

The servers are those that the tests start (`make .venv/sagemaker/.done .venv/azureml/.done`), with
as many workers as said; all serve the same estimator, and take turns. Of SageMaker's, one captures
every request in the container, to a stand-in for S3 on this computer.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

from moto.server import (
    ThreadedMotoServer,  # pyright: ignore[reportAttributeAccessIssue]
)

from bench.serving.run import (
    HERE,
    ROOT,
    Contender,
    body_of,
    median_of,
    processor_seconds,
    put_load,
    run_server,
    write_section,
)
from bench.serving.stack import MODEL, make
from training import versions
from training.compiled import FILE
from training.endpoint.azure_deployments import SCORE_PY
from training.endpoint.azure_requests import WORKERS
from training.platform import Platform
from training.scoring import THREADS, environment
from training.scoring.aws_capture import PERCENT, URI
from training.scoring.bundle import serving_code

HEADING = "# Benchmarks of the clouds' own servers"
BUCKET = "captures"
CORES = os.cpu_count() or 1
LONE, MANY = "1 client", f"{4 * CORES} clients"
LOADS = {LONE: 1, MANY: 4 * CORES}
# sagemaker-containers 2.8.6.post2, ``_server.py``.
GUNICORN = ["-m", "gunicorn", "--timeout", "60", "-b", "127.0.0.1:PORT", "--worker-class", "sync"]


def main() -> None:
    """Run all turns and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--cache", type=Path, default=Path(tempfile.gettempdir()) / "services-bench"
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=5)
    args = parser.parse_args()
    shutil.rmtree(args.cache, ignore_errors=True)
    root = args.cache / "stack"
    root.mkdir(parents=True)
    store = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    store.start()
    try:
        contenders = _contenders(make(root), args.cache, store.get_host_and_port()[1])
        turns: dict[str, list[dict[str, Any]]] = {name: [] for name in contenders}
        for number in range(args.rounds):
            for name, contender in contenders.items():
                turns[name].append(_turn(contender, root, args.seconds))
                print(f"round {number + 1}: {name}", file=sys.stderr)
    finally:
        store.stop()
    _write(turns, args)


def _contenders(platform: Platform, cache: Path, port: int) -> dict[str, Contender]:
    """The servers by what the page calls them."""
    manifest = versions.manifest(platform.store, MODEL, 1)
    model, code = cache / "model", cache / "code"
    model.mkdir()
    for key, name in (("artifact", "model.joblib"), ("compiled", FILE)):
        (model / name).write_bytes(platform.store.read(manifest[key]["key"]))
    (model / "result.json").write_text(json.dumps(manifest))
    for name, content in {**serving_code(), "score.py": SCORE_PY}.items():
        (code / name).parent.mkdir(parents=True, exist_ok=True)
        (code / name).write_bytes(content)
    version = {**environment(manifest), "SM_MODEL_DIR": str(model), "PYTHONPATH": str(code)}
    address = f"http://127.0.0.1:{port}"
    access = {
        "AWS_ENDPOINT_URL": address,
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    _bucket(access)
    captured = {**version, **access, URI: f"s3://{BUCKET}/models/{MODEL}", PERCENT: "100"}
    application = "training.scoring.aws:application()"
    sample = {"SM_MODEL_DIR": str(model), "PYTHONPATH": str(HERE / "peers")}
    asset = {**version, "AZUREML_MODEL_DIR": str(cache), "AML_APP_ROOT": str(code)}
    script, peer = str(code / "score.py"), str(HERE / "peers" / "azure_sample.py")
    flat = {"AZUREML_MODEL_DIR": str(model)}
    every_thread = dict.fromkeys(THREADS, str(CORES))
    return {
        "SageMaker's: this project": _sagemaker("aws", application, version),
        "the same, capturing every request": _sagemaker("aws-captured", application, captured),
        "SageMaker's: AWS's sample": _sagemaker("aws-sample", "sagemaker_sample:app", sample),
        f"Azure ML's: this project, {CORES} workers": _azureml("azure", script, asset, CORES),
        "the same, 1 worker (the service's default)": _azureml("azure-1", script, asset, 1),
        f"Azure ML's: Azure's sample, {CORES} workers": _azureml("azure-s", peer, flat, CORES),
        "Vertex AI's container: this project": _vertex("vertex", asset),
        "the same, with OpenMP's threads": _vertex("vertex-threads", {**asset, **every_thread}),
    }


def _bucket(access: dict[str, str]) -> None:
    import boto3

    client = boto3.client(
        "s3",
        endpoint_url=access["AWS_ENDPOINT_URL"],
        region_name=access["AWS_DEFAULT_REGION"],
        aws_access_key_id=access["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=access["AWS_SECRET_ACCESS_KEY"],
    )
    client.create_bucket(Bucket=BUCKET)


def _sagemaker(name: str, application: str, variables: dict[str, str]) -> Contender:
    python = ROOT / ".venv" / "sagemaker" / "bin" / "python"
    command = [python, *GUNICORN, "--workers", str(CORES), application]
    return Contender(name, command, "instances", environment=variables)


def _azureml(name: str, script: str, variables: dict[str, str], workers: int) -> Contender:
    server = ROOT / ".venv" / "azureml" / "bin" / "azmlinfsrv"
    command = [server, "--entry_script", script, "--port", "PORT"]
    variables = {**variables, WORKERS: str(workers)}
    return Contender(name, command, "instances", "/score", environment=variables)


def _vertex(name: str, variables: dict[str, str]) -> Contender:
    """The project's own server; the image around it has none."""
    program = (
        "import os; from pathlib import Path; from training.scoring.gcp import Server; "
        "from training.scoring.scorer import load; "
        "Server(load(Path(os.environ['SM_MODEL_DIR']), os.environ), os.environ).serve_forever()"
    )
    python = ROOT / ".venv" / "azureml" / "bin" / "python"
    variables = {**variables, "AIP_PREDICT_ROUTE": "/predict"}
    command = ["env", "AIP_HTTP_PORT=PORT", python, "-c", program]
    return Contender(name, command, "instances", "/predict", environment=variables)


def _turn(contender: Contender, root: Path, seconds: float) -> dict[str, Any]:
    """One start of a server, and every load on it."""
    turn: dict[str, Any] = {}
    with run_server(contender, root) as (url, start_seconds, pid):
        turn["start_seconds"] = start_seconds
        for name, clients in LOADS.items():
            before, begin = processor_seconds(pid), time.perf_counter()
            turn[name] = put_load(url, body_of(root, contender.shape, 1), clients, seconds)
            wall = time.perf_counter() - begin
            turn[name]["busy"] = (processor_seconds(pid) - before) / wall / CORES
    return turn


def _write(turns: dict[str, list[dict[str, Any]]], args: argparse.Namespace) -> None:
    (args.cache / "results.json").write_text(json.dumps(turns, indent=1))
    write_section(HEADING, "\n".join(_lines(turns, args)))


def _lines(turns: dict[str, list[dict[str, Any]]], args: argparse.Namespace) -> list[str]:
    return [
        HEADING,
        "",
        f"Made by `make bench-services` on {date.today()}, {CORES} cores ({platform.machine()}), "
        f"Python {platform.python_version()}; load {os.getloadavg()[0]:.1f} at the end.",
        "",
        "The model of the flights (boosted trees, 16 columns), one row a request, in the same file "
        f"for all; {CORES} workers unless said. Contenders take turns; medians of {args.rounds} "
        f"rounds of {args.seconds:g} s. Connections are made anew for each request, as these "
        "servers want it, but for Vertex AI's. *Busy* is the share of the machine's processors "
        f"that the server had with {MANY}, with the start of the load's own process.",
        "",
        f"| | first answer, s | {LONE}: p50 ms | p99 ms | {MANY}: requests/s | p99 ms | busy |",
        "| --- | --- | --- | --- | --- | --- | --- |",
        *(
            f"| {name} | {median_of(rounds, 'start_seconds'):.1f} "
            f"| {median_of(rounds, LONE, 'p50_ms'):.2f} | {median_of(rounds, LONE, 'p99_ms'):.2f} "
            f"| {median_of(rounds, MANY, 'per_second'):,.0f} "
            f"| {median_of(rounds, MANY, 'p99_ms'):.1f} | {median_of(rounds, MANY, 'busy'):.0%} |"
            for name, rounds in turns.items()
        ),
    ]


if __name__ == "__main__":
    main()
