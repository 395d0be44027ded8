"""Decide whether this retraining may run: lease, cooldown, minimum of new rows."""

from __future__ import annotations

import argparse
from typing import Any

from training import clock, retraining_admission, table
from training.platform import platform_at
from training.runs import runs_of


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the step's arguments."""
    parser.add_argument("--model", required=True)
    parser.add_argument("--store", required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--min-rows", type=int, required=True)
    parser.add_argument("--cooldown-hours", type=float, required=True)
    parser.add_argument("--max-run-minutes", type=float, required=True)
    parser.add_argument("--run", required=True)
    parser.add_argument("--trigger", choices=retraining_admission.TRIGGERS, required=True)
    parser.add_argument("--as-of", default="", help="the time the data stands at; now if empty")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Return whether the run is admitted and, if not, why."""
    platform = platform_at(args.store)
    refusal = retraining_admission.admit(
        platform.store,
        args.model,
        retraining_admission.Rules(args.min_rows, args.cooldown_hours, args.max_run_minutes),
        retraining_admission.Request(
            run=args.run,
            trigger=args.trigger,
            rows=table.rows(args.data),
            as_of=clock.parse(args.as_of) if args.as_of else clock.now(),
        ),
        alive=lambda run: runs_of(platform).alive(platform, args.model, run),
    )
    print(f"retraining refused: {refusal}" if refusal else "retraining admitted")
    return {"admitted": refusal is None, "reason": refusal or ""}
