"""One model in the server: the version in service, and every request that passes through."""

from __future__ import annotations

import asyncio
import logging
import random
import time
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from training import clock
from training.platform import Platform
from training.predictor import Predictor
from training.serving import answers, requests
from training.serving.answers import Answer, problem
from training.serving.batching import Batcher
from training.serving.capture import Captured, CaptureError, Captures
from training.serving.exposition import Metrics
from training.serving.input_values import OVERLOADED, RequestError
from training.serving.stats import RequestRecord, Tally, Traffic
from training.serving.traffic_day import TrafficDay

log = logging.getLogger(__name__)

# Copies of requests that wait for a prediction; more are not made, so that answers come first.
MAX_COPIES = 100
# Of a description, what adds up over processes; and of a fleet, what all have to have taken over.
SUMS = ("captured_rows", "pending_captures", "dropped_rows", "waiting_requests")
SHARES = ("percent", "mirror_percent")


@dataclass(frozen=True)
class InService:
    """The version that answers, and the release record that put it there."""

    predictor: Predictor
    version: int
    release: int
    digest: str


@dataclass(frozen=True)
class Candidate:
    """A version beside the one that answers: what it gets of the requests, and how both do."""

    loaded: InService
    percent: int = 0
    mirror_percent: int = 0
    own_tally: Tally = field(default_factory=Tally)
    others_tally: Tally = field(default_factory=Tally)


class _Scored(NamedTuple):
    """Rows of an answer, the sum of their scores, and how many are of the second of two classes."""

    rows: int = 0
    scores: float = 0.0
    positives: int | None = None

    @classmethod
    def of(cls, predictor: Predictor, scores: np.ndarray) -> _Scored:
        """The sums of what was predicted; a score of two classes is the second one's."""
        positives = int(np.count_nonzero(scores > 0.5)) if predictor.is_binary else None
        return cls(len(scores), float(scores.sum()), positives)


@dataclass(frozen=True)
class NotLoaded:
    """A released version that could not be loaded; the one before stays in service."""

    version: int
    release: int
    error: str


class Endpoint:
    """Answers for one model; `in_service` is replaced as a whole by the follower."""

    def __init__(self, platform: Platform, model: str, metrics: Metrics) -> None:
        self.model = model
        self.captures = Captures(Path(platform.store.uri) / f"models/{model}/captures")
        self.capture_share = 0.0
        self.keep_minutes = 0.0
        self.traffic = Traffic()
        self.day = TrafficDay(platform.store, model)
        self.in_service: InService | None = None
        self.candidate: Candidate | None = None
        # The version that answered before; able to answer at once.
        self.standby: InService | None = None
        self.not_loaded: NotLoaded | None = None
        # Told of every request that this process answered.
        self.on_answer: Callable[[RequestRecord], None] = self.count
        # Descriptions of the same endpoint by the server's other processes, by process number.
        self.elsewhere: dict[int, dict[str, Any]] = {}
        self._metrics = metrics
        self._batcher = Batcher()
        self._copies: set[asyncio.Task[None]] = set()

    async def invoke(
        self, content_type: str, body: bytes, request: str | None = None, trace: str | None = None
    ) -> Answer:
        """Answer one request; whatever is wrong with it is in the answer.

        `request` is its id, `trace` the id of the trace that it belongs to, if its sender gave one.
        """
        start = time.perf_counter()
        request, active, candidate = request or uuid.uuid4().hex, self.in_service, self.candidate
        ids = {"model": self.model, "request": request, "trace": trace}
        if candidate and 100 * random.random() < candidate.percent:
            active = candidate.loaded
        scored = _Scored()
        try:
            content, scored = await self._predict(request, active, content_type, body)
            answer = Answer(200, content)
        except RequestError as error:
            answer = Answer(error.status, problem(str(error)))
            log.debug(
                "model %s, request %s: %d, %s", self.model, request, error.status, error, extra=ids
            )
        except Exception:
            log.exception("model %s, request %s failed", self.model, request, extra=ids)
            answer = Answer(500, problem(f"the request failed; the log has it as {request}"))
        seconds = time.perf_counter() - start
        self.on_answer(
            RequestRecord(
                active.version if active else 0,
                answer.status,
                seconds,
                of_traffic=bool(active or self.not_loaded),
                compared=candidate.loaded.version if candidate else None,
                rows=scored.rows,
                scores=scored.scores,
                positives=scored.positives,
                request=request,
                trace=trace,
            )
        )
        if candidate:
            self._copy(candidate, content_type, body)
        return answer

    def count(self, record: RequestRecord) -> None:
        """Count a request that this process answered, or another one of the server."""
        if not record.mirrored:
            self._metrics.request(self.model, record)
        if not record.is_whole:
            return
        if record.of_traffic and not record.mirrored:
            self.traffic.record(record.seconds, record.status, time.monotonic())
            self.day.count(record)
        candidate = self.candidate
        if candidate and candidate.loaded.version == record.compared:
            is_own = record.version == record.compared
            tally = candidate.own_tally if is_own else candidate.others_tally
            tally.record(record.seconds, record.status)

    def refuse(self, status: int) -> None:
        """Count a request that was refused before its body had come."""
        active = self.in_service
        self.on_answer(RequestRecord(active.version if active else 0, status, 0.0, is_whole=False))

    def _copy(self, candidate: Candidate, content_type: str, body: bytes) -> None:
        """Let the candidate predict for a share of the requests; nobody gets its answers."""
        if 100 * random.random() >= candidate.mirror_percent or len(self._copies) >= MAX_COPIES:
            return
        task = asyncio.create_task(self._mirror(candidate, content_type, body))
        self._copies.add(task)
        task.add_done_callback(self._copies.discard)

    async def _mirror(self, candidate: Candidate, content_type: str, body: bytes) -> None:
        start, status, predictor = time.perf_counter(), 200, candidate.loaded.predictor
        try:
            inputs = requests.parse(content_type, body, predictor.columns)
            await self._batcher.predict(predictor, inputs)
        except RequestError as error:
            status = error.status
        except Exception:
            log.exception("model %s, version %d failed", self.model, candidate.loaded.version)
            status = 500
        version, seconds = candidate.loaded.version, time.perf_counter() - start
        self.on_answer(RequestRecord(version, status, seconds, compared=version, mirrored=True))

    async def _predict(
        self, request: str, active: InService | None, content_type: str, body: bytes
    ) -> tuple[bytes, _Scored]:
        if active is None:
            raise RequestError(self.why_not_in_service(), 503)
        inputs = await requests.read(content_type, body, active.predictor.columns)
        predictions, scores = await self._batcher.predict(active.predictor, inputs)
        answer = answers.predicted(predictions, scores, self.model, active.version, request)
        if random.random() < self.capture_share:
            await self._capture(
                Captured(request, clock.now(), active.version, inputs, predictions, scores)
            )
        return answer, _Scored.of(active.predictor, scores)

    async def _capture(self, captured: Captured) -> None:
        if not self.captures.durable:
            self.captures.add(captured)
            return
        try:
            await self.captures.keep(captured)
        except CaptureError as error:
            raise RequestError(f"the request cannot be captured: {error}", OVERLOADED) from None

    def describe(self) -> dict[str, Any]:
        """The version in service, and a released version that is not, in all processes.

        They follow a release one after the other: the newest version is in service once the last of
        them has it.
        """
        own_state = self.describe_own()
        states = [own_state, *self.elsewhere.values()]
        last = min(states, key=lambda state: state["release"] or 0)
        return {
            **own_state,
            **{name: last[name] for name in ("version", "digest", "release")},
            "not_loaded": next(
                (state["not_loaded"] for state in states if state["not_loaded"]), None
            ),
            "fleets": _common_fleets([state["fleets"] for state in states]),
            **{name: sum(state[name] for state in states) for name in SUMS},
            "processes": len(states),
        }

    def describe_own(self) -> dict[str, Any]:
        """The same for this process alone."""
        active, failed = self.in_service, self.not_loaded
        return {
            "model": self.model,
            "version": active.version if active else None,
            "digest": active.digest if active else None,
            "release": active.release if active else None,
            "not_loaded": asdict(failed) if failed else None,
            "fleets": self._fleets(active),
            "captured_rows": self.captures.written_rows,
            "pending_captures": self.captures.pending,
            "dropped_rows": self.captures.dropped,
            "waiting_requests": self._batcher.waiting,
        }

    def state(self) -> dict[str, Any]:
        """The description, and the traffic of the last minutes, for the pages."""
        return {
            **self.describe(),
            "capture_percent": round(100 * self.capture_share, 3),
            "traffic": asdict(self.traffic.summary(time.monotonic())),
        }

    def _fleets(self, active: InService | None) -> dict[str, dict[str, Any]]:
        """The versions that are loaded, each with its share of the requests."""
        candidate, previous = self.candidate, self.standby
        if candidate and active and candidate.loaded.version == active.version:
            candidate = None  # it was put in service a moment ago
        fleets = {}
        if previous:
            fleets[str(previous.version)] = _fleet(previous, 0)
        if candidate:
            fleets[str(candidate.loaded.version)] = {
                **_fleet(candidate.loaded, candidate.percent),
                "mirror_percent": candidate.mirror_percent,
                "answers": candidate.own_tally.summary(),
            }
        if active:
            share = 100 - (candidate.percent if candidate else 0)
            # Both wait for the same processor here: how long the old one takes while a slow one is
            # beside it says nothing of how long it would.
            answers = (
                {**candidate.others_tally.summary(), "latency_p95_ms": None} if candidate else None
            )
            fleets[str(active.version)] = {**_fleet(active, share), "answers": answers}
        return fleets

    def why_not_in_service(self) -> str:
        """The reason that no version is in service, in words."""
        if self.not_loaded is None:
            return answers.no_release(self.model)
        return f"version {self.not_loaded.version} of model {self.model!r} cannot be loaded"


def _fleet(loaded: InService, percent: int) -> dict[str, Any]:
    return {"version": loaded.version, "percent": percent, "mirror_percent": 0, "answers": None}


def _common_fleets(every: list[dict[str, dict[str, Any]]]) -> dict[str, dict[str, Any]]:
    """The fleets that all processes have, with the share that each of them gives at least.

    The first process counts the answers of all.
    """
    return {
        name: {
            **fleet,
            **{share: min(fleets[name][share] for fleets in every) for share in SHARES},
        }
        for name, fleet in every[0].items()
        if all(name in fleets for fleets in every)
    }
