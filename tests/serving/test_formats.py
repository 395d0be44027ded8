"""The ecosystem's request formats, each answered with the estimator's own numbers."""

from __future__ import annotations

import asyncio
import io
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.contract.containers import python_of
from tests.serving.platforms import COLUMNS, ROW, expected, make_platform, register_champion, train
from tests.serving.servers import Server
from training.serving import requests, try_page
from training.serving.input_values import RequestError

ROWS: list[dict[str, Any]] = [
    ROW,
    {"size": -2.0, "age": 80, "new": False, "color": "green"},
    {"size": None, "age": 12.5, "new": None, "color": None},
    {"size": 0.5, "age": 7, "new": True, "color": "never seen in training"},
]
NAMES = list(ROW)


@pytest.fixture(scope="module", params=[False, True], ids=["estimator", "compiled"])
def server(request: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    platform = make_platform(tmp_path_factory.mktemp("formats"))
    register_champion(platform, estimator=train(1, imputes=True), compiles=request.param)
    running = Server(platform)
    assert ("serves by its estimator" in running.logged()) is False
    yield running
    running.stop()


def columns() -> dict[str, list[Any]]:
    return {name: [row[name] for row in ROWS] for name in NAMES}


def check(server: Server, answer: tuple[int, Any]) -> None:
    status, body = answer
    assert status == 200, body
    labels, scores = expected(server.platform, 1, ROWS)
    assert body["predictions"] == labels
    assert body["scores"] == pytest.approx(scores, rel=1e-9)


def split() -> dict[str, Any]:
    names = NAMES[::-1]
    return {"columns": names, "data": [[row[name] for name in names] for row in ROWS]}


JSON_BODIES: dict[str, Callable[[], Any]] = {
    "instances": lambda: {"instances": ROWS},
    "split": lambda: {"dataframe_split": {**split(), "index": [3, 4, 5, 6]}},
    "records": lambda: {"dataframe_records": ROWS},
    "inputs": lambda: {"inputs": columns()},
    "column vectors": lambda: {"inputs": {k: [[v] for v in vs] for k, vs in columns().items()}},
    "rows as inputs": lambda: {"inputs": ROWS},
}


@pytest.mark.parametrize("shape", JSON_BODIES)
def test_json(server: Server, shape: str) -> None:
    check(server, server.post(JSON_BODIES[shape]()))


def arrow() -> pa.Table:
    values = {**columns(), "color": pa.array(columns()["color"]).dictionary_encode()}
    return pa.table(values)


def test_parquet(server: Server) -> None:
    sink = io.BytesIO()
    pq.write_table(arrow(), sink)
    check(server, server.post(sink.getvalue(), kind=requests.PARQUET))


def test_arrow_stream(server: Server) -> None:
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, arrow().schema) as stream:
        stream.write_table(arrow(), max_chunksize=2)
    check(server, server.post(sink.getvalue(), kind=requests.ARROW))


def tensors() -> list[dict[str, Any]]:
    types = {"size": "FP64", "age": "FP32", "new": "BOOL", "color": "BYTES"}
    return [
        {"name": name, "shape": [len(ROWS), 1], "datatype": types[name], "data": values}
        for name, values in columns().items()
    ]


def test_open_inference_protocol(server: Server) -> None:
    assert server.get("/v2/health/live") == (200, {"live": True})
    assert server.get("/v2/health/ready") == (200, {"ready": True})
    assert server.get("/v2/models/toys/ready")[0] == 200
    about = server.get("/v2/models/toys")[1]
    assert {tensor["name"]: tensor["datatype"] for tensor in about["inputs"]} == {
        "size": "FP64",
        "age": "FP64",
        "new": "FP64",
        "color": "BYTES",
    }
    status, body = server.post({"id": "7", "inputs": tensors()}, "/v2/models/toys/infer")
    assert (status, body["id"], body["model_version"]) == (200, "7", "1")
    labels, scores = expected(server.platform, 1, ROWS)
    outputs = {output["name"]: output for output in body["outputs"]}
    assert outputs["predictions"] == {
        "name": "predictions",
        "datatype": "BYTES",
        "shape": [len(ROWS)],
        "data": labels,
    }
    assert outputs["scores"]["data"] == pytest.approx(scores, rel=1e-9)
    request = {"inputs": tensors(), "outputs": [{"name": "scores"}]}
    answer = server.post(request, "/v2/models/toys/infer")[1]
    assert [output["name"] for output in answer["outputs"]] == ["scores"]


def test_mlflow_s_own_client(server: Server) -> None:
    client = pytest.importorskip("mlflow.pyfunc.scoring_server.client")
    host, port = server.url.removeprefix("http://").split(":")
    client_of_mlflow = client.ScoringServerClient(host, port)
    client_of_mlflow.ping()
    frame = pd.DataFrame(ROWS).astype({"new": object})
    answer = client_of_mlflow.invoke(frame).get_predictions()
    assert answer[0].tolist() == expected(server.platform, 1, ROWS)[0]


def test_triton_s_own_client(server: Server) -> None:
    script = Path(__file__).with_name("triton_client.py")
    host = server.url.removeprefix("http://")
    rows = [row for row in ROWS if None not in row.values()]
    command = [python_of("triton"), script, host, json.dumps(rows)]
    process = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    answer, refusal = map(json.loads, process.stdout.splitlines())
    labels, scores = expected(server.platform, 1, rows)
    assert (answer["id"], answer["predictions"]) == ("mine", labels)
    assert answer["scores"] == pytest.approx(scores, rel=1e-9)
    assert refusal["status"] == "400" and "'age' is missing" in refusal["message"]


BAD: dict[str, tuple[Any, str]] = {
    "two shapes": ({"instances": [ROW], "inputs": [ROW]}, "wrong shape"),
    "no shape": ({"rows": [ROW]}, "dataframe_split"),
    "uneven": ({"inputs": {**columns(), "age": [1]}}, "age has 1"),
    "no column": ({"inputs": {"size": [1]}}, "'age' is missing"),
    "split without data": ({"dataframe_split": {"columns": NAMES}}, "dataframe_split"),
    "underscores": ({"instances": [{**ROW, "age": "1_000"}]}, "'1_000'"),
    "digits of another script": ({"instances": [{**ROW, "age": "\u0663"}]}, "'age' takes numbers"),
    "infinity in words": ({"instances": [{**ROW, "age": "infinity"}]}, "'infinity'"),
    "too large as text": ({"instances": [{**ROW, "age": "1e999"}]}, "takes finite numbers"),
}


@pytest.mark.parametrize("name", BAD)
def test_wrong_bodies_are_told(name: str) -> None:
    body, says = BAD[name]
    with pytest.raises(RequestError, match=re.escape(says)):
        requests.parse(requests.JSON, json.dumps(body).encode(), COLUMNS)


@pytest.mark.parametrize("name", ["age as text", "4 values", "no data", "datatype"])
def test_wrong_tensors_are_told(name: str) -> None:
    wrong = tensors()
    if name == "age as text":
        wrong[1]["data"], says = ["x"] * len(ROWS), "'x'"
    elif name == "4 values":
        wrong[1]["shape"], says = [5], "has 4 values; its shape says [5]"
    elif name == "no data":
        says = str(wrong[1].pop("data") and "no binary data")
    else:
        wrong[1]["datatype"], says = "FP8", "'FP8'"
    with pytest.raises(RequestError, match=re.escape(says)):
        requests.parse(requests.INFERENCE, json.dumps({"inputs": wrong}).encode(), COLUMNS)


def test_one_tensor_of_all_columns() -> None:
    numeric = [column for column in COLUMNS if column.kind != "categorical"]
    tensor = {"name": "X", "shape": [2, 3], "datatype": "FP64", "data": [[1, 2, 0], [3, 4, 1]]}
    body = json.dumps({"inputs": [tensor]}).encode()
    parsed = requests.parse(requests.INFERENCE, body, numeric)
    assert {name: values.tolist() for name, values in parsed.items()} == {
        "size": [1, 3],
        "age": [2, 4],
        "new": [0, 1],
    }


@pytest.mark.parametrize("kind", [requests.PARQUET, requests.ARROW])
def test_files_that_are_none_are_told(kind: str) -> None:
    for body in (b"x", b"PAR1 nothing PAR1", bytes(100)):
        with pytest.raises(RequestError):
            requests.parse(kind, body, COLUMNS)


def test_what_is_small_and_decodes_to_much_is_refused() -> None:
    count = requests.MAX_COLUMNAR_ROWS + 1
    sink = io.BytesIO()
    pq.write_table(pa.table({name: [1.0] * count for name in NAMES}), sink)
    assert len(sink.getvalue()) < 1_000_000
    with pytest.raises(RequestError, match="at most") as refused:
        requests.parse(requests.PARQUET, sink.getvalue(), COLUMNS)
    assert refused.value.status == 413


def test_a_large_body_is_parsed_beside_the_event_loop() -> None:
    body = json.dumps({"instances": [ROW] * 5_000}).encode()
    ran: list[str] = []

    async def watched() -> None:
        reading = asyncio.create_task(requests.read(requests.JSON, body, COLUMNS))
        await asyncio.sleep(0)
        ran.append("something else")
        assert not reading.done()
        assert requests.rows(await reading) == 5_000

    asyncio.run(watched())
    assert ran


def test_openapi_has_the_model_s_columns_and_a_row_that_is_answered(server: Server) -> None:
    status, document = server.get("/openapi.json")
    assert status == 200 and document["openapi"].startswith("3.1")
    row = document["components"]["schemas"]["toys.row"]["properties"]
    assert {name: value["type"][0] for name, value in row.items()} == {
        "size": "number",
        "age": "number",
        "new": "boolean",
        "color": "string",
    }
    content = document["paths"]["/models/toys/invocations"]["post"]["requestBody"]["content"]
    for example in content["application/json"]["examples"].values():
        assert server.post(example["value"], "/models/toys/invocations")[0] == 200
    text = content["text/csv"]["example"].encode()
    assert server.post(text, "/models/toys/invocations", kind="text/csv")[0] == 200


def test_the_try_page_needs_no_network_and_shows_the_example(server: Server) -> None:
    status, page = server.get("/try")
    assert status == 200
    assert "Version 1 is in service" in page and "&#34;color&#34;: &#34;red&#34;" in page
    outside = re.findall(r'(?:src|href)="(?!/)[^"]*"', page)
    assert outside == []


def test_the_snippets_of_the_page_work(server: Server, tmp_path: Path) -> None:
    row = {**ROW, "color": "it's true"}
    texts = try_page.snippets(f"{server.url}/models/toys/invocations", row)
    process = subprocess.run(
        [sys.executable, "-c", texts["Python"]], capture_output=True, text=True, timeout=60
    )
    labels, _ = expected(server.platform, 1, [row])
    assert process.returncode == 0, process.stderr
    assert process.stdout.startswith(f"{labels} [")
    curl = subprocess.run(["sh", "-c", texts["curl"]], capture_output=True, text=True, timeout=60)
    if curl.returncode != 127:  # no curl here
        assert json.loads(curl.stdout)["predictions"] == labels
