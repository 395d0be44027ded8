"""The endpoint on this computer: a running `mlops serve`, which follows the release's record.

What a release writes down before it begins a step is what the server acts on: it loads the version
beside the one that answers, gives it copies or a share of the requests, then all. So a step here is
the wait until the server says that it has taken it. A fleet is a loaded version, named by its
number.
"""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from training import clock, versions
from training.endpoint import DEFAULTS, RefusedError, Say, Signals, Standing
from training.errors import PassingError
from training.monitoring import local as monitoring
from training.platform import Platform
from training.release import Release
from training.serving import logs, traffic_day, trial
from training.traffic import Record

DOCUMENT = "endpoint.json"
# The server follows the newest record at once; loading a large model takes longer.
PATIENCE_SECONDS = 30.0
LOAD_SECONDS = 300.0
POLL_SECONDS = 0.02
TIMEOUT_SECONDS = 30.0


def health(platform: Platform, model: str) -> dict[str, Any] | None:
    """The endpoint's last health record; None if it was stopped or never ran."""
    beat = monitoring.health(platform.store, model)
    if beat is None:
        return None
    return {**beat, "in_service": beat["in_service"] and monitoring.is_fresh(beat, clock.now())}


def traffic(platform: Platform, model: str) -> list[Record]:
    """The last day as the server keeps it, mean score and share of positives with it."""
    return traffic_day.read(platform.store, model)


def log_address(platform: Platform, model: str) -> str:
    """The folder of the server's kept lines, one for all models."""
    return str(Path(platform.store.uri) / logs.FOLDER)


def check(platform: Platform, manifest: versions.Manifest) -> None:
    """Raise UserError unless the version can be loaded here, which a process of its own tries."""
    # NumPy comes with it, which whoever only looks or goes back does not wait for.
    from training import compiled

    if not compiled.serves(manifest):
        versions.check_libraries(manifest)
    trial.assert_loads(platform.store, manifest)


def rollout(platform: Platform, model: str, say: Say) -> LocalRollout | None:
    """The server's endpoint; None if no server is running."""
    beat = monitoring.health(platform.store, model)
    if beat is None:
        return None
    local_rollout = LocalRollout(platform, model, f"{beat['url']}/models/{model}")
    try:
        local_rollout.describe()
    except PassingError:
        if monitoring.is_fresh(beat, clock.now()):
            raise
        return None  # the process that wrote the health record is gone
    return local_rollout


def await_served(platform: Platform, model: str, version: int) -> None:
    """Wait until a running endpoint serves `version`, if there is one.

    Raises UserError if it still serves another version after half a minute.
    """
    local_rollout = rollout(platform, model, print)
    if local_rollout is not None:
        local_rollout.shift(str(version), None)


class LocalRollout:
    """The endpoint of one model at `url`, in the server's process."""

    def __init__(self, platform: Platform, model: str, url: str) -> None:
        self.part: dict[str, Any] = {**DEFAULTS, **platform.part(model, DOCUMENT)}
        self._url = url

    def describe(self) -> dict[str, Any]:
        """Description of the endpoint by the server; raises PassingError if it does not answer."""
        return self._ask("version", None)

    def stand(self) -> Standing:
        fleets = self.describe()["fleets"]
        return Standing(
            {name: fleet["version"] for name, fleet in fleets.items()},
            {name: fleet["percent"] for name, fleet in fleets.items() if fleet["percent"]},
        )

    def fleet(self, record: Release, standing: Standing) -> str:
        return str(record.version)

    def interrupt(self, fleet: str) -> None:
        """Do nothing: the server follows the newest record alone."""

    def bring_up(self, fleet: str, manifest: versions.Manifest) -> None:
        self._await(lambda state: fleet in state["fleets"], fleet, "has not loaded", LOAD_SECONDS)

    def mirror(self, fleet: str, before: str, percent: int) -> None:
        self._await(
            lambda state: state["fleets"].get(fleet, {}).get("mirror_percent") == percent,
            fleet, "sends no copies to", PATIENCE_SECONDS,
        )  # fmt: skip

    def canary(self, fleet: str, before: str, percent: int) -> None:
        self._await(
            lambda state: state["fleets"].get(fleet, {}).get("percent") == percent,
            fleet, "gives no share to", PATIENCE_SECONDS,
        )  # fmt: skip

    def signals(self, fleet: str, since: datetime) -> Signals:
        answers = self.describe()["fleets"].get(fleet, {}).get("answers")
        return Signals(**answers) if answers else Signals()

    def shift(self, fleet: str, before: str | None) -> None:
        self._await(
            lambda state: state["fleets"].get(fleet, {}).get("percent") == 100,
            fleet, "does not serve", LOAD_SECONDS,
        )  # fmt: skip

    def score(self, body: dict[str, Any]) -> dict[str, Any]:
        return self._ask("invocations", body)

    def remove(self, fleet: str) -> None:
        """Do nothing: the server lets go what it does not keep."""

    def show(self, version: int) -> None:
        """Do nothing: the server shows its champion itself."""

    def _await(
        self, is_so: Callable[[dict[str, Any]], bool], fleet: str, does: str, seconds: float
    ) -> None:
        deadline = time.monotonic() + seconds
        while True:
            state = self.describe()
            failed = state["not_loaded"]
            if failed and str(failed["version"]) == fleet:
                raise RefusedError(failed["error"])
            if is_so(state):
                return
            if time.monotonic() >= deadline:
                raise PassingError(
                    f"the endpoint at {self._url} {does} version {fleet} after {seconds:g} s; it "
                    f"serves version {state['version']}; look at its log"
                )
            time.sleep(POLL_SECONDS)

    def _ask(self, path: str, body: dict[str, Any] | None) -> dict[str, Any]:
        url = f"{self._url}/{path}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, data, {"content-type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                body_text = error.read().decode(errors="replace")[:500]
            # Only an answer to rows says something of a version.
            passing = body is None or error.code in (429, 503)
            kind = PassingError if passing else RefusedError
            raise kind(f"{url} answers {error.code}: {body_text}") from None
        except (OSError, ValueError) as error:
            raise PassingError(f"no answer of the endpoint at {url}: {error}") from None
