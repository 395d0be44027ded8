"""The procedure of a release: the record, then the endpoint step by step, and the way back.

The record comes first, since of two releases at once only one can write it. Each step is written
down before it is begun and can be repeated, so a release that was killed, or lost its network or
its credentials, is carried on by `resume` or ended by `rollback`. Three things can come of a step:

* It is done: the next one begins.
* The version is not fit, or the service will not have it (RefusedError): the release is withdrawn,
  which is a rollback with that reason.
* Anything else says nothing of the version: the release is left as it is.

A rollback has no canary, no watch and no copies of requests, so nothing that looks at answers can
refuse it. It ends whatever release is under way.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from training import clients, clock, release, versions
from training.endpoint import (
    RefusedError,
    Rollout,
    Say,
    Signals,
    UnclearError,
    endpoint_of,
    example,
)
from training.endpoint.verdict import judge
from training.errors import UserError
from training.journal import Journal, JournalMovedError
from training.monitoring import ALARM, Alarm, monitoring_of
from training.platform import Platform
from training.release import Release

WATCH_SECONDS = 15.0
# All requests get to the new fleet some moments after the service says so.
VERIFY_SECONDS = 120.0
VERIFY_POLL_SECONDS = 1.0
# What the new version's own answers tell better. On a target that has them as alarms of the whole
# endpoint, they say nothing of which version fails.
OWN_ALARMS = ("endpoint-errors", "endpoint-latency")


class LeftError(UserError):
    """A release stopped in the middle, for a reason that is not its version's."""


class OvertakenError(UserError):
    """Another release, or another process with the same one, went on meanwhile."""


def promote(
    platform: Platform,
    model: str,
    version: int,
    *,
    why: str,
    say: Say,
    by: str | None = None,
    kind: str = release.PROMOTE,
    after: int | None = None,
) -> tuple[Release, bool]:
    """Release `version`; the record, and whether a running endpoint serves it now.

    `after` is the number of the release that the decision rests on, 0 for none. Raises UserError
    for what `release.promote` refuses, if a release is under way, if the version was taken back,
    and LeftError if the release stopped half-way.
    """
    manifest = versions.manifest(platform.store, model, version)
    newest = _check_nothing_under_way(platform, model)
    endpoint_of(platform).check(platform, manifest)
    # One that began meanwhile is not ended half-way: of two at once one wins.
    after = newest if after is None else after
    record = release.promote(
        platform.store, model, version, why=why, by=by, kind=kind, staged=True, after=after
    )
    return record, _carried_on(platform, model, record, say)


def rollback(
    platform: Platform,
    model: str,
    *,
    why: str,
    say: Say,
    by: str | None = None,
    after: int | None = None,
) -> tuple[Release, bool]:
    """Release the version before the present one, at once; returns as `promote`.

    Raises UserError if there is none, and LeftError if the endpoint could not be brought to it
    now: the record stands, and `resume` goes on.
    """
    target = release.before(platform.store, model)
    # What the endpoint is able to serve already does not have to be read again.
    ready = target in _ready(platform, model, say)
    record = release.rollback(platform.store, model, why=why, by=by, whole=ready, after=after)
    return record, _carried_on(platform, model, record, say)


def resume(platform: Platform, model: str, *, say: Say) -> tuple[Release, bool]:
    """Carry on the newest release, wherever it stopped; returns and raises as `promote`.

    One that is over is brought to the endpoint again, with the present settings.
    """
    record = release.champion(platform.store, model)
    if record is None:
        raise UserError(f"model {model!r} has no release yet: nothing to go on with")
    return record, _carried_on(platform, model, record, say)


def tidy(platform: Platform, model: str, *, say: Say) -> None:
    """Take away the version before, once it was kept able to serve for as long as it is to be."""
    record = release.champion(platform.store, model)
    if record is None:
        return
    log = release.steps(platform.store, model, record.number)
    last = log.last()
    if last is None or last["step"] != release.FINISHED or not last.get("kept"):
        return
    if clock.now() < clock.parse(last["until"]):
        return
    rollout = endpoint_of(platform).rollout(platform, model, say)
    if rollout is not None:
        rollout.remove(last["kept"])
        say(f"{last['kept']}, which served before, is no longer kept")
    log.append({"step": release.TIDIED, "when": clock.text(clock.now())}, after=last["number"])


def _check_nothing_under_way(platform: Platform, model: str) -> int:
    """The number of the newest release, 0 for none; raises UserError if it is under way."""
    current = release.champion(platform.store, model)
    step = current and release.unfinished(platform.store, model, current)
    if current and step:
        raise UserError(
            f"release {current.number}, of version {current.version} by {current.by}, stands at "
            f"step {step['step']} since {step['when']}; go on with it: mlops promote --resume, or "
            "end it: mlops rollback"
        )
    return current.number if current else 0


def _ready(platform: Platform, model: str, say: Say) -> set[int]:
    """The versions that the endpoint is able to serve, as far as it can be told now."""
    try:
        rollout = endpoint_of(platform).rollout(platform, model, say)
        return set(rollout.stand().fleets.values()) if rollout else set()
    except Exception as error:
        # Nothing that the endpoint says may refuse a rollback.
        if clients.explained(error) is None:
            raise
        return set()


def _carried_on(platform: Platform, model: str, record: Release, say: Say) -> bool:
    """Do all steps of a release that are left; withdraw it if its version is not fit."""
    log, procedure = _Log(platform, model, record), None
    try:
        rollout = endpoint_of(platform).rollout(platform, model, say)
        if rollout is None:
            log.end(release.FINISHED)
            return False
        procedure = _Procedure(platform, model, record, rollout, log, say)
        procedure.run()
        return True
    except RefusedError as error:
        if procedure and record.previous is None:
            procedure.discard()
        raise _withdrawn(platform, model, record, log, str(error), say) from error
    except OvertakenError:
        raise
    except Exception as error:
        reason = clients.explained(error)
        if reason is None:
            raise
        raise LeftError(
            f"release {record.number}, of version {record.version}, stopped at step {log.step}: "
            f"{reason}. Nothing that serves was taken away. Go on with it: mlops promote "
            "--resume; or go back: mlops rollback"
        ) from error


def _withdrawn(
    platform: Platform, model: str, record: Release, log: _Log, reason: str, say: Say
) -> UserError:
    """Go back to the version before, and return what is to be said of it."""
    refused = f"version {record.version} is not served: {reason}"
    if record.kind == release.ROLLBACK:
        # Nothing refuses a rollback; what is wrong with its version is for a person to decide.
        return LeftError(
            f"{refused}. Release {record.number} stands at step {log.step}; go on with it: mlops "
            "promote --resume, or release another version"
        )
    if record.previous is None:
        log.end(release.REFUSED, why=reason)
        return UserError(f"{refused}; there is no version before it to go back to")
    back = release.withdraw(platform.store, model, record, why=refused)
    log.end(release.WITHDRAWN, why=reason)
    if back is None:
        return OvertakenError(f"{refused}; another release came meanwhile")
    say(f"going back to version {back.version}: {reason}")
    try:
        _carried_on(platform, model, back, say)
    except UserError as error:
        return LeftError(f"{refused}. {error}")
    return UserError(refused)


class _Log:
    """The steps of one release, written by one process at a time."""

    def __init__(self, platform: Platform, model: str, record: Release) -> None:
        self._store, self._model, self._record = platform.store, model, record
        self._journal: Journal = release.steps(platform.store, model, record.number)
        self._records = self._journal.records()

    @property
    def step(self) -> str:
        """The step that the release stands at."""
        return self._records[-1]["step"] if self._records else release.BRING_UP

    @property
    def first_record(self) -> dict[str, Any] | None:
        """The first record of the release: its fleet, and the one before.

        None of a release that is over: it begins anew.
        """
        if self.step in (*release.ENDS, release.TIDIED):
            return None
        return next((r for r in reversed(self._records) if "fleet" in r), None)

    def begin(self, step: str, **details: Any) -> dict[str, Any]:
        """Write down that a step begins.

        Raises OvertakenError if another release is the newest, or another process has written
        down a step of this one.
        """
        self.check_newest()
        if self._records and self._records[-1]["step"] == step:
            return self._records[-1]
        return self._write(step, details)

    def check_newest(self) -> None:
        """Raise OvertakenError if another release is the newest."""
        newest = release.champion(self._store, self._model)
        if newest is None or newest.number != self._record.number:
            newer = f"release {newest.number} by {newest.by}" if newest else "a deletion"
            raise OvertakenError(
                f"version {self._record.version} is not released any further: {newer} came first"
            )

    def end(self, step: str, **details: Any) -> None:
        """Write down that the release is over; one that was overtaken is over already."""
        if self._records and self._records[-1]["step"] == step:
            return
        self._write(step, details)

    def _write(self, step: str, details: dict[str, Any]) -> dict[str, Any]:
        record = {"step": step, "when": clock.text(clock.now()), **details}
        after = self._records[-1]["number"] if self._records else 0
        try:
            appended = self._journal.append(record, after=after)
        except JournalMovedError:
            raise OvertakenError(
                f"release {self._record.number} is being carried on by another process: look at "
                "mlops status"
            ) from None
        self._records.append(appended)
        return appended


@dataclass(frozen=True)
class _Procedure:
    """The steps of a release; those that were done before are repeated or passed over."""

    platform: Platform
    model: str
    record: Release
    rollout: Rollout
    log: _Log
    say: Say

    @property
    def guarded(self) -> bool:
        """True if the version has to prove itself; a rollback does not."""
        return self.record.staged

    def run(self) -> None:
        """Do them all."""
        try:
            self._run()
        except OvertakenError:
            self._abandon()
            raise

    def _run(self) -> None:
        store, part = self.platform.store, self.rollout.part
        manifest = versions.manifest(store, self.model, self.record.version)
        standing = self.rollout.stand()
        first_record = self.log.first_record
        if first_record is None:
            fleet = self.rollout.fleet(self.record, standing)
            before = standing.main_fleet if standing.main_fleet != fleet else None
            first_record = self.log.begin(release.BRING_UP, fleet=fleet, before=before)
        fleet, before = first_record["fleet"], first_record["before"]
        if before not in standing.fleets:
            before = standing.main_fleet if standing.main_fleet != fleet else None
        # The canary is over once the shift was written down, whatever the endpoint shows by now.
        passed = standing.shares == {fleet: 100} or self.log.step in (release.SHIFT, release.VERIFY)
        if fleet not in standing.fleets:
            self.say(f"bringing up version {self.record.version} as {fleet}")
        self.rollout.interrupt(fleet)
        self.rollout.bring_up(fleet, manifest)
        if self.guarded and before is not None and not passed:
            self._prove(fleet, before, part)
        self.log.begin(release.SHIFT)
        self.rollout.shift(fleet, before)
        self.log.begin(release.VERIFY)
        self._verify(fleet, before, manifest)
        self._show()
        self._finish(fleet, before, part)

    def _prove(self, fleet: str, before: str, part: Any) -> None:
        """Watch the version with copies of requests, then with a share of them."""
        minutes = part["canary_minutes"]
        copies, share = part["mirror_percent"], part["canary_percent"]
        if not minutes:
            return
        if copies:
            self.log.begin(release.MIRROR, percent=copies)
            self.rollout.mirror(fleet, before, copies)
            self._watch(fleet, before, minutes, f"copies of {copies} % of the requests")
        if share:
            self.log.begin(release.CANARY, percent=share)
            self.rollout.canary(fleet, before, share)
            self._watch(fleet, before, minutes, f"{share} % of the requests")

    def _watch(self, fleet: str, before: str, minutes: float, share: str) -> None:
        """Let the time of a share pass; raises RefusedError as soon as the version is not fit.

        Raises UnclearError if nothing could be seen to the end, or if the settings want to wait
        for more requests than came.
        """
        version, part = self.record.version, self.rollout.part
        self.say(f"version {version} gets {share}, watched for {minutes:g} minutes")
        since = clock.now()
        look = _Look(self, fleet, before, since, share)
        patience = part["canary_wait_minutes"]
        first, last = (time.monotonic() + m * 60 for m in (minutes, minutes + patience))
        while True:
            # At first also because the share may have come after a rollback gave it to another.
            self.log.check_newest()
            enough = look()
            now = time.monotonic()
            if now >= first and (enough or now >= last):
                break
            time.sleep(min(WATCH_SECONDS, max((first if now < first else last) - now, 0)))
        signals = look.signals
        if signals is None:
            raise UnclearError(
                f"what version {version} answers could not be seen in {minutes + patience:g} "
                f"minutes: {look.error}"
            )
        if enough:
            return
        least = part["canary_min_requests"]
        message = f"version {version} had {signals.requests} of the {least} requests that judge it"
        if patience:
            raise UnclearError(f"{message}, in {minutes + patience:g} minutes")
        self.say(f"{message}; it is not waited for more (endpoint.canaryWaitMinutes)")

    def _show(self) -> None:
        """Show the champion in the registry; the record alone decides."""
        try:
            self.rollout.show(self.record.version)
        except Exception as error:
            reason = clients.explained(error)
            if reason is None:
                raise
            self.say(f"the registry does not show version {self.record.version}: {reason}")

    def _verify(self, fleet: str, before: str | None, manifest: versions.Manifest) -> None:
        """See by a real request that the version answers, and as it did at first."""
        input_example = manifest.get("example")
        if input_example is None:
            self.say(
                f"version {self.record.version} was registered without an input example: that it "
                "answers was not tried"
            )
            return
        deadline = time.monotonic() + VERIFY_SECONDS
        while True:
            answer, problem = None, ""
            try:
                answer = self.rollout.score(example.body(input_example))
            except Exception as error:
                if not clients.is_passing(error):
                    raise
                problem = clients.explained(error) or str(error)
            if answer is not None:
                is_served = answer.get("version") == self.record.version
                if is_served:
                    example.check(input_example, answer)
                problem = f"the endpoint answers with version {answer.get('version')}"
                if self.rollout.stand().shares != {fleet: 100}:
                    # A process that was overtaken had a last request under way: not this one.
                    self.log.check_newest()
                    self.rollout.shift(fleet, before)
                elif is_served:
                    return
            if time.monotonic() >= deadline:
                reason = f"{problem}, {VERIFY_SECONDS:g} s after {fleet} was given all requests"
                raise (UnclearError if answer is None else RefusedError)(reason)
            time.sleep(VERIFY_POLL_SECONDS)

    def _finish(self, fleet: str, before: str | None, part: Any) -> None:
        """Keep the version before for a while, and take all other fleets away."""
        minutes = part["keep_previous_minutes"]
        previous = before if minutes and self.guarded and before != fleet else None
        obsolete = {*self.rollout.stand().fleets, before, *self._previous_fleets()} - {
            fleet,
            previous,
            None,
        }
        # What a newer release brought up meanwhile is not this one's to take away.
        self.log.check_newest()
        for name in sorted(name for name in obsolete if name):
            self.rollout.remove(name)
        until = clock.text(clock.now() + timedelta(minutes=minutes)) if previous else None
        self.log.end(release.FINISHED, kept=previous, until=until)

    def _previous_fleets(self) -> set[str]:
        """The fleets of the release before, which may have ended half-way."""
        if self.record.number == 1:
            return set()
        log = release.steps(self.platform.store, self.model, self.record.number - 1)
        names = (record.get(key) for record in log.records() for key in ("fleet", "before"))
        return {name for name in names if name}

    def _abandon(self) -> None:
        """Take away the fleet of a release that was overtaken, if nothing else has use for it."""
        newest = release.champion(self.platform.store, self.model)
        if newest is not None and newest.version != self.record.version:
            self.discard(overtaken_by=newest)

    def _give_way(self, newest: Release) -> None:
        """Give all requests to the fleet of the newer release, once that is over.

        The last change of this release may have come after the newer one's own.
        """
        if self.log.step not in (release.MIRROR, release.CANARY, release.SHIFT):
            return
        steps = release.steps(self.platform.store, self.model, newest.number)
        deadline = time.monotonic() + VERIFY_SECONDS
        self.say(f"release {newest.number} came first; waiting until it is over")
        while (last := steps.last()) is None or last["step"] not in release.ENDS:
            if time.monotonic() >= deadline:
                if newest.staged:
                    return  # its own steps are to come
                break
            time.sleep(VERIFY_POLL_SECONDS)
        fleet = next((record["fleet"] for record in steps.records() if "fleet" in record), None)
        if fleet is not None:
            self.rollout.interrupt(fleet)
            self.rollout.shift(fleet, None)

    def discard(self, overtaken_by: Release | None = None) -> None:
        """Take away the fleet of this release, unless it gets requests."""
        first_record = self.log.first_record
        if first_record is None:
            return
        try:
            if overtaken_by is not None:
                self._give_way(overtaken_by)
            if first_record["fleet"] not in self.rollout.stand().shares:
                self.rollout.remove(first_record["fleet"])
        except Exception as error:
            reason = clients.explained(error)
            if reason is None:
                raise
            # The next release takes it away.
            self.say(f"{first_record['fleet']} is left: {reason}")


class _Look:
    """Looks at a new fleet, again and again; `signals` is what it saw at last, None if nothing."""

    def __init__(
        self, procedure: _Procedure, fleet: str, before: str, since: datetime, share: str
    ) -> None:
        self._procedure, self._fleet, self._before = procedure, fleet, before
        self._since, self._share = since, share
        self.signals: Signals | None = None
        self.error = ""
        self._on_before: set[str] | None = None

    def __call__(self) -> bool:
        """Look once; whether there were enough answers to judge by. Raises RefusedError."""
        try:
            return self._look()
        except Exception as error:
            if not clients.is_passing(error):
                raise
            # An error while looking is no verdict.
            reason = clients.explained(error) or str(error)
            if not self.error:
                self._procedure.say(f"could not look, and look again: {reason}")
            self.error, self.signals = reason, None
            return False

    def _look(self) -> bool:
        procedure, part = self._procedure, self._procedure.rollout.part
        new = procedure.rollout.signals(self._fleet, self._since)
        old = procedure.rollout.signals(self._before, self._since)
        alarms = self._alarms()
        self.signals, self.error = new, ""
        verdict = judge(new, old, part)
        if verdict.reason:
            raise RefusedError(f"with {self._share}, {verdict.reason}")
        for alarm in alarms:
            if alarm.name in OWN_ALARMS and verdict.enough:
                continue
            raise RefusedError(
                f"alarm {alarm.name!r} fired while it had {self._share}, {alarm.says}"
            )
        return verdict.enough

    def _alarms(self) -> list[Alarm]:
        """The rollback alarms that went on since the first look: those on before are told."""
        procedure = self._procedure
        names = procedure.rollout.part["alarms"]
        if not names:
            return []
        alarms = monitoring_of(procedure.platform).alarms(procedure.platform, procedure.model)
        on = {alarm.name: alarm for alarm in alarms if alarm.name in names and alarm.state == ALARM}
        if self._on_before is None:
            self._on_before = set(on)
            for name in sorted(on):
                procedure.say(f"alarm {name!r} is on already: it is not the new version's")
        # One that went off in between is news when it comes again.
        self._on_before &= set(on)
        return [alarm for name, alarm in on.items() if name not in self._on_before]
