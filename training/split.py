"""Train and holdout: stable, so that a row once held out is never trained on by a later version.

That is what makes it fair to score champion and challenger on the same holdout. A row's side is
decided by a hash of its key, or of its values in a canonical form that does not depend on files,
libraries, types or the order of columns: 3, 3.0 and "3" are the same. The rule of a version is kept
with it: it names the columns that are hashed, so that columns that come later change nothing, and
the canonical form, of which there is a function here for each that ever was. By its own rule it is
told of any version which rows of a table it has not learned from.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from training import clock, number_text
from training.errors import UserError
from training.model_inputs import CATEGORICAL, DATETIME, NUMERIC

HASH, TIME = "hash", "time"
METHODS = (HASH, TIME)
BUCKETS = 10_000
_FACTOR = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class Rule:
    """The split of a version.

    Args:
        method: ``hash`` or ``time``.
        columns: The columns whose values are hashed: the key, `split.by`, or all there were; or the
            column with the times.
        form: The version of the canonical form that was hashed.
        share: The setting `split.holdout`. Versions that were made before it was kept have the
            share of their rows that was held out.
        seen_until: The newest time among the rows that the version learned from, ISO 8601 in UTC;
            of splits by time alone.
    """

    method: str
    columns: Sequence[str]
    form: int
    share: float
    seen_until: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The rule as plain data, without what it has not."""
        values = {**asdict(self), "columns": list(self.columns)}
        return {name: value for name, value in values.items() if value is not None}


def rule(
    method: str,
    share: float,
    kinds: Mapping[str, str],
    *,
    column: str | None = None,
    earlier: Mapping[str, Any] | None = None,
) -> tuple[Rule, str]:
    """The rule to split by, and a sentence if rows change sides by it.

    Args:
        method: The setting `split.method`.
        share: The setting `split.holdout`.
        kinds: The kind of each column of the table that has values.
        column: The column that decides: the setting `data.timeColumn` of a split by time, else
            `split.by` (equal values stay on one side) or `data.key` (what names a row). Without
            one all columns do.
        earlier: The manifest of the newest version, whose rule is kept where it can be.
    """
    columns = [column] if column else sorted(kinds) if method == HASH else []
    if earlier is None:
        return Rule(method, columns, FORM, share), ""
    try:
        newest = of_version(earlier)
    except UserError as error:
        new_rule, change = Rule(method, columns, FORM, share), str(error)
    else:
        if column is None and newest.method == method and set(newest.columns) <= set(kinds):
            columns = list(newest.columns)
        is_same = (method, columns) == (newest.method, list(newest.columns) or columns)
        new_rule = Rule(method, columns, newest.form if is_same else FORM, share)
        change = _change(newest, new_rule, kinds, earlier)
    if not change:
        return new_rule, ""
    return new_rule, (
        f"the split changes sides: {change}. The champion may have learned from rows that are held "
        "out now; it is compared on the others"
    )


def _change(
    before: Rule, after: Rule, kinds: Mapping[str, str], manifest: Mapping[str, Any]
) -> str:
    """Why rows are held out that were not: a sentence, or nothing."""
    absent = sorted(set(before.columns) - set(kinds))
    if absent:
        return (
            f"column {', '.join(map(repr, absent))} is gone, whose values decided them; with "
            "data.key it would not"
        )
    if (before.method, before.columns or after.columns) != (after.method, after.columns):
        return f"they were held out {_words(before)}, and are {_words(after)}"
    if "share" in manifest["split"] and after.share > before.share:
        return f"split.holdout was {before.share:g}, and is {after.share:g}"
    return _changed_kind(after.columns, kinds, manifest)


def of_version(manifest: Mapping[str, Any]) -> Rule:
    """The rule by which a version was split, whichever version of this program made it.

    Raises UserError if none was kept, or it is one that this program does not have.
    """
    record, version = manifest.get("split"), manifest.get("version")
    if not record:
        raise UserError(f"version {version} was made before the rule of a split was kept")
    form, method = record.get("form"), record["method"]
    if form not in FORMS or method not in METHODS:
        raise UserError(
            f"version {version} was split by the rule {method!r} in form {form!r}, which this "
            f"version of the program does not have; it has {' and '.join(map(repr, METHODS))} in "
            f"forms {', '.join(map(str, FORMS))}"
        )
    data = manifest["data"]
    share, seen_until = record.get("share"), record.get("seen_until")
    if share is None:
        share = 1 - data.get("train_rows", data["rows"]) / data["rows"]
    if method == TIME and seen_until is None and data["window"]:
        # Later than what it learned from: up to here, the holdout ends.
        seen_until = data["window"][1]
    return Rule(method, record["columns"], form, share, seen_until)


def _words(split: Rule) -> str:
    names = ", ".join(map(repr, split.columns))
    return f"by a hash of {names}" if split.method == HASH else f"by time {names}".rstrip()


def unseen_rows(
    table: pd.DataFrame, manifest: Mapping[str, Any], time_column: str | None
) -> np.ndarray:
    """A mask of the rows that a version has not learned from, by its own rule; of shape (rows,).

    Raises UserError if the rule cannot be read, or the table no longer has what it goes by.
    """
    split, version = of_version(manifest), manifest.get("version")
    columns = list(split.columns)
    if split.method == TIME:
        # Versions that were made before its column was kept have none.
        columns = columns or [name for name in (time_column,) if name is not None]
    absent = sorted(set(columns) - set(table.columns))
    if absent or not columns:
        raise UserError(
            f"column {', '.join(map(repr, absent)) or 'data.timeColumn'} is not in the data, which "
            f"says what version {version} learned from"
        )
    kinds = {name: _kind(table[name]) for name in columns}
    changed = _changed_kind(columns, kinds, manifest)
    if changed:
        raise UserError(f"what version {version} learned from cannot be told: {changed}")
    if split.method == TIME:
        if split.seen_until is None:
            raise UserError(f"version {version} was made before the end of its rows was kept")
        end = pd.Timestamp(clock.parse(split.seen_until))
        return (pd.to_datetime(table[columns[0]], utc=True) > end).to_numpy()
    return _is_drawn(table, split)


def _kind(values: pd.Series) -> str:
    """The kind of a column, as far as it decides the canonical form."""
    if pd.api.types.is_datetime64_any_dtype(values):
        return DATETIME
    is_text = pd.api.types.is_object_dtype(values) or pd.api.types.is_string_dtype(values)
    return CATEGORICAL if is_text else NUMERIC


def _changed_kind(
    columns: Sequence[str], kinds: Mapping[str, str], manifest: Mapping[str, Any]
) -> str:
    """A sentence if a column is times now or was: as text 31/12/2026 is another value."""
    schema = manifest.get("schema") or {}
    for name in columns:
        kind = kinds.get(name)
        if name in schema and schema[name] != kind and DATETIME in (kind, schema[name]):
            return f"column {name!r} was {schema[name]}, and is {kind}"
    return ""


def holdout_rows(table: pd.DataFrame, split: Rule) -> np.ndarray:
    """A mask of the held-out rows, of shape (rows,).

    "hash" draws by a hash of the rule's columns; "time" takes the newest `share` of the rows.
    Raises UserError if a column is missing or holds no times, or one side would be empty.
    """
    for column in split.columns:
        if column not in table.columns:
            raise UserError(f"column {column!r} is not in the data")
    if split.method == TIME:
        if not split.columns:
            raise UserError("split by time needs the setting data.timeColumn")
        moments = table[split.columns[0]]
        check_times(moments)
        mask = (moments.rank(method="first", pct=True) > 1 - split.share).to_numpy()
    else:
        mask = _is_drawn(table, split)
    if mask.all() or not mask.any():
        raise UserError(
            f"the {split.method} split with a holdout of {split.share:g} leaves one side of "
            f"{len(table)} rows empty; give more data or another split"
        )
    return mask


def with_end(split: Rule, train: pd.DataFrame) -> Rule:
    """The rule with the newest time of the rows that are learned from, if it goes by time."""
    if split.method != TIME:
        return split
    return replace(split, seen_until=train[split.columns[0]].max().isoformat())


def _is_drawn(table: pd.DataFrame, split: Rule) -> np.ndarray:
    hashes = row_hashes(table, split.columns, split.form)
    return hashes % np.uint64(BUCKETS) < split.share * BUCKETS


def check_times(values: pd.Series) -> None:
    """Raise UserError unless the column holds times, one in every row."""
    if not pd.api.types.is_datetime64_any_dtype(values):
        example = next(iter(values.dropna().tolist()), None)
        raise UserError(
            f"data.timeColumn {values.name!r} holds {example!r}, no time; write times as "
            f"2026-12-31T23:59:59, or set data.columns: {{{values.name}: time}}"
        )
    missing = int(values.isna().sum())
    if missing:
        raise UserError(
            f"data.timeColumn {values.name!r} is missing in {missing} of {len(values)} rows"
        )


def row_hashes(table: pd.DataFrame, columns: Sequence[str], form: int) -> np.ndarray:
    """A hash of each row's values in some columns in a canonical form, uint64 of shape (rows,).

    Missing values add nothing, and neither do columns that have none but missing ones.
    """
    canonical = FORMS[form]
    total = np.zeros(len(table), np.uint64)
    for name in columns:
        codes, distinct = pd.factorize(table[name], use_na_sentinel=True)
        hashes = np.array([_hash(name, canonical(value)) for value in distinct] + [0], np.uint64)
        total += hashes[codes]
    return _mixed(total)


def canonical(value: Any) -> str:
    """Form 3: a value as text that is the same whatever kind its column is read as.

    Form 2, and texts that a column without a word would have as numbers: times of day in seconds,
    numbers with a decimal comma, infinity.
    """
    if not isinstance(value, str):
        return canonical_2(value)
    text = value.strip()
    if number_text.is_time_of_day(text):
        return canonical_2(number_text.seconds(text))
    if number_text.is_comma_number(text):
        text = text.replace(",", ".")
    elif number_text.is_infinity(text):
        return canonical_2(float(text))
    return canonical_2(text)


def canonical_2(value: Any) -> str:
    """Form 2: a value as text that is the same whichever type holds it.

    Numbers, and texts that are numbers, in 12 digits; truth values as 1 and 0; times, and texts
    that are ISO 8601, in microseconds since 1970.
    """
    if isinstance(value, (bool, np.bool_)):
        return str(int(value))
    if isinstance(value, (int, float, np.integer, np.floating)):
        return f"{float(value) + 0.0:.12g}"
    if isinstance(value, (pd.Timestamp, np.datetime64)):
        return _moment(pd.Timestamp(value))
    text = str(value).strip()
    if text.lower() in ("true", "false"):
        return str(int(text.lower() == "true"))
    if text[:1].isdigit() or text[:1] in "+-.":
        try:
            return f"{float(text) + 0.0:.12g}" if "_" not in text else text
        except ValueError:
            pass
        if text[4:5] == "-" and text[7:8] == "-":
            try:
                return _moment(pd.Timestamp(text))
            except ValueError:
                pass
    return text


# The canonical forms by number, and the one of new splits. Form 1, pandas' own hash, which went
# with types, was never kept with a version.
FORMS: Mapping[int, Callable[[Any], str]] = {2: canonical_2, 3: canonical}
FORM = 3


def _moment(moment: pd.Timestamp) -> str:
    naive = moment.tz_convert(None) if moment.tzinfo else moment
    return f"@{(naive - pd.Timestamp(0)) // pd.Timedelta(microseconds=1)}"


def _hash(name: str, text: str) -> int:
    digest = hashlib.blake2b(f"{name}\0{text}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big")


def _mixed(keys: np.ndarray) -> np.ndarray:
    """Splitmix64's finalizer: each bit of the result depends on all bits of the key."""
    keys = keys + _FACTOR
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        keys = (keys ^ (keys >> np.uint64(shift))) * np.uint64(factor)
    return keys ^ (keys >> np.uint64(31))
