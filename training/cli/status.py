"""`mlops status`."""

from __future__ import annotations

import argparse
from typing import Any

from training import release
from training.cli.output import add_json, opened, print_json, print_table, printable, short
from training.endpoint import endpoint_of
from training.monitoring import drift_checks, monitoring_of
from training.platform import Platform
from training.release import Release
from training.runs import runs_of


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Print the state of one model of a stack."""
    platform, model = opened(args)
    status = collect(platform, model)
    if args.json:
        print_json(status)
    else:
        _show(status)
    return 0


def collect(platform: Platform, model: str) -> dict[str, Any]:
    """The state of `model`: what is released, what is alarming, what ran last."""
    store = platform.store
    champion = release.champion(store, model)
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
        "alarms": [a.as_json() for a in monitoring_of(platform).alarms(platform, model)],
        "last_drift_check": drift_checks(store, model).last(),
        "last_run": last_run and {name: last_run[name] for name in fields},
    }


def _release(
    platform: Platform, model: str, champion: Release, endpoint: dict[str, Any] | None
) -> dict[str, Any]:
    """The step that the newest release stands at, and how what is served differs from it."""
    number, log = champion.number, release.steps(platform.store, model, champion.number)
    last = log.last() or {}
    under_way = release.unfinished(platform.store, model, champion)
    served = endpoint["version"] if endpoint else champion.version
    says = ""
    if under_way:
        says = f"release {number} stands at step {under_way['step']} since {under_way['when']}"
    elif served != champion.version:
        says = f"the endpoint serves version {served or 'none'}, not {champion.version}"
        if last.get("why"):
            says += f": {last['why']}"
    if says:
        says += "; go on: mlops promote --resume, or go back: mlops rollback"
    return {
        "number": number,
        "step": under_way["step"] if under_way else last.get("step", release.FINISHED),
        "under_way": bool(under_way),
        "agrees": served == champion.version,
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
        else f"version {champion['version']} since {short(champion['released_at'])} "
        f"by {printable(champion['by'])}",
        "endpoint": _endpoint(status["endpoint"], status["target"]),
        **({"release": printable(status["release"]["says"])} if _differs(status) else {}),
        "last drift check": "none yet"
        if check is None
        else f"{check['verdict']} at {short(check['when'])}, {check['rows']} rows; "
        f"drifted: {', '.join(check['drifted']) or 'none'}",
        "last run": "none yet"
        if last is None
        else f"{last['run']} {last['status']} {last['error']}".rstrip(),
    }
    width = max(map(len, lines))
    for name, value in lines.items():
        print(f"{name:<{width}}  {value}")
    print()
    print_table(
        ["alarm", "state", "value", "above", "fires when"],
        [
            [a["name"], a["state"], a["value"], f"{a['above']:g}", a["says"]]
            for a in status["alarms"]
        ],
    )


def _differs(status: dict[str, Any]) -> bool:
    return bool(status["release"] and status["release"]["says"])


def _endpoint(beat: dict[str, Any] | None, target: str) -> str:
    local = target == "local"
    if beat is None:
        return "not running: mlops serve" if local else "there is none: pulumi up"
    if not beat["in_service"]:
        start = ", or start it: mlops serve" if local else ""
        return f"down since {short(beat['at'])}; its log says why{start}"
    version = beat["version"]
    return f"{f'version {version}' if version else 'no version yet'} at {beat['url']}"
