"""`mlops status`."""

from __future__ import annotations

import argparse
from datetime import timedelta
from itertools import takewhile
from typing import Any

from training import clients, clock, release, versions
from training.cli.output import (
    add_json,
    moment,
    opened,
    print_fields,
    print_json,
    print_table,
    printable,
    short,
)
from training.endpoint import endpoint_of
from training.endpoint import example as input_example
from training.monitoring import (
    ALARM,
    alarm_events,
    alarms_since,
    drift_checks,
    drifted_features,
    latest_measurement,
    monitoring_of,
    silences,
)
from training.monitoring.rules import unit
from training.platform import Platform
from training.release import Release
from training.runs import runs_of
from training.runs.outcome import outcome

# An older measurement says nothing of today.
METRIC_LOOKBACK = timedelta(days=90)
# Exit codes with --exit-code.
ALARMING, NOT_ANSWERING = 3, 4


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_json(parser)
    parser.add_argument(
        "--exit-code",
        action="store_true",
        help="ask the endpoint for the version's input example, and fail unless all is well",
    )
    parser.epilog = (
        "Exit code with --exit-code: 0 all is well or nothing is released yet, 3 an alarm is on, "
        "4 what is released does not answer, 1 error. Without it: 0, or 1 for an error."
    )


def run(args: argparse.Namespace) -> int:
    """Print the state of one model of a stack."""
    platform, model = opened(args)
    status = collect(platform, model)
    problem = _unanswered(platform, model, status) if args.exit_code else None
    if args.json:
        print_json({**status, "problem": problem} if args.exit_code else status)
    else:
        _show(status)
        if problem:
            print(f"\nproblem: {printable(problem)}")
    if not args.exit_code:
        return 0
    alarming = any(alarm["state"] == ALARM for alarm in status["alarms"])
    return NOT_ANSWERING if problem else ALARMING if alarming else 0


def _unanswered(platform: Platform, model: str, status: dict[str, Any]) -> str | None:
    """The reason that the released version does not answer; None if it does, or there is none.

    It is asked: a heartbeat, or a service's word, may be older than the fault.
    """
    champion, endpoint = status["champion"], status["endpoint"]
    if champion is None:
        return None
    version = champion["version"]
    released = f"version {version} is released, "
    if endpoint is None or not endpoint["in_service"]:
        return f"{released}but the endpoint is {_endpoint(endpoint, platform.target)}"
    if status["release"]["says"]:
        return status["release"]["says"]
    if endpoint["version"] != version:
        return f"{released}but version {endpoint['version'] or 'none'} is served"
    example = versions.manifest(platform.store, model, version).get("example")
    if example is None:
        return None
    try:
        rollout = endpoint_of(platform).rollout(platform, model, say=_unsaid)
        if rollout is None:
            return f"{released}but no endpoint is running"
        answer = rollout.score(input_example.body(example))
        if answer.get("version") != version:
            return f"{released}but version {answer.get('version')} answers"
        input_example.check(example, answer)
    except Exception as error:
        reason = clients.explained(error)
        if reason is None:
            raise
        return f"{released}but its input example is not answered: {reason}"
    return None


def _unsaid(text: str) -> None:
    """A line of progress that nobody needs: nothing is changed."""


def collect(platform: Platform, model: str) -> dict[str, Any]:
    """The state of `model`: what is released, what is alarming, what ran last."""
    store = platform.store
    releases = release.history(store, model)
    champion = releases[-1] if releases else None
    last_run = next(iter(runs_of(platform).recent(platform, model, most=1)), None)
    fields = ("run", "pipeline", "status", "started", "ended", "error")
    endpoint = endpoint_of(platform).health(platform, model)
    return {
        "stack": platform.stack,
        "target": platform.target,
        "model": model,
        "champion": champion
        and {
            "version": champion.version,
            "digest": champion.digest,
            "released_at": champion.when,
            "by": champion.by,
            "why": champion.why,
        },
        "endpoint": endpoint,
        "release": champion and _release(platform, model, champion, endpoint),
        "rollback_to": champion and release.rollback_target(releases),
        "waiting": release.waiting(
            [r.version for r in releases], versions.journal(store, model).numbers()
        ),
        "metric": champion and _metric(platform, model, champion.version),
        "alarms": _alarms(platform, model),
        "last_drift_check": drift_checks(store, model).last(),
        "last_run": last_run
        and {
            **{name: last_run[name] for name in fields},
            "outcome": outcome(last_run).as_json(),
        },
    }


def _alarms(platform: Platform, model: str) -> list[dict[str, Any]]:
    """All alarms, of a local stack with the moment since which one that was told is on."""
    alarms = monitoring_of(platform).alarms(platform, model)
    since = alarms_since(alarm_events(platform.store, model).records())
    return [
        {**alarm, "since": since.get(alarm["name"])}
        for alarm in silences.described(platform, model, alarms)
    ]


def _metric(platform: Platform, model: str, version: int) -> dict[str, Any]:
    """The champion's metric: on the holdout, and the last measurement in production."""
    metrics = versions.manifest(platform.store, model, version)["metrics"]
    since = clock.now() - METRIC_LOOKBACK
    checks = takewhile(
        lambda check: clock.parse(check["when"]) >= since,
        drift_checks(platform.store, model).newest_first(),
    )
    return {
        "metric": metrics["metric"],
        "holdout": metrics["challenger"],
        "production": latest_measurement(checks, version),
    }


def _metric_line(metric: dict[str, Any]) -> str:
    measured = metric["production"]
    text = f"{metric['metric']} {metric['holdout']:.4f} on the holdout, in production "
    if measured is None:
        return f"{text}not measured yet: no labels have arrived"
    between = (
        "" if measured["low"] is None else f" ({measured['low']:.4f} to {measured['high']:.4f})"
    )
    requests = f"{measured['labeled']} labeled requests at {moment(measured['when'])}"
    return f"{text}{measured['value']:.4f}{between} on {requests}"


def _release(
    platform: Platform, model: str, champion: Release, endpoint: dict[str, Any] | None
) -> dict[str, Any]:
    """The step that the newest release stands at, and how what is served differs from it."""
    number, log = champion.number, release.steps(platform.store, model, champion.number)
    last = log.last() or {}
    under_way = release.unfinished(platform.store, model, champion)
    version = endpoint["version"] if endpoint else champion.version
    says = ""
    if under_way:
        says = f"release {number} stands at step {under_way['step']} since {under_way['when']}"
    elif version != champion.version:
        says = f"the endpoint serves version {version or 'none'}, not {champion.version}"
        if last.get("why"):
            says += f": {last['why']}"
    if says:
        says += "; go on: mlops promote --resume, or go back: mlops rollback"
    return {
        "number": number,
        "step": under_way["step"] if under_way else last.get("step", release.FINISHED),
        "under_way": bool(under_way),
        "agrees": version == champion.version,
        "kept": last.get("kept"),
        "kept_until": last.get("until"),
        "says": says,
    }


def _show(status: dict[str, Any]) -> None:
    champion, check, last = status["champion"], status["last_drift_check"], status["last_run"]
    lines = {
        "stack": f"{status['stack']} on {status['target']}",
        "model": status["model"],
        "champion": "none yet: mlops retrain"
        if champion is None
        else f"version {champion['version']} since {moment(champion['released_at'])}, "
        f"by {printable(champion['by'])}",
        **({"metric": _metric_line(status["metric"])} if status["metric"] else {}),
        **_choices(status),
        "endpoint": _endpoint(status["endpoint"], status["target"]),
        **({"release": printable(status["release"]["says"])} if _differs(status) else {}),
        "last drift check": "none yet" if check is None else _check(check, champion),
        "last run": "none yet"
        if last is None
        else printable(
            ": ".join(filter(None, [last["outcome"]["word"], last["outcome"]["says"]]))
            + f" ({last['run']})"
        ),
    }
    print_fields(lines)
    print()
    print_table(
        ["alarm", "state", "value", "above", "unit", "fires when"],
        [
            [
                a["name"],
                a["state"],
                None if a["value"] is None else f"{a['value']:.4g}",
                f"{a['above']:g}",
                unit(a["name"]),
                a["says"] + _since(a) + _silenced(a["silenced"]),
            ]
            for a in status["alarms"]
        ],
    )


def _choices(status: dict[str, Any]) -> dict[str, str]:
    """What somebody may decide on: versions that wait, and the one to go back to."""
    lines = {}
    if status["waiting"]:
        numbers = ", ".join(map(str, status["waiting"]))
        lines["waits"] = f"for approval: version {numbers}; mlops versions N, mlops promote N"
    if status["rollback_to"]:
        lines["rollback"] = f"goes to version {status['rollback_to']}: mlops rollback"
    return lines


def _since(alarm: dict[str, Any]) -> str:
    is_on = alarm["state"] == ALARM and alarm["since"]
    return f"; since {moment(alarm['since'])}" if is_on else ""


def _silenced(silence: dict[str, Any] | None) -> str:
    if silence is None:
        return ""
    return f"; silenced until {short(silence['until'])} UTC by {silence['by']}: {silence['why']}"


def _check(check: dict[str, Any], champion: dict[str, Any] | None) -> str:
    """A drift check in a line, and the version that it is about."""
    rows, when = check["rows"], moment(check["when"])
    about = f" against version {check['version']}" if check["version"] else ""
    text = f"{check['verdict'].replace('_', ' ')} at {when}: {rows} rows{about}"
    if drifted_features(check) is not None:
        text += f"; drifted: {', '.join(check['drifted']) or 'none'}"
    if champion and check["version"] not in (None, champion["version"]):
        text += f"; nothing is measured of version {champion['version']} yet"
    return printable(text)


def _differs(status: dict[str, Any]) -> bool:
    return bool(status["release"] and status["release"]["says"])


def _endpoint(beat: dict[str, Any] | None, target: str) -> str:
    local = target == "local"
    if beat is None:
        return "not running: mlops serve" if local else "there is none: pulumi up"
    if not beat["in_service"]:
        start = ", or start it: mlops serve" if local else ""
        return f"down since {moment(beat['at'])}; mlops logs says why{start}"
    version = beat["version"]
    return f"{f'version {version}' if version else 'no version yet'} at {beat['url']}"
