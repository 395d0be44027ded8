"""What the endpoint of a double is asked, and what its metrics say of that: by version.

The answers are those of the container's own code on the version's real artifact.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from datetime import datetime

from training import predictor, versions
from training.platform import Platform
from training.scoring.scorer import Scorer
from training.store import Store


@dataclass
class Plane:
    """The requests to one endpoint.

    Args:
        platform: The stack; its store has the artifacts.
        model: The model's name.
        failures: The status that a version's container answers to whatever it is asked.
        answers: Of a version, how many answers, errors and milliseconds (p95) its metrics tell.
        delay: How many seconds the metrics of a version come after its first requests.
        requested_versions: The versions that answered, one after the other.
        day: What all that answers had to do: by the begin of a minute its requests, those that
            failed, and milliseconds (p50 and p95).
    """

    platform: Platform | None = None
    model: str = ""
    failures: dict[int, int] = field(default_factory=dict)
    answers: dict[int, tuple[int, int, float]] = field(default_factory=dict)
    delay: float = 0
    requested_versions: list[int] = field(default_factory=list)
    day: dict[datetime, tuple[int, int, float, float]] = field(default_factory=dict)
    _first_looks: dict[int, float] = field(default_factory=dict)
    _scorers: dict[str, Scorer] = field(default_factory=dict)
    _replies: dict[tuple[str, bytes], tuple[int, bytes]] = field(default_factory=dict)

    def begin(self, platform: Platform, model: str) -> None:
        """Be the endpoint of a new stack."""
        self.__init__(platform, model)

    def between(self, begin: datetime, end: datetime) -> list[tuple[int, int, float, float]]:
        """The minutes of the day that begin from `begin` until before `end`."""
        return [values for at, values in sorted(self.day.items()) if begin <= at < end]

    def reply(self, version: int, body: bytes) -> tuple[int, bytes]:
        """The status and the body that a version's container answers."""
        assert self.platform is not None, "the stack is not up"
        self.requested_versions.append(version)
        if version in self.failures:
            return self.failures[version], b'{"error": "the request failed"}'
        return self._answer(self.platform.store, version, body)

    def _answer(self, store: Store, version: int, body: bytes) -> tuple[int, bytes]:
        """The answer of a container, which loads its version once, as it starts.

        A version answers the same to the same request, which a release repeats.
        """
        manifest = versions.manifest(store, self.model, version)
        container = json.dumps(manifest, sort_keys=True)
        if (container, body) not in self._replies:
            if container not in self._scorers:
                self._scorers[container] = Scorer(self.model, predictor.load(store, manifest))
            answer = self._scorers[container].answer("application/json", body)
            self._replies[container, body] = answer.status, answer.body
        return self._replies[container, body]

    def signals(self, version: int) -> tuple[int, int, float] | None:
        """What the metrics tell of a version; None of one they do not know yet.

        Who releases looks as soon as the version gets requests.
        """
        first = self._first_looks.setdefault(version, time.monotonic())
        return self.answers.get(version) if time.monotonic() >= first + self.delay else None
