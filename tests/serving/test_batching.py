"""What shares a call, what is refused while too much waits, and clients that go away."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from training.compiled import Compiled
from training.model_inputs import Column
from training.predictor import Predictor
from training.serving import batching
from training.serving.batching import Batcher
from training.serving.input_values import RequestError

COLUMNS = [Column("x", "numeric")]


class Model:
    """A regression that adds `shift`; it remembers its calls, and may be held up."""

    def __init__(self, shift: float) -> None:
        self.shift = shift
        self.calls: list[list[float]] = []
        self.threads: list[str] = []
        self.openmp: set[int] = set()
        self.gate = threading.Event()
        self.gate.set()

    def predict(self, frame: Any) -> np.ndarray:
        values = np.asarray(frame["x"], dtype=float)
        self.calls.append(values.tolist())
        self.threads.append(threading.current_thread().name)
        self.openmp |= {i["num_threads"] for i in threadpool_info() if i["user_api"] == "openmp"}
        assert self.gate.wait(30)
        if (values < 0).any():
            raise ValueError("negative")
        return values + self.shift


def inputs(*values: float) -> dict[str, np.ndarray]:
    return {"x": np.array(values)}


async def await_call(model: Model) -> None:
    while not model.calls:
        await asyncio.sleep(0.001)


def run(work: Callable[[], Any]) -> Any:
    return asyncio.run(asyncio.wait_for(work(), 60))


def test_requests_of_two_versions_never_share_a_call() -> None:
    first_model, second_model = Model(100), Model(200)
    old = Predictor(first_model, COLUMNS, "regression", version=1)
    new = Predictor(second_model, COLUMNS, "regression", version=2)

    async def ask() -> list[Any]:
        batcher = Batcher()
        first_model.gate.clear()
        first = asyncio.create_task(batcher.predict(old, inputs(0)))
        await await_call(first_model)
        # All of these wait for the first, in turns of both versions.
        later = [
            asyncio.create_task(batcher.predict(new if place % 2 else old, inputs(place, place)))
            for place in range(1, 7)
        ]
        await asyncio.sleep(0)
        first_model.gate.set()
        return await asyncio.gather(first, *later)

    answers = run(ask)
    assert answers[0][0].tolist() == [100]
    for place, (values, _) in enumerate(answers[1:], 1):
        assert values.tolist() == [place + (200 if place % 2 else 100)] * 2
    assert all(set(call) <= {0, 2, 4, 6} for call in first_model.calls)
    assert all(set(call) <= {1, 3, 5} for call in second_model.calls)


def test_requests_of_one_version_share_a_call() -> None:
    model = Model(1)
    predictor = Predictor(model, COLUMNS, "regression")

    async def ask() -> list[Any]:
        batcher = Batcher()
        model.gate.clear()
        first = asyncio.create_task(batcher.predict(predictor, inputs(0)))
        await await_call(model)
        later = [asyncio.create_task(batcher.predict(predictor, inputs(n))) for n in range(1, 6)]
        await asyncio.sleep(0)
        model.gate.set()
        return await asyncio.gather(first, *later)

    answers = run(ask)
    assert [values.tolist() for values, _ in answers] == [[n + 1.0] for n in range(6)]
    assert model.calls == [[0.0], [1.0, 2.0, 3.0, 4.0, 5.0]]


def test_a_client_that_goes_away_takes_no_answer_from_others() -> None:
    model = Model(1)
    predictor = Predictor(model, COLUMNS, "regression")

    async def ask() -> list[Any]:
        batcher = Batcher()
        model.gate.clear()
        first = asyncio.create_task(batcher.predict(predictor, inputs(0)))
        await await_call(model)
        cancelled_task = asyncio.create_task(batcher.predict(predictor, inputs(1)))
        stays = asyncio.create_task(batcher.predict(predictor, inputs(2)))
        await asyncio.sleep(0)
        first.cancel()
        cancelled_task.cancel()
        await asyncio.sleep(0)
        model.gate.set()
        answer = await stays
        # The batcher goes on after it.
        return [answer, await batcher.predict(predictor, inputs(3))]

    answers = run(ask)
    assert [values.tolist() for values, _ in answers] == [[3.0], [4.0]]


def test_one_bad_request_spoils_no_other() -> None:
    model = Model(1)
    predictor = Predictor(model, COLUMNS, "regression")

    async def ask() -> list[Any]:
        batcher = Batcher()
        model.gate.clear()
        first = asyncio.create_task(batcher.predict(predictor, inputs(0)))
        await await_call(model)
        later = [asyncio.create_task(batcher.predict(predictor, inputs(n))) for n in (1, -1, 2)]
        await asyncio.sleep(0)
        model.gate.set()
        return await asyncio.gather(first, *later, return_exceptions=True)

    _, second, refusal, third = run(ask)
    assert (second[0].tolist(), third[0].tolist()) == ([2.0], [3.0])
    assert isinstance(refusal, RequestError) and refusal.status == 400


async def held_up(
    model: Model, predictor: Predictor, *requests: dict[str, np.ndarray]
) -> list[Any]:
    """The answers to requests that come, in this order, during the call of another one."""
    batcher = Batcher()
    model.gate.clear()
    first = asyncio.create_task(batcher.predict(predictor, inputs(0)))
    await await_call(model)
    later = [asyncio.create_task(batcher.predict(predictor, request)) for request in requests]
    await asyncio.sleep(0)
    model.gate.set()
    _, *answers = await asyncio.gather(first, *later, return_exceptions=True)
    return answers


@pytest.mark.parametrize(
    ("limit", "taken", "text"),
    [
        ("MAX_WAITING_REQUESTS", 3, "3 requests with 3 rows wait already; try again"),
        # The last one that is taken may go beyond it.
        ("MAX_WAITING_ROWS", 4, "4 requests with 4 rows wait already; try again"),
    ],
)
def test_what_waits_is_bounded_and_what_was_taken_is_answered(
    limit: str, taken: int, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batching, limit, 3)
    model = Model(1)
    predictor = Predictor(model, COLUMNS, "regression")
    later = run(lambda: held_up(model, predictor, *(inputs(n) for n in range(9))))
    assert [values.tolist() for values, _ in later[:taken]] == [[n + 1.0] for n in range(taken)]
    for refusal in later[taken:]:
        assert isinstance(refusal, RequestError)
        assert (refusal.status, str(refusal)) == (503, text)


def test_a_call_has_as_many_rows_as_fit_into_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batching, "MAX_BATCH_ROWS", 4)
    model = Model(1)
    predictor = Predictor(model, COLUMNS, "regression")
    requests = [inputs(*range(count)) for count in (1, 3, 2, 1, 2, 5, 1)]
    later = run(lambda: held_up(model, predictor, *requests))
    assert [len(values) for values, _ in later] == [1, 3, 2, 1, 2, 5, 1]
    assert all(values.tolist() == [n + 1.0 for n in range(len(values))] for values, _ in later)
    assert [len(call) for call in model.calls] == [1, 4, 3, 2, 5, 1]
    assert set(model.threads) == {model.threads[0]} and model.threads[0] != "MainThread"
    assert model.openmp <= {1}


class CompiledModel(Model, Compiled):
    """A compiled predictor, for what tells it apart."""


@pytest.mark.parametrize(
    ("kind", "rows", "at_once"),
    [(CompiledModel, 3, True), (CompiledModel, 4, False), (Model, 1, False)],
)
def test_few_rows_of_a_compiled_predictor_are_predicted_at_once(
    kind: type[Model], rows: int, at_once: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batching, "MAX_ROWS_AT_ONCE", 3)
    model = kind(1)
    predictor = Predictor(model, COLUMNS, "regression")
    values, _ = run(lambda: Batcher().predict(predictor, inputs(*range(rows))))
    assert values.tolist() == [n + 1.0 for n in range(rows)]
    assert (model.threads == ["MainThread"]) is at_once
