"""The server in Vertex AI's container: told by the service's variables, answers as everywhere."""

from __future__ import annotations

import http.client
import io
import json
import os
import socket
import statistics
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import quote

import pandas as pd
import pytest

from tests.clouds import gcp
from tests.clouds.discovery import Server as Service
from tests.clouds.gcp_calls import all_permissions, method, needs
from tests.clouds.vertex import Vertex
from tests.contract.stacks import Gcp
from tests.serving.platforms import ROW
from training import predictor, versions
from training.errors import UserError
from training.registry import gcp_requests
from training.scoring.gcp import DEPLOYED, Server, load
from training.serving.requests import MAX_BYTES


@pytest.fixture
def gcp_called(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with gcp.environment(Vertex(tmp_path_factory.mktemp("gcs"))) as service:
        yield service


@pytest.fixture
def stack(request: pytest.FixtureRequest, gcp_called: Service) -> Gcp:
    return Gcp(request)


@pytest.fixture
def variables(stack: Gcp) -> dict[str, str]:
    """What the container of version 1, deployed for the third time, is told."""
    assert stack.register() == 1
    (version,) = stack.vertex.models.popitem()[1]
    container_variables = {item["name"]: item["value"] for item in version["containerSpec"]["env"]}
    return {
        **container_variables,
        DEPLOYED: "102",
        "AIP_HTTP_PORT": "0",
        "AIP_PREDICT_ROUTE": "/predict",
    }


@pytest.fixture
def address(variables: dict[str, str]) -> Iterator[str]:
    server = Server(load(variables), variables)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def ask(url: str, body: bytes | None, kind: str = "application/json") -> tuple[int, Any]:
    request = urllib.request.Request(url, body, {"content-type": kind})
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_it_answers_as_the_version_does(address: str, stack: Gcp) -> None:
    assert ask(f"{address}/ping", None)[0] == 200
    status, answer = ask(f"{address}/predict", json.dumps({"instances": [ROW, ROW]}).encode())
    assert status == 200
    version = versions.manifest(stack.platform.store, stack.model, 1)
    own_predictor = predictor.load(stack.platform.store, version)
    labels, scores = own_predictor.predict(own_predictor.frame(pd.DataFrame([ROW, ROW])))
    assert answer["predictions"] == labels.tolist()
    assert answer["scores"] == pytest.approx(scores.tolist(), rel=1e-12)
    assert (answer["model"], answer["version"]) == (stack.model, 1)


@pytest.mark.parametrize(
    "path,body,kind,status,says",
    [
        ("predict", b"{}", "application/json", 400, "wrong shape"),
        ("predict", b'{"instances": [{}]}', "application/json", 400, "'size' is missing"),
        ("predict", b"", "application/json", 400, "empty"),
        ("predict", b"a", "image/png", 415, "not supported"),
        ("invocations", b"{}", "application/json", 404, "no path"),
    ],
)
def test_a_bad_request_is_told_what_is_wrong(
    address: str, path: str, body: bytes, kind: str, status: int, says: str
) -> None:
    actual_status, answer = ask(f"{address}/{path}", body, kind)
    assert actual_status == status and says in answer["error"]


def test_a_connection_that_is_kept_waits_for_no_acknowledgement(address: str) -> None:
    client = http.client.HTTPConnection(address.removeprefix("http://"))
    seconds = []
    for _ in range(30):
        start = time.perf_counter()
        client.request("GET", "/ping")
        assert client.getresponse().read()
        seconds.append(time.perf_counter() - start)
    client.close()
    assert statistics.median(seconds) < 0.03, "a delayed acknowledgement takes 40 ms"


def test_a_request_that_is_too_long_is_not_read(address: str) -> None:
    client = http.client.HTTPConnection(address.removeprefix("http://"))
    client.putrequest("POST", "/predict")
    client.putheader("content-length", str(MAX_BYTES + 1))
    client.endheaders()
    answer = client.getresponse()
    assert answer.status == 413 and "bytes allowed" in json.load(answer)["error"]
    client.close()


def test_a_client_that_sends_all_before_it_reads_is_told_that_it_is_too_long(
    address: str,
) -> None:
    # More than the buffers of both sides hold.
    status, answer = ask(f"{address}/predict", bytes(4 * MAX_BYTES))
    assert status == 413 and "bytes allowed" in answer["error"]


def test_a_damaged_version_is_not_served(variables: dict[str, str], stack: Gcp) -> None:
    manifest = versions.manifest(stack.platform.store, stack.model, 1)
    stack.platform.store.write(manifest["artifact"]["key"], b"something else")
    with pytest.raises(UserError, match="is damaged"):
        load(variables)


def test_the_container_may_do_what_it_calls_and_no_more(
    variables: dict[str, str], gcp_called: Service
) -> None:
    """The service logs requests and answers as its own agent."""
    gcp_called.calls.clear()
    body = json.dumps({"instances": [ROW]}).encode()
    assert load(variables).answer("application/json", body).status == 200
    assert needs(gcp_called.calls) == all_permissions("endpoint")


def test_the_container_fetches_its_code_with_python_alone(stack: Gcp, tmp_path: Path) -> None:
    """The command of the container spec, with the metadata server and the bucket played here."""
    requests: list[Any] = []

    def urlopen(request: urllib.request.Request) -> io.BytesIO:
        requests.append(request)
        return io.BytesIO(b'{"access_token": "t"}' if len(requests) == 1 else b"the wheel")

    key = "code/mlops_training-0.1.0+abc-py3-none-any.whl"
    with (
        mock.patch.object(sys, "argv", ["-c", f"gs://bucket/{key}"]),
        mock.patch("urllib.request.urlopen", urlopen),
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.chdir(tmp_path)
        exec(compile(gcp_requests.FETCH, "fetch", "exec"), {})
    assert (tmp_path / key.rsplit("/", 1)[-1]).read_bytes() == b"the wheel"
    token, wheel = requests
    assert token.get_header("Metadata-flavor") == "Google"
    assert wheel.get_header("Authorization") == "Bearer t"
    assert wheel.full_url.endswith(f"/b/bucket/o/{quote(key, safe='')}?alt=media")
    assert needs([method("GET", wheel.full_url)]) <= all_permissions("endpoint")


def test_the_port_is_open_from_the_start_to_the_server(tmp_path: Path) -> None:
    """The service's probe connects to it 4 times within 40 s, or starts the container anew.

    The program of the command is the real one, but for the bucket; pip and the server tell what
    they find: the liveness probe of Google's "Custom container requirements".
    """
    with socket.create_server(("", 0)) as unused:
        port = unused.getsockname()[1]
    programs = tmp_path / "bin"
    programs.mkdir()
    told, python = tmp_path / "told", sys.executable
    connect = f"(: <>/dev/tcp/127.0.0.1/{port})"
    (programs / "pip").write_text(f'#!/bin/bash\n{connect} && echo "pip $@" >> "{told}"\n')
    (programs / "python").write_text(
        f'#!/bin/bash\n[ "$1" = -c ] && exec {python} "$@"\n'
        f'{connect} && echo "python $@" >> "{told}"\n'
        f'{python} -c "import socket; s = socket.socket(fileno=$MLOPS_LISTENER); '
        f'print(s.getsockname()[1])" >> "{told}"\n'
    )
    for program in programs.iterdir():
        program.chmod(0o755)
    fetch = "open('a.whl', 'w').close()\n"
    program = gcp_requests.LISTEN + fetch + gcp_requests.HAND_OVER
    command = ["bash", "-c", gcp_requests.START, program, "gs://bucket/code/a.whl"]
    path = os.pathsep.join([str(programs), "/usr/bin", "/bin"])
    environment = {"PATH": path, "TMPDIR": str(tmp_path), "AIP_HTTP_PORT": str(port)}
    subprocess.run(command, check=True, env=environment)
    install, serve, taken = told.read_text().splitlines()
    assert install.startswith("pip install --quiet /") and install.endswith("/a.whl[gcp]")
    assert serve == "python -m training.scoring.gcp"
    assert taken == str(port)


def test_the_server_takes_over_the_port_without_the_probes_of_before(
    variables: dict[str, str],
) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    early = socket.create_connection(listener.getsockname(), timeout=10)
    variables[gcp_requests.LISTENER] = str(listener.detach())
    with Server(load(variables), variables) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        assert early.recv(1) == b"", "the probe is let go"
        assert ask(f"http://127.0.0.1:{server.server_port}/ping", None)[0] == 200
        server.shutdown()
    early.close()


@pytest.mark.parametrize("cloud", ["aws", "gcp"])
def test_a_container_needs_no_more_than_scikit_learn(cloud: str) -> None:
    """Of images whose libraries are not this project's choice: no Arrow, no ONNX, no MLflow."""
    absent = "pyarrow", "onnxruntime", "mlflow"
    code = f"import sys; sys.modules.update(dict.fromkeys({absent!r})); import training.scoring."
    subprocess.run([sys.executable, "-c", f"{code}{cloud}"], check=True)
