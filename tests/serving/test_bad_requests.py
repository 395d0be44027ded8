"""Whatever a client sends wrong is refused in one sentence, and never breaks the server."""

from __future__ import annotations

import json
import string
from collections import Counter
from typing import Any
from urllib.request import Request

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from tests.serving.platforms import ROW
from tests.serving.servers import Server, call, until
from training.serving.requests import MAX_BYTES, MAX_ROWS

FEW = settings(max_examples=80, deadline=None)

BAD_JSON = {
    "no JSON": (b"{not json", "the body is not JSON"),
    "nothing": (b"  ", "the body is empty"),
    "deep": (b"[" * 100_000, "the body is not JSON"),
    "a list": ([ROW], "the body has the wrong shape"),
    "a number": (b"1", "the body has the wrong shape"),
    "columns alone": ({"columns": list(ROW)}, "the body has the wrong shape"),
    "no list": ({"instances": ROW}, "instances is an object"),
    "a list of lists": ({"instances": [[1, 2]]}, "row 1 is a list"),
    "no rows": ({"instances": []}, "no rows"),
    "no data": ({"columns": list(ROW), "data": []}, "no rows"),
    "missing column": (
        {"instances": [ROW, {"size": 1, "age": 1, "color": "red"}]},
        "input column 'new' is missing in row 2",
    ),
    "missing name": ({"columns": ["size"], "data": [[1]]}, "input column 'age' is missing"),
    "ragged": ({"columns": list(ROW), "data": [[1, 2]]}, "row 1 has 2 values; wanted: 4"),
    "twice": ({"columns": [*ROW, "age"], "data": [[1]]}, "'age' is given more than once"),
    "text": (
        {"instances": [ROW, {**ROW, "age": "old"}]},
        "input column 'age' takes numbers; row 2 has 'old'",
    ),
    "nested": ({"instances": [{**ROW, "color": ["red"]}]}, "'color' takes one value a row"),
    "infinite": ({"instances": [{**ROW, "size": 1e999}]}, "'size' takes finite numbers"),
    "huge": ({"instances": [{**ROW, "size": 10**400}]}, "'size' takes finite numbers"),
    "half a character": ({"instances": [{**ROW, "color": "\ud800"}]}, "not Unicode"),
}
BAD_CSV = {
    "header alone": (b"size,age,new,color\n", "no rows"),
    "missing column": (b"size,age,new\n1,2,true\n", "input column 'color' is missing"),
    "text": (b"size,age,new,color\n1,old,true,red\n", "'age' takes numbers; row 1 has 'old'"),
    "ragged": (b"size,age,new,color\n1,2\n", "row 1 has 2 values; wanted: 4"),
    "not UTF-8": (b"size,age,new,color\n1,2,true,\xff\n", "in UTF-8"),
    "open quote": (b'size,age,new,color\n1,2,true,"red\n', "not CSV"),
}


def assert_refused(answer: tuple[int, Any], status: int, says: str) -> None:
    assert answer[0] == status, answer
    assert list(answer[1]) == ["error"]
    assert says in answer[1]["error"]


@pytest.mark.parametrize("name", BAD_JSON)
def test_bad_json(toys: Server, name: str) -> None:
    body, says = BAD_JSON[name]
    assert_refused(toys.post(body), 400, says)


@pytest.mark.parametrize("name", BAD_CSV)
def test_bad_csv(toys: Server, name: str) -> None:
    body, says = BAD_CSV[name]
    assert_refused(toys.post(body, kind="text/csv"), 400, says)


def test_too_many_rows(toys: Server) -> None:
    body = {"columns": list(ROW), "data": [list(ROW.values())] * (MAX_ROWS + 1)}
    assert_refused(toys.post(body), 413, f"{MAX_ROWS + 1} rows; at most {MAX_ROWS} are allowed")
    body["data"].pop()
    assert len(toys.post(body)[1]["predictions"]) == MAX_ROWS


def test_too_large_a_body(toys: Server) -> None:
    assert_refused(
        toys.post(b" " * (MAX_BYTES + 1)), 413, f"larger than the {MAX_BYTES} bytes allowed"
    )
    assert_refused(toys.post(b" " * MAX_BYTES), 400, "the body is empty")


def test_wrong_content_type(toys: Server) -> None:
    says = "content type 'text/plain' is not supported; allowed: application/json, text/csv"
    assert_refused(toys.post({"instances": [ROW]}, kind="text/plain"), 415, says)
    assert_refused(toys.post({"instances": [ROW]}, kind=""), 415, "is not supported")


def test_unknown_path_and_wrong_method(toys: Server) -> None:
    assert_refused(toys.get("/admin"), 404, "no path '/admin' here")
    assert_refused(toys.get("/models/toys/drift/none"), 404, "no drift report of a run 'none'")
    assert_refused(toys.get("/models/toys/drift/..%2f..%2fplatform.json"), 404, "no path")
    assert_refused(toys.get("/invocations"), 405, "method GET is not allowed for '/invocations'")
    assert_refused(toys.post({}, "/ping"), 405, "method POST is not allowed for '/ping'")
    assert_refused(toys.post({}, "/"), 405, "method POST is not allowed for '/'")


@pytest.mark.parametrize("path", ["/", "/ping", "/metrics", "/status.json", "/version"])
def test_a_foreign_host_is_refused(toys: Server, path: str) -> None:
    assert_refused(
        toys.get(path, Host="evil.example:8080"), 421, "host 'evil.example' is not served"
    )
    assert toys.get(path, Host="LOCALHOST:1")[0] == 200


def counted(server: Server) -> Counter[str]:
    """The requests that were answered so far, by the code of the answer."""
    families = text_string_to_metric_families(server.get("/metrics")[1])
    (requests,) = (family for family in families if family.name == "mlops_requests")
    samples = [sample for sample in requests.samples if sample.name == "mlops_requests_total"]
    return Counter({sample.labels["code"]: int(sample.value) for sample in samples})


def test_bad_requests_are_counted_as_the_clients(toys: Server) -> None:
    before = counted(toys)
    toys.post(b"{")
    # Refused before its body has come; and what a client of the Open Inference Protocol sends.
    assert toys.post(b" " * (MAX_BYTES + 1))[0] == 413
    binary = Request(
        f"{toys.url}/v2/models/toys/infer", b"x", {"Inference-Header-Content-Length": "1"}
    )
    assert call(binary)[0] == 415
    after = counted(toys)
    assert {code: after[code] - before[code] for code in after} == {
        code: int(code in ("400", "413", "415")) for code in after
    }
    assert toys.get("/status.json")[1]["models"][0]["traffic"]["error_share"] == 0


VALUES = st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8)
ANY = st.recursive(
    VALUES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(string.ascii_letters, max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
INSTANCES = st.fixed_dictionaries({name: VALUES | ANY for name in ROW})
BODIES = st.one_of(
    ANY,
    st.fixed_dictionaries({"instances": st.lists(INSTANCES, max_size=3) | ANY}),
    st.fixed_dictionaries(
        {
            "columns": st.permutations(list(ROW)) | ANY,
            "data": st.lists(st.lists(VALUES, min_size=4, max_size=4), max_size=3) | ANY,
        }
    ),
)


def check_answer(answer: tuple[int, Any]) -> None:
    status, body = answer
    if status != 200:
        assert 400 <= status < 500, answer
        assert list(body) == ["error"]
        assert body["error"]


@FEW
@given(BODIES)
def test_any_json_is_answered(toys: Server, body: Any) -> None:
    check_answer(toys.post(json.dumps(body).encode()))


@FEW
@given(st.binary(max_size=60), st.sampled_from(["application/json", "text/csv"]))
def test_any_bytes_are_answered(toys: Server, body: bytes, kind: str) -> None:
    check_answer(toys.post(body, kind=kind))
    check_answer(toys.post(b"size,age,new,color\n1,2,true,red\n" + body, kind=kind))


def test_the_server_is_still_itself(toys: Server) -> None:
    until(lambda: toys.post({"instances": [ROW]})[0] == 200)
    assert "Traceback" not in toys.logged()
