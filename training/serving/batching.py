"""Requests that wait at the same time are predicted in one call.

A call of a scikit-learn pipeline costs about the same for 1 row and for 100, so under load the
requests that arrive during one call share the next. Calls run in one thread of their own: the
server goes on reading requests and answering health checks meanwhile.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from training.predictor import Predictor
from training.serving import answers, requests
from training.serving.requests import Inputs

MAX_BATCH_ROWS = 5_000

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

        Raises RequestError for values the model cannot take, and what else the model raises.
        """
        answer: asyncio.Future[Predicted] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(predictor, inputs, requests.rows(inputs), answer))
        if self._calls is None:
            self._calls = asyncio.create_task(self._call())
        return await answer

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
            pd.DataFrame({n: np.concatenate([w.inputs[n] for w in batch]) for n in names})
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
