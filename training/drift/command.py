"""The command ``drift``: compare two tables, or profile one.

Exit codes: 0 no drift, 3 drift, 4 insufficient data, 1 error.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from training.drift import DriftReport, Profile, Thresholds

EXIT_CODES = {"no_drift": 0, "drift": 3, "insufficient_data": 4}
_MOST_COLUMNS = 20


def configure(subparsers: argparse._SubParsersAction) -> None:
    """Add the sub-commands ``compare`` and ``profile``."""
    compare = subparsers.add_parser(
        "compare",
        help="compare a window with a reference",
        description="Exit code: 0 no drift, 3 drift, 4 insufficient data, 1 error.",
    )
    compare.add_argument(
        "reference", help="Parquet or CSV file, folder of such files, or profile (.json)"
    )
    compare.add_argument("window", help="the same; a table is counted into the reference's bins")
    compare.add_argument("--json", action="store_true", help="print the report as JSON")
    compare.add_argument("--html", metavar="FILE", help="write the report as one HTML page")
    compare.add_argument("--alpha", type=float, help="false discovery rate (default 0.05)")
    compare.add_argument(
        "--min-effect", type=float, help="smallest difference that matters (default 0.02)"
    )
    compare.add_argument(
        "--effect",
        action="append",
        default=[],
        metavar="COLUMN=VALUE",
        help="smallest difference that matters in a column; repeatable",
    )
    compare.add_argument(
        "--min-rows", type=int, help="fewer rows are insufficient data (default 100)"
    )
    compare.add_argument(
        "--score", action="append", default=[], metavar="COLUMN", help="what the model says"
    )
    _reading(compare)
    profile = subparsers.add_parser("profile", help="write the profile of a table")
    profile.add_argument("table", help="Parquet or CSV file, or folder of such files")
    profile.add_argument(
        "-o", "--output", required=True, metavar="FILE", help="profile to write (.json)"
    )
    profile.add_argument(
        "--reference", metavar="PROFILE", help="count into the bins of this profile"
    )
    profile.add_argument("--json", action="store_true", help="print what was written as JSON")
    _reading(profile)


def _reading(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--columns", metavar="A,B", help="only these columns")
    parser.add_argument(
        "--block", metavar="COLUMN", help="rows with one value of it depend on each other"
    )
    parser.add_argument(
        "--time-column", metavar="COLUMN", help="date or timestamp that gives the time range"
    )
    parser.add_argument("--workers", type=int, help="threads (default: all processors)")


def run(args: argparse.Namespace) -> int:
    """Run a parsed command; returns the exit code.

    Raises:
        UserError: Anything a user can mend; the caller prints it and exits with 1.
    """
    return _compare(args) if args.command == "compare" else _profile(args)


def _compare(args: argparse.Namespace) -> int:
    from training.drift import compare, html_page

    reference = _read(args.reference, args, None)
    window = _read(args.window, args, reference)
    report = compare(reference, window, _thresholds(args), scores=args.score)
    if args.html:
        Path(args.html).write_text(html_page(report), encoding="utf-8")
    print(report.to_json(indent=2) if args.json else _text(report))
    return EXIT_CODES[report.verdict]


def _profile(args: argparse.Namespace) -> int:
    from training.drift import Profile

    reference = Profile.load(args.reference) if args.reference else None
    profile = _read(args.table, args, reference)
    profile.save(args.output)
    summary = {"profile": args.output, "rows": profile.rows, "columns": len(profile.columns)}
    if args.json:
        print(json.dumps(summary))
    else:
        print(f"{args.output}: {profile.rows:,} rows, {len(profile.columns)} columns")
    return 0


def _read(path: str, args: argparse.Namespace, reference: Profile | None) -> Profile:
    """The profile in a file, or that of a table."""
    from training.drift import Profile, profile_table

    columns = args.columns.split(",") if args.columns else None
    if path.lower().endswith(".json"):
        profile = Profile.load(path)
        return profile if columns is None else profile.select(columns)
    progress = _Progress(path)
    profile = profile_table(
        path,
        columns=columns,
        time_column=args.time_column,
        reference=reference,
        block=args.block,
        workers=args.workers,
        progress=progress,
    )
    progress.end()
    return profile


def _thresholds(args: argparse.Namespace) -> Thresholds:
    from training.drift import Thresholds

    options = {"alpha": args.alpha, "min_effect": args.min_effect, "min_rows": args.min_rows}
    options["block"] = args.block
    settings = {name: value for name, value in options.items() if value is not None}
    return Thresholds(effects=dict(_effect(text) for text in args.effect), **settings)


def _effect(text: str) -> tuple[str, float]:
    from training.errors import UserError

    name, _, value = text.rpartition("=")
    try:
        return name, float(value)
    except ValueError as error:
        raise UserError(f"--effect is {text!r}; it must be COLUMN=VALUE, as in age=0.05") from error


def _text(report: DriftReport) -> str:
    from training.drift.verdict import magnitude

    lines = [f"{report.verdict.replace('_', ' ')}: {report.reason}"]
    lines.append(f"reference {report.reference.rows:,} rows, window {report.window.rows:,} rows")
    lines += [f"  {finding.kind}: {finding.column} {finding.detail}" for finding in report.findings]
    by_effect = sorted(
        report.features.items(), key=lambda item: (not item[1].drifted, -magnitude(item[1]))
    )
    lines.append(
        f"{'column':<28} {'drift':<6} {'effect':>8} {'p adj.':>9} {'psi':>8} {'missing':>16}"
    )
    for name, feature in by_effect[:_MOST_COLUMNS]:
        missing = f"{feature.missing.reference:.2%} > {feature.missing.window:.2%}"
        drifted = "yes" if feature.drifted else "no"
        lines.append(
            f"{name[:28]:<28} {drifted:<6} {_number(feature.effect, '.4f'):>8} "
            f"{_number(feature.p_adjusted, '.2g'):>9} {_number(feature.psi, '.4f'):>8} "
            f"{missing:>16}"
        )
    if len(by_effect) > _MOST_COLUMNS:
        lines.append(
            f"and {len(by_effect) - _MOST_COLUMNS} columns with smaller effects (--json lists all)"
        )
    return "\n".join(lines)


def _number(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)


class _Progress:
    """Shows how far reading has come, once it takes longer than a moment."""

    def __init__(self, name: str) -> None:
        from time import monotonic

        self._name, self._clock, self._begin = name, monotonic, monotonic()
        self._is_visible = False

    def __call__(self, number: int, parts: int) -> None:
        if self._clock() - self._begin > 1 and sys.stderr.isatty():
            self._is_visible = True
            print(
                f"\rreading {self._name}: {number / parts:4.0%}",
                end="",
                file=sys.stderr,
                flush=True,
            )

    def end(self) -> None:
        """Clear the line."""
        if self._is_visible:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
