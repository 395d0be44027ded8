"""Bad input and the sentence it gets: settings, tables, model files, requests, bundles, commands.

Sentences are written by hand, as what a person should read; ``...`` stands for the rest.
"""

from __future__ import annotations

import hashlib
import io
import json
import logging
import os
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from tests.installed import allowed_targets
from training.errors import UserError

INFERENCE = "application/vnd.open-inference+json"
Run = Callable[[Path], None]

DATA = {"location": "t.csv", "target": "y"}
TABLE = "id,x,word,day,y\n" + "".join(
    f"{n},{n % 7}.5,{'abc'[n % 3]},2026-01-{n % 28 + 1:02d},{n % 2}\n" for n in range(60)
)


@dataclass(frozen=True)
class Case:
    """One bad input: what is given, how it is tried, and the sentence it gets."""

    group: str
    situation: str
    run: Run
    sentence: str


def cases() -> list[Case]:
    """All cases."""
    return [
        *_settings(),
        *_tables(),
        *_model_files(),
        *_requests(),
        *_captures(),
        *_bundles(),
        *_commands(),
    ]


def _settings() -> list[Case]:
    def case(key: str, value: Any, sentence: str) -> Case:
        def run(folder: Path) -> None:
            from components import config

            section, _, name = key.partition(".")
            base: dict[str, Any] = {"data": DATA}
            if name:
                inner = base.get(section, {})
                parts = name.split(".")
                nested: Any = value
                for part in reversed(parts):
                    nested = {part: nested}
                base[section] = {**inner, **nested}
            else:
                base[section] = value
            text = {k: v if isinstance(v, str) else json.dumps(v) for k, v in base.items()}
            config.parse(text)

        return Case("settings", f"`{key}: {json.dumps(value)}`", run, f"mlops:{sentence}")

    one_of = "is not allowed: input should be"
    return [
        case(
            "target",
            "mars",
            "target: 'mars' is not allowed: no such target; allowed: "
            + allowed_targets("local", "aws", "azure", "gcp"),
        ),
        case("aproval", "manual", "aproval: unknown setting; did you mean approval?"),
        case("approval", "never", f"approval: 'never' {one_of} 'automatic' or 'manual'"),
        case(
            "prefix", "My Firm", "prefix: 'My Firm' is not allowed: string should match pattern..."
        ),
        case("model", "", "model: '' is not allowed: ..."),
        case("model", "a" * 31, f"model: '{'a' * 31}' is not allowed: ..."),
        case("modelFile", "nowhere", "modelFile: 'nowhere' is not allowed: no such file..."),
        case("data", "t.csv", "data: 't.csv' is not allowed: ..."),
        case("data", {"location": "t.csv"}, "data.target: not set; it has no default"),
        case("data.location", 7, "data.location: 7 is not allowed: ..."),
        case("data.task", "ranking", f"data.task: 'ranking' {one_of} 'classification' or..."),
        case("data.columns", ["x"], "data.columns: ['x'] is not allowed: ..."),
        case("data.columns.x", "word", f"data.columns.x: 'word' {one_of} 'text', 'number', ..."),
        case(
            "data.timecolumn", "day", "data.timecolumn: unknown setting; did you mean timeColumn?"
        ),
        case("split.method", "random", f"split.method: 'random' {one_of} 'hash' or 'time'"),
        case("split.holdout", 0, "split.holdout: 0 is not allowed: input should be greater than 0"),
        case("split.holdout", 1, "split.holdout: 1 is not allowed: input should be less than 1"),
        case("split.holdout", "half", "split.holdout: 'half' is not allowed: ...number..."),
        case("gate.margin", -0.1, "gate.margin: -0.1 is not allowed: ...or equal to 0"),
        case("drift.schedule", "daily", "drift.schedule: 'daily' is not allowed: not a cron..."),
        case(
            "drift.schedule", "0 24 * * *", "drift.schedule: '0 24 * * *'...hour '24' is not one..."
        ),
        case("drift.schedule", "0 6 31 2 *", "drift.schedule: '0 6 31 2 *'...never fires..."),
        case("drift.schedule", "* * * *", "drift.schedule: '* * * *'...has 4 fields..."),
        case("drift.alpha", 0, "drift.alpha: 0 is not allowed: input should be greater than 0"),
        case("drift.alpha", 1.5, "drift.alpha: 1.5 is not allowed: input should be less than 1"),
        case("drift.minEffect", 2, "drift.minEffect: 2 is not allowed: ...or equal to 1"),
        case("drift.minEffects", 2, "drift.minEffects: 2 is not allowed: ..."),
        case("drift.minEffects.x", 2, "drift.minEffects.x: 2 is not allowed: ...or equal to 1"),
        case("drift.minRows", 1, "drift.minRows: 1 is not allowed: ...or equal to 2"),
        case("drift.minMetricLoss", -1, "drift.minMetricLoss: -1 is not allowed: ..."),
        case("drift.maxAgeHours", 0, "drift.maxAgeHours: 0 is not allowed: ..."),
        case("retraining.schedule", "@daily", "retraining.schedule: '@daily' is not allowed: ..."),
        case("retraining.cooldownHours", -1, "retraining.cooldownHours: -1 is not allowed: ..."),
        case("retraining.minRows", -1, "retraining.minRows: -1 is not allowed: ..."),
        case("retraining.maxRunMinutes", 0, "retraining.maxRunMinutes: 0 is not allowed: ..."),
        case("retraining.onDrift", "perhaps", "retraining.onDrift: 'perhaps' is not allowed: ..."),
        case("endpoint.instances", 0, "endpoint.instances: 0 is not allowed: ...or equal to 1"),
        case("endpoint.canaryPercent", 51, "endpoint.canaryPercent: 51 is not allowed: ..."),
        case("endpoint.canaryMinutes", -1, "endpoint.canaryMinutes: -1 is not allowed: ..."),
        case("endpoint.capturePercent", 101, "endpoint.capturePercent: 101 is not allowed: ..."),
        case("endpoint.port", 70000, "endpoint.port: 70000 is not allowed: ...or equal to 65535"),
        case("endpoint.maxErrorShare", 2, "endpoint.maxErrorShare: 2 is not allowed: ..."),
        case("endpoint.maxLatencyMs", 0, "endpoint.maxLatencyMs: 0 is not allowed: ..."),
        case("timezone", "Mars/North", "timezone: 'Mars/North' is not allowed: not a time zone..."),
        case("alerts.webhooks", ["ftp://x"], "alerts.webhooks.0: 'ftp://x' is not allowed: ..."),
        case(
            "alerts.webhooks", ["http://example.org"], "alerts.webhooks.0: 'http://example.org'..."
        ),
        case("alerts.webhooks", ["https://[::1"], "alerts.webhooks.0: 'https://[::1' is not..."),
        case("budget.monthly", 0, "budget.monthly: 0 is not allowed: ...greater than 0"),
        case("ci.github.repository", "mlops", "ci.github.repository: 'mlops' is not allowed: ..."),
        case("ci.github.ownerId", -4, "ci.github.ownerId: -4 is not allowed: ..."),
        case("retentionDays", 0, "retentionDays: '0' is not allowed: ...or equal to 1"),
        case("retentionDays", "many", "retentionDays: 'many' is not allowed: ...integer..."),
        case("allowModelDeletion", "maybe", "allowModelDeletion: 'maybe' is not allowed: ..."),
        case("tags", {"a": 1}, "tags.a: 1 is not allowed: ...string"),
        case("approval", True, "approval: 'true' is not allowed: ...'automatic' or 'manual'"),
        case("split.by", 7, "split.by: 7 is not allowed: ...string"),
        case("gate.margin", "small", "gate.margin: 'small' is not allowed: ...number..."),
        case("drift.schedule", "60 * * * *", "drift.schedule: '60 * * * *'...minute '60' is..."),
        case("drift.maxAgeHours", "soon", "drift.maxAgeHours: 'soon' is not allowed: ...number..."),
        case("endpoint.instances", 1.5, "endpoint.instances: 1.5 is not allowed: ...integer..."),
        case("endpoint.mirrorPercent", 51, "endpoint.mirrorPercent: 51 is not allowed: ..."),
        case("endpoint.canaryMinRequests", 0, "endpoint.canaryMinRequests: 0 is not allowed: ..."),
        case("endpoint.keepPreviousMinutes", -1, "endpoint.keepPreviousMinutes: -1 is not..."),
        case("endpoint.captureBy", "me", f"endpoint.captureBy: 'me' {one_of} 'container' or..."),
        case("endpoint.captureDurable", "perhaps", "endpoint.captureDurable: 'perhaps' is not..."),
        case("endpoint.rollbackAlarms", [], "endpoint.rollbackAlarms: [] is not allowed: ..."),
        case("compute.volumeGb", 0, "compute.volumeGb: 0 is not allowed: ...or equal to 1"),
        case("alerts.emails", "me", "alerts.emails: 'me' is not allowed: ...list..."),
        case("models", [], "models: [] is not allowed: give a map of names to settings"),
        case("models", {"Big": {}}, "models.Big.name: 'Big' is not allowed: ..."),
        case("models", {"a": "x"}, "models.a: 'x' is not allowed: give a map of settings"),
        case(
            "models",
            {"a": {"name": "b"}},
            "models.a.name: not allowed: the model's key is its name",
        ),
        case("model", {"a": 1}, "model: {'a': 1} is not allowed: input should be a valid string"),
        case("gate", "strict", "gate: 'strict' is not allowed: give a map of settings"),
    ]


def _tables() -> list[Case]:
    def case(
        situation: str, content: str | bytes, sentence: str, name: str = "t.csv", **options: str
    ):
        def run(folder: Path) -> None:
            from training import steps

            body = content.encode() if isinstance(content, str) else content
            (folder / name).write_bytes(body)
            arguments = {
                "data": str(folder / name), "model-file": "default", "target": "y",
                "split": "hash", "holdout": "0.3", "out": str(folder / "out"),
                **{key.replace("_", "-"): value for key, value in options.items()},
            }  # fmt: skip
            steps.run("prepare", [part for k, v in arguments.items() for part in (f"--{k}", v)])

        return Case("tables", situation, run, sentence)

    def edited(edit: Callable[[list[str]], list[str]]) -> str:
        return "\n".join(edit(TABLE.splitlines())) + "\n"

    def column(name: str, values: Callable[[int], str]) -> str:
        header, *rows = TABLE.splitlines()
        return "\n".join(
            [f"{header},{name}", *(f"{row},{values(n)}" for n, row in enumerate(rows))]
        )

    return [
        case("an empty file", "", "data '...t.csv' is empty"),
        case("a header alone", "x,y\n", "data '...t.csv' has columns but no rows"),
        case("a file that is no table", "x", "...cannot read '.xlsx'; allowed: .csv...", "t.xlsx"),
        case("a file without an ending", TABLE, "...cannot read ''; allowed: .csv, ...", "table"),
        case("Latin-1", "x,y\né,1\n".encode("latin1"), "...is not UTF-8 (byte 4); save it as UTF-8..."),
        case("a row that is too short", "x,y\n1,2\n1\n", "...Expected 2 columns, got 1..."),
        case("a row that is too long", "x,y\n1,2\n1,2,3\n", "...Expected 2 columns, got 3..."),
        case("a quote that never ends", 'x,y\n"1,2\n', "data '...t.csv' cannot be read: ..."),
        case("one name twice", "x,x,y\n1,2,3\n", "...has more than one column named x"),
        case("two delimiters", "a,b;y\n1,2;3\n", "...may be parted by ',' or ';'; quote the names..."),
        case("no Parquet file", "PAR1", "data '...t.parquet' cannot be read: ...", "t.parquet"),
        case("no gzip file", TABLE, "data '...t.csv.gz' cannot be read: ...", "t.csv.gz"),
        case("half a JSON line", '{"x": 1}\n{"x"\n', "data '...t.jsonl' cannot be read: ...", "t.jsonl"),
        case("JSON lists", "[1]\n", "...a line is not a JSON object", "t.jsonl"),
        case("no such target", TABLE, "target column 'z' is not in the data; there are: id, x...",
             target="z"),
        case("no such key", TABLE, "data.key: no column 'k' that can be used; there are: id, ...",
             key="k"),
        case("no such split column", TABLE, "split.by: no column 's' that can be used...",
             split_by="s"),
        case("no such time column", TABLE, "data.timeColumn: no column 't' that can be used...",
             time_column="t"),
        case("a time column of words", TABLE, "data.timeColumn 'word' holds 'a', no time; write...",
             time_column="word"),
        case("a time column of numbers", TABLE, "data.timeColumn 'x' holds 0.5, no time...",
             time_column="x"),
        case("split by time without a time column", TABLE,
             "split by time needs the setting data.timeColumn", split="time"),
        case("a target with one value", edited(lambda r: [*r[:1], *(x for x in r if x[-2:] == ",1")]),
             "target column 'y' has one value only, 1: nothing to learn"),
        case("a target without a value", edited(lambda r: [r[0], *(x[:-1] for x in r[1:])]),
             "target column 'y' is missing in 60 of 60 rows"),
        case("a target of words for a regression", TABLE,
             "target column 'word' holds words; a regression needs numbers", target="word",
             task="regression"),
        case("a target of times", TABLE, "target column 'day' holds times; derive a number...",
             target="day"),
        case("600 classes", "x,y\n" + "".join(f"{n},c{n}\n" for n in range(600)),
             "target column 'y' has 600 classes in 600 rows; at most 500 can be learned..."),
        case("600 numbers as classes", "x,y\n" + "".join(f"{n % 7},{n}\n" for n in range(600)),
             "...at most 500 can be learned: set data.task to regression", task="classification"),
        case("an input without a value", column("gap", lambda n: ""),
             "input column 'gap' has no value in any of 60 rows; ignore it..."),
        case("a number that is text once", column("n", lambda n: "seven" if n == 7 else str(n)),
             "input column 'n' is numeric but has text in 1 of 60 rows: 'seven' in row 8; if it..."),
        case("an input with a reserved name", column("prediction", lambda n: str(n % 5)),
             "input column 'prediction': captures have columns of that name; rename it..."),
        case("a request id as an input", column("request_id", lambda n: f"r{n % 9}"),
             "input column 'request_id': captures have columns of that name; rename it..."),
        case("no input at all", "day,y\n" + "".join(f"2026-01-{n + 1:02d},{n % 2}\n" for n in range(28)),
             "no input column is left; there are: day, y"),
        case("`data.columns` of no column", TABLE, "data.columns.z: no such column; there are: ...",
             columns='{"z": "text"}'),
        case("`data.columns`: words as numbers", TABLE,
             "data.columns.word: 'number' is not allowed: the column holds 'a'",
             columns='{"word": "number"}'),
        case("`data.columns`: words as times", TABLE,
             "column 'word' holds 'a'; a time is written 2026-12-31...",
             columns='{"word": "time"}'),
        case("dates that could be two", column("due", lambda n: f"0{n % 9 + 1}/02/2026"),
             "column 'due' holds dates such as '01/02/2026', which may be day/month or month/day...",
             columns='{"due": "time"}'),
        case("a day that does not exist", column("due", lambda n: f"{n % 3 + 29}/02/2026"),
             "column 'due' holds '29/02/2026': no such time", columns='{"due": "time"}'),
        case("a comma that may part thousands", column("price", lambda n: f'"{n + 1},234"'),
             "input column 'price' holds '1,234', which may be 1.234 or 1234; write it as one..."),
        case("the same as the target", column("price", lambda n: f'"{n + 1},234"'),
             "target column 'price' holds '1,234', which may be 1.234 or 1234; write it as one...",
             target="price"),
        case("`data.columns`: a code as a number", column("code", lambda n: f"0{n}"),
             "data.columns.code: 'number' is not allowed: the column holds '00'",
             columns='{"code": "number"}'),
        case("several mistakes at once", column("gap", lambda n: ""),
             "data.key: no column 'k' that can be used...\ntarget column 'z' is not in the data..."
             "\ninput column 'gap' has no value in any of 60 rows...", key="k", target="z"),
        case("too few rows to hold some out", "x,y\n1,0\n", "...one value only..."),
    ]  # fmt: skip


def _model_files() -> list[Case]:
    def case(situation: str, sentence: str, task: str = "classification", **file: Any) -> Case:
        def run(folder: Path) -> None:
            import pandas as pd

            from training import metrics, models
            from training.models import default

            model_file = models.ModelFile(
                name="team",
                inputs=None,
                metric=file.get("metric"),
                estimator=file.get("estimator", default.estimator),
            )
            models.check(model_file, [("x", "numeric")], task)
            target = pd.Series(file.get("target", ["Yes", "No"] * 20), name="y")
            metrics.check(metrics.name(model_file.metric, task, target), task, target)

        return Case("model files", situation, run, sentence)

    def no_probabilities(*_: Any) -> Any:
        from sklearn.svm import LinearSVC

        return LinearSVC()

    def broken(*_: Any) -> Any:
        raise KeyError("depth")

    return [
        case("an estimator without predict_proba", "...team.py: LinearSVC has no predict_proba...",
             estimator=no_probabilities),
        case("an estimator that is none", "...team.py: str has no fit and no predict and no...",
             estimator=lambda *_: "model"),
        case("an estimator function that raises", "...team.py: estimator() raised KeyError: 'depth'",
             estimator=broken),
        case("a metric that is none", "metric 'acuracy' is no scikit-learn scorer; allowed: ...",
             metric="acuracy"),
        case("a metric of 0 and 1 for words", "metric 'f1' does not fit a classification of 'y' "
             "('No', 'Yes', ...): ...pos_label...", metric="f1"),
        case("a metric of classes for numbers", "metric 'roc_auc' does not fit a regression of 'y'...",
             metric="roc_auc", task="regression", target=[0.5, 1.5, 2.5]),
        case("a metric of two classes for three", "metric 'roc_auc' does not fit a classification...",
             metric="roc_auc", target=["a", "b", "c"] * 9),
    ]  # fmt: skip


def _requests() -> list[Case]:
    def case(body: str | bytes, sentence: str, kind: str = "application/json") -> Case:
        content = body.encode() if isinstance(body, str) else body

        def run(folder: Path) -> None:
            from training.model_inputs import Column
            from training.serving import requests

            requests.parse(kind, content, [Column("x", "numeric"), Column("w", "categorical")])

        excerpt = content[:60].decode("utf-8", "backslashreplace").replace("\n", "\\n")
        return Case("requests", f"{kind}: `{excerpt or 'nothing'}`", run, sentence)

    row = '"w": "a"'
    return [
        case("", "the body is empty; send at least one row"),
        case("{", "the body is not JSON: ..."),
        case("[" * 100_000, "the body is not JSON: ..."),
        case("[1]", "the body has the wrong shape; allowed: ..."),
        case("{}", "the body has the wrong shape; allowed: ..."),
        case('{"instances": {}}', "instances is an object; wanted: a list of objects"),
        case('{"instances": []}', "the request has no rows; send at least one"),
        case('{"instances": [7]}', "row 1 is a number; wanted: an object of columns"),
        case('{"instances": [{"x": 1}]}', "input column 'w' is missing in row 1; wanted: x, w"),
        case('{"instances": [{"x": "one", %s}]}' % row,
             "input column 'x' takes numbers; row 1 has 'one'"),
        case('{"instances": [{"x": [1], %s}]}' % row,
             "input column 'x' takes one value a row; row 1 has a list"),
        case('{"instances": [{"x": 1e999, %s}]}' % row,
             "input column 'x' takes finite numbers; row 1 has inf"),
        case('{"columns": "x", "data": []}', "columns is not a list of texts; wanted: the names..."),
        case('{"columns": ["x", "w"], "data": 7}', "data is a number; wanted: a list of rows..."),
        case('{"columns": ["x", "w"], "data": [[1]]}', "row 1 has 1 values; wanted: 2"),
        case('{"columns": ["x", "x"], "data": [[1, 2]]}', "column 'x' is given more than once"),
        case('{"dataframe_split": {}}', "dataframe_split is not {...}"),
        case('{"dataframe_records": 7}', "dataframe_records is a number; wanted: a list of objects"),
        case('{"inputs": 7}', "inputs is a number; wanted: an object of columns"),
        case('{"inputs": {"x": [1]}}', "input column 'w' is missing; wanted: x, w"),
        case('{"inputs": {"x": [1, 2], "w": ["a"]}}',
             "the columns are not of the same length: x has 2, w has 1"),
        case('{"inputs": {"x": [], "w": []}}', "the request has no rows; send at least one"),
        case('{"instances": [], "inputs": {}}', "the body has the wrong shape; allowed: ..."),
        case('{"instances": [{"x": "1_000", %s}]}' % row,
             "input column 'x' takes numbers; row 1 has '1_000'"),
        case('{"instances": [{"x": {}, %s}]}' % row,
             "input column 'x' takes one value a row; row 1 has an object"),
        case("{}", 'the body has no "inputs", a list of tensors', INFERENCE),
        case('{"inputs": [{"name": "x", "datatype": "FP8", "shape": [1], "data": [1]}]}',
             "input 'x' has the datatype 'FP8'; allowed: ...", INFERENCE),
        case('{"inputs": [{"name": "x", "datatype": "FP64", "shape": [2], "data": [1]}]}',
             "input 'x' has 1 values; its shape says [2]", INFERENCE),
        case('{"inputs": [{"name": "x", "datatype": "FP64", "shape": [1]}]}',
             "input 'x' has no data; wanted: a list (no binary data)", INFERENCE),
        case("PAR1", "the body is not application/vnd.apache.parquet: ...", "application/vnd.apache.parquet"),
        case("ARROW1", "the body is not application/vnd.apache.arrow.stream: ...", "application/vnd.apache.arrow.stream"),
        case("x,x,w\n1,2,a\n", "column 'x' is given more than once", "text/csv"),
        case("x;w,v\n1;a,b\n", "the columns of 'x;w,v' may be parted by ',' or ';'; quote...",
             "text/csv"),
        case("x,w\none,a\n", "input column 'x' takes numbers; row 1 has 'one'", "text/csv"),
        case("x,w\n", "the request has no rows; send at least one", "text/csv"),
        case("x\n1\n", "input column 'w' is missing; wanted: x, w", "text/csv"),
        case("x,w\n1\n", "row 1 has 1 values; wanted: 2", "text/csv"),
        case('x,w\n"1,a\n', "the body is not CSV with a header row in UTF-8: ...", "text/csv"),
        case(b"x,w\n1,\xff\n", "the body is not CSV with a header row in UTF-8: ...", "text/csv"),
        case("<x/>", "content type 'text/xml' is not supported; allowed: ...", "text/xml"),
    ]  # fmt: skip


def _captures() -> list[Case]:
    """Files that are passed over, with a sentence in the log; the good one beside is read."""

    def case(situation: str, spoil: Callable[[Path], object], sentence: str) -> Case:
        def run(folder: Path) -> None:
            import pyarrow as pa

            from training.captures import local

            moment = datetime(2026, 3, 1, tzinfo=timezone.utc)
            for number in (1, 2):
                path = folder / local.file_name(moment, 1, f"c{number}")
                path.parent.mkdir(exist_ok=True)
                local.write_whole(pa.table({"x": [float(number)]}), path)
            with warnings() as words:
                spoil(path)
                (file,) = local.window(str(folder), moment, moment.replace(day=2), {"version": 1})
            assert file.name.endswith("c1.parquet")
            raise UserError("\n".join(words))

        return Case("captures", situation, run, sentence)

    def record(situation: str, content: str, sentence: str) -> Case:
        def run(folder: Path) -> None:
            from training.journal import Journal
            from training.store import open_store

            journal = Journal(open_store(str(folder)), "releases", ("version",))
            journal.append({"version": 1})
            (folder / "releases" / "000002.json").write_text(content)
            with warnings() as words:
                assert [r["version"] for r in journal.records()] == [1]
            assert journal.append({"version": 2})["number"] == 3
            raise UserError("\n".join(words))

        return Case("captures", f"a release record: {situation}", run, sentence)

    def log(situation: str, spoil: Callable[[bytes], bytes], sentence: str) -> Case:
        def run(folder: Path) -> None:
            import pyarrow as pa

            from training.serving import capture_log

            moment = datetime(2026, 3, 1, tzinfo=timezone.utc)
            opened = capture_log.CaptureLog(folder)
            for number in (1, 2):
                row = {"request_id": [f"r{number}"], "captured_at": [moment], "model_version": [1]}
                opened.append([pa.table(row)])
            content = opened.path.read_bytes()
            opened.remove()  # and with it the lock of a process that writes
            opened.path.write_bytes(spoil(content))
            with warnings() as words:
                assert capture_log.recover(folder) == 1
            raise UserError("\n".join(words))

        return Case("captures", f"a log: {situation}", run, sentence)

    passed_over = "capture ...c2.parquet is passed over: it is no whole Parquet file"
    return [
        case("an empty file", lambda path: path.write_bytes(b""), passed_over),
        case("the first half", lambda path: os.truncate(path, path.stat().st_size // 2), passed_over),
        case("a foreign file", lambda path: path.write_text("x" * 500), passed_over),
        record("half of one", '{"vers', "releases/000002.json in ... is passed over: it is not JSON..."),
        record("a list", "[]", "releases/000002.json in ...: it is not a JSON object"),
        record("without a version", "{}", "releases/000002.json in ...: it has no version"),
        log("half a record", lambda content: content[:-20], "...: its last ... bytes are no whole record"),
        log("a flipped bit", lambda content: content[:-9] + b"x" + content[-8:],
            "...: its last ... bytes are no whole record"),
    ]  # fmt: skip


@contextmanager
def warnings() -> Iterator[list[str]]:
    """The warnings that are logged meanwhile."""
    words: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: words.append(record.getMessage())
    logging.getLogger("training").addHandler(handler)
    try:
        yield words
    finally:
        logging.getLogger("training").removeHandler(handler)


def _bundles() -> list[Case]:
    def case(situation: str, make: Callable[[Path], None], sentence: str) -> Case:
        def run(folder: Path) -> None:
            from training.bundles import archive

            make(folder / "version.tar")
            (folder / "unpacked").mkdir()
            try:
                archive.read(folder / "version.tar", folder / "unpacked")
            finally:
                size = sum(file.stat().st_size for file in (folder / "unpacked").iterdir())
                assert size < 1 << 20, "a bundle is limited before it is unpacked"

        return Case("bundles", situation, run, sentence)

    def tar(*members: tuple[tarfile.TarInfo, bytes]) -> Callable[[Path], None]:
        def make(path: Path) -> None:
            with tarfile.open(path, "w") as file:
                for entry, content in members:
                    file.addfile(entry, io.BytesIO(content))

        return make

    def member(name: str, content: bytes = b"x", **fields: Any) -> tuple[tarfile.TarInfo, bytes]:
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        for field, value in fields.items():
            setattr(entry, field, value)
        return entry, content

    def noise(path: Path) -> None:
        path.write_bytes(b"x" * 2000)

    def sparse(path: Path) -> None:
        entry = tarfile.TarInfo("model.joblib")
        entry.pax_headers = {
            "GNU.sparse.major": "0", "GNU.sparse.minor": "1", "GNU.sparse.size": str(3 << 30),
            "GNU.sparse.map": "0,1", "GNU.sparse.name": "model.joblib",
        }  # fmt: skip
        entry.size = 1
        with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as file:
            file.addfile(entry, io.BytesIO(b"x"))

    def index(**changes: Any) -> bytes:
        parts = {
            part: {"file": f"{part}.bin", "sha256": "0" * 64}
            for part in ("manifest", "artifact", "profile", "evaluation", "package")
        }
        source = {"stack": "dev", "target": "local", "version": 1}
        return json.dumps({"format": 1, "source": source, "parts": parts, **changes}).encode()

    parts = [
        member(f"{part}.bin")
        for part in ("manifest", "artifact", "profile", "evaluation", "package")
    ]

    def manifest_case(situation: str, sentence: str, **changes: Any) -> Case:
        """A bundle that is whole, with a manifest that is none."""
        contents = {name: b"x" for name in ("artifact", "profile", "evaluation", "package")}
        digest = hashlib.sha256(b"x").hexdigest()
        manifest = {
            "model": "toys", "run": "r", "created": "2026-01-01T00:00:00Z", "code": "c",
            "task": "classification", "target": "y", "libraries": {}, "version": 1,
            "inputs": [{"name": "x", "kind": "numeric"}], "data": {"rows": 9, "window": None},
            "metrics": {"metric": "r2", "challenger": 0.5},
            **{part: {"key": "k", "sha256": digest} for part in ("artifact", "profile")}, **changes,
        }  # fmt: skip
        contents["manifest"] = json.dumps(manifest).encode()
        entries = {
            part: {"file": f"{part}.bin", "sha256": hashlib.sha256(content).hexdigest()}
            for part, content in contents.items()
        }
        members = [member(f"{part}.bin", content) for part, content in contents.items()]

        def run(folder: Path) -> None:
            from training import bundles

            tar(member("bundle.json", index(parts=entries)), *members)(folder / "version.tar")
            nobody: Any = None  # the manifest is read before any stack is touched
            bundles.adopt(nobody, folder / "version.tar")

        return Case(
            "bundles", situation, run, f"bundle '...version.tar': its manifest is none: {sentence}"
        )

    no_bundle = "'...version.tar' is no bundle of a version: "
    return [
        case("no file", lambda path: None, "bundle '...version.tar': no such file..."),
        case("no tar file", noise, f"{no_bundle}..."),
        case("an empty tar file", tar(), f"{no_bundle}KeyError('bundle.json')"),
        case("a path in a name", tar(member("../a")), f"{no_bundle}...'../a', which is no plain file..."),
        case("a link", tar(member("a", b"", type=tarfile.SYMTYPE, linkname="/etc/passwd")),
             f"{no_bundle}...'a', which is no plain file..."),
        case("a link to itself", tar(member("a", b"", type=tarfile.LNKTYPE, linkname="a")),
             f"{no_bundle}...'a', which is no plain file..."),
        case("a device", tar(member("a", b"", type=tarfile.CHRTYPE)), f"{no_bundle}...no plain file..."),
        case("a sparse file of 3 GB", sparse, f"{no_bundle}...no plain file..."),
        case("a hundred files", tar(*(member(f"f{n}") for n in range(100))),
             f"{no_bundle}...more than 16 files..."),
        case("an index that is no JSON", tar(member("bundle.json", b"{")), f"{no_bundle}..."),
        case("an index that is a list", tar(member("bundle.json", b"[]")), f"{no_bundle}..."),
        case("an index that is too deep", tar(member("bundle.json", b"[" * 200_000)), f"{no_bundle}..."),
        case("another format", tar(member("bundle.json", index(format=9)), *parts),
             "bundle '...version.tar' has the format 9; allowed: 1"),
        case("a stack's name that is a path",
             tar(member("bundle.json", index(source={"stack": "../x", "version": 1})), *parts),
             f"{no_bundle}..."),
        case("a part that is gone", tar(member("bundle.json", index())), f"{no_bundle}KeyError(...)"),
        case("a damaged part", tar(member("bundle.json", index()), *parts),
             "bundle '...version.tar' is damaged: its manifest manifest.bin has SHA-256..."),
        manifest_case("a manifest without rows", "data.rows is missing; ...", data={}),
        manifest_case("a manifest with a list of libraries", "libraries is []; ...", libraries=[]),
        manifest_case("a manifest of a third task", "task is 'ranking'; ...", task="ranking"),
        manifest_case("a manifest with a kind that is none", "inputs has {'name': 'x', 'kind': 'z'}...",
                      inputs=[{"name": "x", "kind": "z"}]),
        manifest_case("a manifest without a profile", "...", profile=None),
    ]  # fmt: skip


def _commands() -> list[Case]:
    def case(command: str, sentence: str) -> Case:
        def run(folder: Path) -> None:
            import argparse

            from training.drift import command as drift_command

            parser = argparse.ArgumentParser()
            drift_command.configure(parser.add_subparsers(dest="command"))
            (folder / "a.csv").write_text(TABLE)
            working_folder = Path.cwd()
            os.chdir(folder)
            try:
                code = drift_command.run(parser.parse_args(command.split()[2:]))
                raise UserError(f"exit code {code}")
            finally:
                os.chdir(working_folder)

        return Case("commands", f"`{command}`", run, sentence)

    def stack_case(command: str, sentence: str) -> Case:
        """A command in a project whose stack is up, with nothing registered."""

        def run(folder: Path) -> None:
            from tests.serving.platforms import make_platform
            from training import cli

            make_platform(folder)
            before = sorted(str(path) for path in folder.rglob("*"))
            working_folder = Path.cwd()
            os.chdir(folder)
            errors = io.StringIO()
            try:
                with redirect_stderr(errors):
                    code = cli.main(command.split()[1:])
            finally:
                os.chdir(working_folder)
            assert code == 1
            assert sorted(str(path) for path in folder.rglob("*")) == before
            raise UserError(errors.getvalue().rpartition("error: ")[2].strip())

        return Case("commands", f"`{command}`", run, sentence)

    return [
        stack_case("mlops promote 7 --why x", "model 'toys' has no version 7; none yet"),
        stack_case("mlops promote --why x", "VERSION is missing; allowed: a number of mlops..."),
        stack_case("mlops promote seven --why x", "VERSION: 'seven' is not allowed..."),
        stack_case("mlops promote 1 --resume", "VERSION: '1' is not allowed with --resume"),
        stack_case(
            "mlops promote --resume", "model 'toys' has no release yet: nothing to go on with"
        ),
        stack_case(
            "mlops rollback --why x", "model 'toys' has no release yet: nothing to roll back"
        ),
        stack_case(
            "mlops -s prod status", "stack 'prod' is not up (stacks that are up here: local)..."
        ),
        stack_case("mlops -m cats status", "stack 'local' has no model 'cats'; allowed: toys"),
        stack_case(
            "mlops import nowhere.tar", "bundle 'nowhere.tar': no such file; mlops export..."
        ),
        stack_case("mlops versions 9", "model 'toys' has no version 9; none yet"),
        case("mlops drift compare a.csv nowhere.csv", "data 'nowhere.csv' does not exist..."),
        case("mlops drift compare a.csv nowhere.json", "cannot read the profile 'nowhere.json'..."),
        case(
            "mlops drift compare a.csv a.csv --columns z", "no column 'z' in a.csv; it has id, ..."
        ),
        case("mlops drift compare a.csv a.csv --block z", "no column 'z' in a.csv; it has id, ..."),
        case(
            "mlops drift compare a.csv a.csv --effect x",
            "--effect is 'x'; it must be COLUMN=VALUE...",
        ),
        case(
            "mlops drift compare a.csv a.csv --effect x=9",
            "the smallest effect 'x' is 9.0; it must...",
        ),
        case(
            "mlops drift compare a.csv a.csv --alpha 2", "alpha is 2.0; it must be above 0 and..."
        ),
        case("mlops drift compare a.csv a.csv --min-rows 0", "min_rows is 0; it must be 1 or more"),
        case(
            "mlops drift compare a.csv a.csv --time-column word",
            "time column 'word' is categorical...",
        ),
    ]
