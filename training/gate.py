"""The champion/challenger gate: whether a newly trained model may become the champion.

Both models are scored on the same held-out rows, from none of which either has learned: a champion
that was split by another rule is asked by its own. The challenger passes if its metric is above the
champion's by more than the setting `gate.margin`; each model takes its own columns. Without a
champion it passes if it is above a baseline that ignores all inputs; with one that cannot be scored
here (damaged, made with other libraries, its columns gone, its split not known), above that
baseline by the margin.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from training import clock, metrics, release, split, versions
from training.errors import UserError
from training.predictor import Predictor, load
from training.store import Store

# Of fewer rows the metric says little, unless half of the holdout are no more.
MIN_ROWS = 100


@dataclass(frozen=True)
class Holdout:
    """Held-out rows, and the column with the time of each if there is one."""

    rows: pd.DataFrame
    target: str
    time_column: str | None = None


@dataclass(frozen=True)
class Decision:
    """Outcome of the gate.

    Args:
        passed: Whether the challenger may be registered.
        reason: The comparison in a sentence.
        metric: Name of the metric, in which more is better.
        holdout_rows: Rows that both models were scored on.
        margin: The setting `gate.margin`.
        challenger: The challenger's metric.
        champion: The champion's; None if there is none to compare with.
        baseline: The metric of a model that ignores the inputs, where there is no champion.
    """

    passed: bool
    reason: str
    metric: str
    holdout_rows: int
    margin: float
    challenger: float
    champion: float | None = None
    baseline: float | None = None

    def as_json(self) -> dict[str, Any]:
        """The decision as plain data, without what was not computed."""
        return {name: value for name, value in asdict(self).items() if value is not None}


@dataclass(frozen=True)
class Champion:
    """The released version with its manifest, or the reason why it cannot be scored here."""

    predictor: Predictor | None
    manifest: versions.Manifest | None
    problem: str = ""


def champion_of(store: Store, model: str) -> Champion:
    """The champion of `model`, loaded."""
    current = release.champion(store, model)
    if current is None:
        return Champion(None, None)
    manifest = None
    try:
        manifest = versions.manifest(store, model, current.version)
        return Champion(load(store, manifest), manifest)
    except Exception as error:
        # Whatever became of the champion (libraries, a damaged or malicious file, gone from the
        # store), it must not keep better models from being trained.
        reason = str(error) if isinstance(error, UserError) else f"{type(error).__name__}: {error}"
        return Champion(None, manifest, reason)


def decide(
    metric: str,
    challenger: Predictor,
    champion: Champion,
    holdout: Holdout,
    train: pd.DataFrame,
    margin: float,
) -> Decision:
    """Compare the challenger with the champion, or with the baseline of the `train` rows."""
    rows, problem = holdout.rows, champion.problem
    if champion.predictor and champion.manifest:
        try:
            rows = _comparable_rows(holdout, champion.manifest)
        except UserError as error:
            problem = str(error)
    target = rows[holdout.target]

    def score(model: Predictor) -> float:
        return metrics.score(metric, model.estimator, model.frame(rows), target)

    value = score(challenger)
    rival = None
    if champion.predictor and not problem:
        try:
            rival = score(champion.predictor)
        except Exception as error:  # its columns are gone or are of another kind, or it raises
            problem = str(error) if isinstance(error, UserError) else repr(error)
    if rival is not None and champion.manifest:
        bar, opponent = rival + margin, f"version {champion.manifest['version']}"
        scores = {"champion": rival}
    else:
        ignorant = metrics.baseline(
            metric,
            challenger.task,
            (challenger.frame(train), train[holdout.target]),
            (challenger.frame(rows), target),
        )
        scores = {"baseline": ignorant}
        # A champion that cannot be compared is not replaced for nothing.
        bar = ignorant + margin if problem else ignorant
        opponent = "the baseline"
        if problem:
            opponent += f" (the champion is not compared: {problem})"
    passed = value > bar
    reason = (
        f"{metric} {value:.4f} on {len(rows)} holdout rows is "
        f"{'above' if passed else 'not above'} {bar:.4f}, {opponent}"
        + (f" plus the margin {margin:g}" if margin and (rival is not None or problem) else "")
    )
    return Decision(passed, reason, metric, len(rows), margin, value, **scores)


def _comparable_rows(holdout: Holdout, champion: versions.Manifest) -> pd.DataFrame:
    """The held-out rows that the champion has not learned from either.

    Those after its data window, if they are enough: what production will look like next. Raises
    UserError if it is not known which rows it has learned from, or they are nearly all.
    """
    rows, end = holdout.rows, champion["data"]["window"]
    newer = np.zeros(len(rows), bool)
    if holdout.time_column is not None and end is not None:
        moments = pd.to_datetime(rows[holdout.time_column], utc=True)
        newer = (moments > clock.parse(end[1])).to_numpy()
    if newer.sum() >= MIN_ROWS and _are_enough(rows, newer, holdout.target):
        return rows[newer]
    mask = newer | split.unseen_rows(rows, champion, holdout.time_column)
    if not _are_enough(rows, mask, holdout.target):
        raise UserError(
            f"from {len(rows) - mask.sum()} of the {len(rows)} held-out rows version "
            f"{champion['version']} has learned, and the others are too few"
        )
    return rows[mask]


def _are_enough(rows: pd.DataFrame, mask: np.ndarray, target: str) -> bool:
    """Whether a part of the rows is enough to compare models on."""
    is_varied = rows[target][mask].nunique() > 1 or rows[target].nunique() == 1
    return bool(mask.sum() >= min(MIN_ROWS, len(rows) / 2)) and is_varied
