"""What a client sends right is answered with the model's own numbers."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from tests.serving.conftest import Start
from tests.serving.platforms import ROW, expected, make_platform, register_champion, train
from tests.serving.servers import Server
from training.platform import Platform

NAMES = list(ROW)
ROWS: list[dict[str, Any]] = [
    ROW,
    {"size": -2.0, "age": 80, "new": False, "color": "green"},
    {"size": None, "age": 12.5, "new": None, "color": "blue"},
    {"size": 0.25, "age": None, "new": True, "color": None},
    {"size": 0.5, "age": 7, "new": True, "color": "never seen in training"},
]


def as_csv(rows: list[dict[str, Any]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, NAMES)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def check(server: Server, answer: tuple[int, Any], rows: list[dict[str, Any]]) -> None:
    status, body = answer
    assert status == 200, body
    labels, scores = expected(server.platform, 1, rows)
    assert body["predictions"] == labels
    assert body["scores"] == pytest.approx(scores, rel=1e-12)
    assert (body["model"], body["version"]) == ("toys", 1)


def test_the_rows_tell_the_answers_apart(toys: Server) -> None:
    labels, scores = expected(toys.platform, 1, ROWS)
    assert set(labels) == {"cheap", "dear"}
    assert len(set(scores)) == len(ROWS)


def test_json_instances(toys: Server) -> None:
    check(toys, toys.post({"instances": ROWS}), ROWS)


def test_json_columns_and_data_in_any_order(toys: Server) -> None:
    names = [*reversed(NAMES), "not an input"]
    data = [[*(row[name] for name in reversed(NAMES)), "x"] for row in ROWS]
    check(toys, toys.post({"columns": names, "data": data}), ROWS)


def test_csv(toys: Server) -> None:
    check(toys, toys.post(as_csv(ROWS), kind="text/csv; charset=utf-8"), ROWS)


@pytest.mark.parametrize("missing", ["NaN", "null"])
def test_missing_values_in_json(toys: Server, missing: str) -> None:
    body = b'{"instances": [{"size": %s, "age": 3, "new": true, "color": %s}]}'
    row = {"size": None, "age": 3, "new": True, "color": None}
    check(toys, toys.post(body % (missing.encode(), missing.encode())), [row])


def test_numbers_written_as_text_are_numbers(toys: Server) -> None:
    row = {"size": "1.5", "age": " 3 ", "new": "True", "color": "red"}
    check(toys, toys.post({"instances": [row]}), [ROW])


def test_a_model_of_one_is_called_by_its_name_too(toys: Server) -> None:
    check(toys, toys.post({"instances": [ROW]}, "/models/toys/invocations"), [ROW])


def test_version_and_ping(toys: Server) -> None:
    status, version = toys.get("/version")
    assert (status, version["version"], version["not_loaded"]) == (200, 1, None)
    assert toys.get("/models/toys/version")[1]["digest"] == version["digest"]
    assert toys.get("/ping") == (200, {"status": "in service"})


def test_metrics_count_what_was_answered(toys: Server) -> None:
    def count() -> float:
        lines = toys.get("/metrics")[1].splitlines()
        mark = 'mlops_requests_total{code="200",model="toys",version="1"} '
        return sum(float(line.removeprefix(mark)) for line in lines if line.startswith(mark))

    before = count()
    toys.post({"instances": [ROW]})
    assert count() == before + 1
    assert 'mlops_served_version{model="toys"} 1.0' in toys.get("/metrics")[1]


def test_status_and_page_show_the_same_model(toys: Server) -> None:
    status, state = toys.get("/status.json")
    assert status == 200
    assert [(m["model"], m["version"], m["champion"]["by"]) for m in state["models"]] == [
        ("toys", 1, "test")
    ]
    status, page = toys.get("/")
    assert status == 200
    assert "toys" in page
    assert "version 1" in page


def test_several_models_are_called_by_name(tmp_path: Any, start: Start) -> None:
    platform: Platform = make_platform(tmp_path, "cats", "dogs")
    register_champion(platform, "dogs", train(1, imputes=True))
    server = start(platform, "--no-schedules")
    for path, answer in {
        "/invocations": server.post({"instances": [ROW]}),
        "/ping": server.get("/ping"),
        "/version": server.get("/version"),
    }.items():
        assert answer[0] == 404
        assert f"/models/cats{path}, /models/dogs{path}" in answer[1]["error"]
    labels, scores = expected(platform, 1, ROWS, "dogs")
    body = server.post({"instances": ROWS}, "/models/dogs/invocations")[1]
    assert (body["predictions"], body["model"]) == (labels, "dogs")
    assert body["scores"] == pytest.approx(scores, rel=1e-12)
    assert server.get("/models/cats/ping")[0] == 503
    status, refusal = server.get("/models/birds/ping")
    assert status == 404
    assert "no model 'birds' here; served: cats, dogs" in refusal["error"]
    assert [m["version"] for m in server.get("/status.json")[1]["models"]] == [None, 1]
