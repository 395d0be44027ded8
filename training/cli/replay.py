"""`mlops replay`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from training.cli.output import add_json, opened, print_json
from training.errors import UserError
from training.platform import Platform, project_root
from training.runs.alive import hold

DATA = ".mlops/data/flights"
ROW = "{:<8} {:>7} {:>9} {:>8} {:>8}  {:<26} {:<16} {:>8}"
HEADINGS = ROW.format(
    "month", "rows", "v1 alone", "loop", "gain", "drifted", "retrained", "champion"
)
# A month as `Month.as_json` has it.
Month = dict[str, Any]


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_json(parser)
    parser.add_argument(
        "--prepare",
        nargs="?",
        const=DATA,
        metavar="FOLDER",
        help=f"only lay out the flights of January and February ({DATA})",
    )
    parser.add_argument(
        "--share", type=float, default=1.0, help="with --prepare: part of the flights to keep"
    )


def run(args: argparse.Namespace) -> int:
    """Lay out the data, or replay the year."""
    if args.prepare:
        return _prepare(Path(args.prepare), args.share, args.json)
    platform, model = opened(args)
    from training.replay import loop

    with hold(Path(platform.store.uri) / "replay") as is_held:
        if not is_held:
            raise UserError(f"stack {platform.stack!r} is being replayed by another process")
        months: list[Month] = []
        if not args.json:
            print(HEADINGS, flush=True)
        for month in loop.replay(platform, model, _say):
            _say("")
            months.append(month.as_json())
            if not args.json:
                print(rows(months)[-1], flush=True)
    gain = sum(month["auc_loop"] - month["auc_frozen"] for month in months) / len(months)
    if args.json:
        print_json({"months": months, "mean_gain": gain})
    else:
        print()
        show_result(platform, model, months, gain)
    return 0


def rows(months: list[Month]) -> list[str]:
    """A line for each month, below `HEADINGS`."""
    champions = [1, *(month["champion"] for month in months)]
    return [_row(month, before) for month, before in zip(months, champions, strict=False)]


def show_result(platform: Platform, model: str, months: list[Month], gain: float) -> None:
    """Print what the year has come to, and where to look."""
    retrainings = sum(month["retrained"] for month in months)
    champion = months[-1]["champion"]
    print(f"version {champion} of {model} is the champion, after {retrainings} retrainings")
    print(f"mean gain in AUC over version 1 left alone: {gain:+.4f}")
    _where_to_look(platform, model)


def _prepare(folder: Path, share: float, as_json: bool) -> int:
    if not 0 < share <= 1:
        raise UserError(f"--share {share:g} is not allowed: above 0, at most 1")
    root = project_root()
    if not any((root / folder).glob("2013-*.parquet")):
        from training.replay import arrivals

        _say("laying out the flights of 2013")
        arrivals.lay_out(root, root / folder, share)
        _say("")
    if as_json:
        print_json({"data": str(folder)})
    else:
        print(f"flights of January and February 2013 are in {folder}")
    return 0


def _say(text: str) -> None:
    """A line of progress that the next one overwrites on a terminal."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)
    elif text:
        print(f"  {text}", file=sys.stderr, flush=True)


def _row(month: Month, before: int) -> str:
    better = "yes" if month["champion"] != before else "yes, not better"
    drifted = month["drifted"]
    more = f" +{len(drifted) - 2}" if len(drifted) > 2 else ""
    return ROW.format(
        month["month"],
        month["rows"],
        f"{month['auc_frozen']:.4f}",
        f"{month['auc_loop']:.4f}",
        f"{month['auc_loop'] - month['auc_frozen']:+.4f}",
        f"{', '.join(drifted[:2])}{more}" or "none",
        better if month["retrained"] else "no",
        month["champion"],
    )


def _where_to_look(platform: Platform, model: str) -> None:
    from training.monitoring import drift_checks

    check = drift_checks(platform.store, model).last()
    report = Path(platform.store.uri) / f"models/{model}/runs/{check and check['run']}"
    month_text = report.relative_to(platform.root) / "outputs/drift/report.html"
    print(f"""
where to look (after: source tools/activate)
  releases             mlops history
  state and alarms     mlops status
  last drift report    {month_text}
  endpoint, dashboard  mlops serve
  model registry       mlops ui""")
