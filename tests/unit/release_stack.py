"""A stack in memory whose endpoint answers a release as a test says.

Time passes where the release waits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.interleaving import Turns
from training import clock, deployment, release, versions
from training.endpoint import DEFAULTS, Signals, Standing
from training.monitoring import Alarm
from training.platform import Platform
from training.store import ObjectExistsError

START = clock.parse("2026-03-31T12:00:00Z")
GOOD, BAD = Signals(200, 0, 20.0), Signals(200, 150, 20.0)


class Time:
    """Time that passes where a release waits; whoever waits lets the others go on."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.turns: Turns | None = None

    def monotonic(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += max(seconds, 0.001)
        if self.turns is not None:
            self.turns.pause()

    def point(self) -> None:
        """A call that reaches the store or the service: others may come before it."""
        if self.turns is not None:
            self.turns.point()

    def now(self) -> datetime:
        return START + timedelta(seconds=self.seconds)


class Memory:
    """An artifact store whose state can be copied: objects by key, each call at once."""

    uri = "memory"

    def __init__(self, objects: dict[str, bytes], time: Time) -> None:
        self.objects, self._time = objects, time

    def read(self, key: str) -> bytes:
        self._time.point()
        return self.objects[key]

    def write(self, key: str, content: bytes) -> None:
        self._time.point()
        self.objects[key] = content

    def create(self, key: str, content: bytes) -> None:
        self._time.point()
        if self.objects.setdefault(key, content) is not content:
            raise ObjectExistsError(key)

    def keys(self, prefix: str) -> list[str]:
        self._time.point()
        return sorted(key for key in self.objects if key.startswith(prefix))

    def fetch(self, key: str, folder: Path) -> Path:
        path = folder / key.replace("/", "-")
        path.write_bytes(self.read(key))
        return path

    def delete(self, key: str) -> None:
        self._time.point()
        self.objects.pop(key, None)


class Endpoint:
    """An endpoint with a fleet a version, which keeps what it is asked."""

    def __init__(self, platform: Platform, time: Time) -> None:
        self.platform, self.time = platform, time
        self.part: Mapping[str, Any] = {
            **DEFAULTS, "canary_percent": 20, "canary_minutes": 2, "mirror_percent": 10,
        }  # fmt: skip
        self.fleets: dict[str, int] = {}
        self.shares: dict[str, int] = {}
        self.calls: list[str] = []
        self.looks: Callable[[str], Signals] = lambda fleet: GOOD
        self.answer: Callable[[int], dict[str, Any]] = self.first_answer
        self.problems: dict[str, list[Exception]] = {}
        self.alarms: list[list[Alarm]] = []
        self.is_there = True

    def _call(self, text: str) -> None:
        self.calls.append(text)
        problems = self.problems.get(text.split()[0], [])
        if problems:
            raise problems.pop(0)

    def first_answer(self, version: int) -> dict[str, Any]:
        example = versions.manifest(self.platform.store, "toys", version)["example"]
        return {"version": version, "predictions": [example["prediction"]],
                "scores": [example["score"]]}  # fmt: skip

    def stand(self) -> Standing:
        return Standing(dict(self.fleets), dict(self.shares))

    def fleet(self, record: release.Release, standing: Standing) -> str:
        return f"v{record.version}"

    def interrupt(self, fleet: str) -> None:
        self._call(f"interrupt {fleet}")

    def bring_up(self, fleet: str, manifest: versions.Manifest) -> None:
        self._call(f"bring_up {fleet}")
        self.fleets[fleet] = manifest["version"]

    def mirror(self, fleet: str, before: str, percent: int) -> None:
        self._call(f"mirror {fleet} {before} {percent}")

    def canary(self, fleet: str, before: str, percent: int) -> None:
        self._call(f"canary {fleet} {before} {percent}")
        self.shares = {fleet: percent, before: 100 - percent}

    def signals(self, fleet: str, since: datetime) -> Signals:
        for problem in self.problems.get("signals", [])[:1]:
            self.problems["signals"].pop(0)
            raise problem
        return self.looks(fleet)

    def shift(self, fleet: str, before: str | None) -> None:
        self._call(f"shift {fleet} {before}")
        self.shares = {fleet: 100}

    def score(self, body: dict[str, Any]) -> dict[str, Any]:
        assert set(body) == {"instances"} and len(body["instances"]) == 1
        for problem in self.problems.get("score", [])[:1]:
            self.problems["score"].pop(0)
            raise problem
        return self.answer(self.fleets[max(self.shares, key=lambda name: self.shares[name])])

    def remove(self, fleet: str) -> None:
        self._call(f"remove {fleet}")
        self.fleets.pop(fleet, None)

    def show(self, version: int) -> None:
        self._call(f"show {version}")


class Stack:
    """A stack with four versions, of which the first is released."""

    def __init__(self, objects: dict[str, bytes], time: Time, patch: pytest.MonkeyPatch) -> None:
        document = {"stack": "local", "target": "local", "models": {"toys": {}}}
        self.platform = Platform(Path(), document)
        self.store = Memory(dict(objects), time)
        self.platform.__dict__["store"] = self.store
        self.time, self.said = time, list[str]()
        self.endpoint = Endpoint(self.platform, time)
        back_end = SimpleNamespace(
            check=lambda platform, manifest: None,
            rollout=lambda *_: self.endpoint if self.endpoint.is_there else None,
        )
        monitoring = SimpleNamespace(alarms=self._alarms)
        patch.setattr(deployment, "endpoint_of", lambda platform: back_end)
        patch.setattr(deployment, "monitoring_of", lambda platform: monitoring)
        self.promote(1)
        self.endpoint.calls.clear()
        self.said.clear()

    def _alarms(self, platform: Platform, model: str) -> list[Alarm]:
        looks = self.endpoint.alarms
        return looks.pop(0) if len(looks) > 1 else looks[0]

    def promote(self, version: int, **options: Any) -> tuple[release.Release, bool]:
        return deployment.promote(
            self.platform, "toys", version, why="better", say=self.said.append, by="ada", **options
        )

    def rollback(self) -> tuple[release.Release, bool]:
        return deployment.rollback(
            self.platform, "toys", why="incident", say=self.said.append, by="bob"
        )

    def resume(self) -> tuple[release.Release, bool]:
        return deployment.resume(self.platform, "toys", say=self.said.append)

    def tidy(self) -> None:
        deployment.tidy(self.platform, "toys", say=self.said.append)

    def steps(self, number: int) -> list[dict[str, Any]]:
        return release.steps(self.store, "toys", number).records()

    def names(self, number: int) -> list[str]:
        return [step["step"] for step in self.steps(number)]

    @property
    def released(self) -> list[tuple[int, str, str]]:
        return [(r.version, r.kind, r.by) for r in release.history(self.store, "toys")]
