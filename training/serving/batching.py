"""Requests that wait at the same time are predicted in one call.

A call of a scikit-learn pipeline costs about the same for 1 row and for 100, so under load the
requests that arrive during one call share the next. Calls run in one thread of their own: the
server goes on reading requests and answering health checks meanwhile. A few rows for a compiled
predictor take less time than the way to that thread and back: they are predicted at once.

What waits is bounded: beyond it requests are refused, so that those that are taken are answered in
time.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from training.predictor import Predictor
from training.serving import answers, requests
from training.serving.input_values import OVERLOADED, RequestError
from training.serving.requests import Inputs

MAX_BATCH_ROWS = 5_000
# Rows that a compiled predictor answers in the event loop: less than a millisecond of it.
MAX_ROWS_AT_ONCE = 32
MAX_WAITING_REQUESTS = 1_000
MAX_WAITING_ROWS = 100_000

Predicted = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class _Waiting:
    predictor: Predictor
    inputs: Inputs
    rows: int
    answer: asyncio.Future[Predicted]


class Batcher:
    """Predicts for one model; used from one event loop."""

    def __init__(self) -> None:
        # More OpenMP threads than one cost a small call more than they save.
        self._thread = ThreadPoolExecutor(1, "predict", lambda: threadpool_limits(1, "openmp"))
        self._waiting: list[_Waiting] = []
        self._calls: asyncio.Task[None] | None = None

    async def predict(self, predictor: Predictor, inputs: Inputs) -> Predicted:
        """Predictions and scores of the rows, both of shape (rows,).

        Raises RequestError for values the model cannot take, and if too many wait already, and what
        else the model raises.
        """
        rows = requests.rows(inputs)
        if predictor.is_compiled and rows <= MAX_ROWS_AT_ONCE:
            return answers.predict(predictor, inputs)
        if len(self._waiting) >= MAX_WAITING_REQUESTS or self._rows > MAX_WAITING_ROWS:
            raise RequestError(
                f"{len(self._waiting)} requests with {self._rows} rows wait already; try again",
                OVERLOADED,
            )
        answer: asyncio.Future[Predicted] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(predictor, inputs, rows, answer))
        if self._calls is None:
            self._calls = asyncio.create_task(self._call())
        return await answer

    @property
    def waiting(self) -> int:
        """The requests that wait for the call under way."""
        return len(self._waiting)

    @property
    def _rows(self) -> int:
        return sum(waiting.rows for waiting in self._waiting)

    async def _call(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            batch = self._take()
            results = await loop.run_in_executor(self._thread, _predict, batch)
            for waiting, result in zip(batch, results, strict=True):
                if waiting.answer.done():  # its client went away
                    continue
                if isinstance(result, Exception):
                    waiting.answer.set_exception(result)
                else:
                    waiting.answer.set_result(result)
        self._calls = None

    def _take(self) -> list[_Waiting]:
        """The longest run of waiting requests of one version that fits into one call."""
        count, total = 0, 0
        for waiting in self._waiting:
            total += waiting.rows
            other_version = waiting.predictor is not self._waiting[0].predictor
            if count and (other_version or total > MAX_BATCH_ROWS):
                break
            count += 1
        batch, self._waiting = self._waiting[:count], self._waiting[count:]
        return batch


def _predict(batch: list[_Waiting]) -> list[Predicted | Exception]:
    """One result or error for each request; one that cannot be predicted spoils no other."""
    if len(batch) == 1:
        return [_alone(batch[0])]
    names = batch[0].inputs
    try:
        predictions, scores = batch[0].predictor.predict(
            {n: np.concatenate([w.inputs[n] for w in batch]) for n in names}
        )
    except Exception:
        return [_alone(waiting) for waiting in batch]
    ends = np.cumsum([waiting.rows for waiting in batch])[:-1]
    return list(zip(np.split(predictions, ends), np.split(scores, ends), strict=True))


def _alone(waiting: _Waiting) -> Predicted | Exception:
    try:
        return answers.predict(waiting.predictor, waiting.inputs)
    except Exception as error:
        return error
