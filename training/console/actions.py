"""Actions of the console: a plan to be confirmed, then the same functions as the command line's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from training import card, deployment, release, retraining_admission, versions
from training.caller import caller
from training.cli import retrain
from training.cli.released import sentences
from training.endpoint import Say
from training.errors import UserError
from training.monitoring import silences
from training.platform import Platform
from training.runs import runs_of

PROMOTE, ROLLBACK, RETRAIN, SILENCE = "promote", "rollback", "retrain", "silence"
NAMES = (PROMOTE, ROLLBACK, RETRAIN, SILENCE)
MOST_WHY = 1000
# Hours that the page offers for a silence.
HOURS = (1, 4, 24, 72)


@dataclass(frozen=True)
class Plan:
    """An action as its page shows it, before anybody confirms it.

    Args:
        action: One of `NAMES`.
        model: The model that it is about.
        subject: The version, or the alarm, that the address names; empty without one.
        release: The number of the newest release that the page rests on, 0 for none.
        title: The action, naming its versions.
        says: What it does, a sentence or some.
        button: The words on the button.
        version: The version to release, of a promotion or a rollback.
        changes: Name, before and after: how the versions differ.
        hours: The lengths that are offered for a silence.
    """

    action: str
    model: str
    subject: str
    release: int
    title: str
    says: str
    button: str
    version: int | None = None
    changes: list[tuple[str, str, str]] = field(default_factory=list)
    hours: tuple[int, ...] = ()


def plan(platform: Platform, model: str, action: str, subject: str) -> Plan:
    """The plan of an action now; raises UserError if it makes no sense."""
    return _PLANS[action](platform, model, subject)


def check_current(platform: Platform, confirmed: Plan) -> None:
    """Raise UserError if another version became the champion since the page was made."""
    newest = release.champion(platform.store, confirmed.model)
    if confirmed.action != SILENCE and _number(newest) != confirmed.release:
        change = (
            f"release {newest.number}, of version {newest.version} by {newest.by}, came"
            if newest
            else "all releases were deleted"
        )
        raise UserError(f"nothing was done: {change} since this page was made; look again")


def perform(platform: Platform, confirmed: Plan, why: str, hours: float, say: Say) -> str:
    """Do what was confirmed; returns what came of it. Raises UserError as the commands do."""
    model, by = confirmed.model, f"{caller()}, in the console"
    if confirmed.action == RETRAIN:
        retraining_admission.ask(platform.store, model, why, by)
        parameters = {"trigger": retraining_admission.MANUAL}
        record = runs_of(platform).start(platform, model, "training", parameters, _progress(say))
        return retrain.sentence(record)
    if confirmed.action == SILENCE:
        record = silences.silence(platform, model, confirmed.subject, hours, why=why, by=by)
        return (
            f"no notices of {confirmed.subject} until {record['until']}"
            if hours
            else (f"notices of {confirmed.subject} are sent again")
        )
    options: Any = {"why": why, "say": say, "by": by, "after": confirmed.release}
    if confirmed.action == ROLLBACK:
        record, in_service = deployment.rollback(platform, model, **options)
    else:
        assert confirmed.version is not None
        record, in_service = deployment.promote(platform, model, confirmed.version, **options)
    return sentences(record, in_service, model)


def _promotion(platform: Platform, model: str, subject: str) -> Plan:
    if not subject.isdecimal():
        raise UserError(f"version: {subject!r} is not allowed; allowed: a version's number")
    version, current = int(subject), release.champion(platform.store, model)
    if current and current.version == version:
        raise UserError(f"version {version} of model {model!r} is the champion already")
    manifest = versions.manifest(platform.store, model, version)
    return Plan(
        PROMOTE, model, subject, _number(current),
        f"Release version {version} of {model}{_instead(current, version)}",
        f"Version {version} becomes the champion. The release goes step by step, as the settings "
        "of the endpoint say, and the version is taken back if its own answers are not fit.",
        f"Release version {version}", version, _changes(platform, current, manifest),
    )  # fmt: skip


def _rollback(platform: Platform, model: str, subject: str) -> Plan:
    current = release.champion(platform.store, model)
    version = release.before(platform.store, model)
    return Plan(
        ROLLBACK, model, subject, _number(current),
        f"Roll back {model}{_instead(current, version)}",
        f"Version {version} becomes the champion at once: no canary, no watch. It ends a release "
        "that is under way.",
        f"Roll back to version {version}", version,
        _changes(platform, current, versions.manifest(platform.store, model, version)),
    )  # fmt: skip


def _retraining(platform: Platform, model: str, subject: str) -> Plan:
    current = release.champion(platform.store, model)
    champion = f"version {current.version} is the champion" if current else "nothing is released"
    return Plan(
        RETRAIN, model, subject, _number(current), f"Retrain {model}",
        "The training pipeline runs now, with all that it costs. A model that passes the gate is "
        f"registered, and released or waits for approval, as the settings say. Now {champion}.",
        "Start a retraining",
    )  # fmt: skip


def _silence(platform: Platform, model: str, subject: str) -> Plan:
    silences.check_local(platform)
    names = [rule["name"] for rule in platform.part(model, silences.DOCUMENT)["rules"]]
    if subject not in names:
        raise UserError(f"alarm {subject!r}: there is none; allowed: {', '.join(names)}")
    current = silences.active(platform.store, model).get(subject)
    if current:
        until = current["until"]
        return Plan(
            SILENCE, model, subject, 0, f"End the silence of {subject} of {model}",
            f"It would last until {until}, by {current['by']}: {current['why']}",
            "Send notices again",
        )  # fmt: skip
    return Plan(
        SILENCE, model, subject, 0, f"Silence {subject} of {model}",
        "No notices of this alarm are sent meanwhile. It stays on wherever it is shown, and drift "
        "still asks for a retraining.",
        "Silence it", hours=HOURS,
    )  # fmt: skip


_PLANS: dict[str, Callable[[Platform, str, str], Plan]] = {
    PROMOTE: _promotion, ROLLBACK: _rollback, RETRAIN: _retraining, SILENCE: _silence
}  # fmt: skip


def _number(current: release.Release | None) -> int:
    return current.number if current else 0


def _instead(current: release.Release | None, version: int) -> str:
    return f": version {current.version} → {version}" if current else ""


def _changes(
    platform: Platform, current: release.Release | None, manifest: versions.Manifest
) -> list[tuple[str, str, str]]:
    """How the version differs from the champion; nothing if either cannot be read."""
    if current is None:
        return []
    store, model = platform.store, manifest["model"]
    readable = {m["version"]: m for m in versions.manifests(store, model)}
    champion = readable.get(current.version)
    return [] if champion is None else card.changes(champion, manifest)


def _progress(say: Say) -> Callable[[str, str, dict[str, Any]], None]:
    def report(step: str, status: str, entry: dict[str, Any]) -> None:
        seconds = f" in {entry['seconds']:.1f} s" if "seconds" in entry else ""
        say(f"{step}: {status}{seconds}")

    return report
