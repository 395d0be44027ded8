"""The pipeline step: a real version, captured requests, labels that arrive later."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score
from threadpoolctl import threadpool_limits

from tests import warm
from tests.serving.platforms import Numbering, make_platform
from training import cli, clock, predictor, registry, release, runs, steps, versions
from training.errors import UserError
from training.monitoring import ALARM, INSUFFICIENT, drift_checks, local, measurements
from training.platform import Platform
from training.serving.capture import Captured, Captures

START = pd.Timestamp(2026, 1, 1)
PLAIN = {
    "alpha": "0.05",
    "min-effect": "0.02",
    "min-effects": "{}",
    "min-window-rows": "200",
    "min-metric-loss": "0.01",
    "on-drift": "True",
}


def flights(day: int, days: int, shift: float = 0.0, flip: float = 0.0, by: int = 1):
    """Rows of some days: a number that decides the target, a word, a level that `by` rows share."""
    random = np.random.default_rng(day)
    when = pd.date_range(START + timedelta(days=day), periods=days * 40, freq="36min")
    level = random.normal(size=days * 40 // by)[np.arange(days * 40) // by]
    x = random.normal(size=days * 40) + shift
    late = (x + random.normal(size=x.size) > 0) ^ (random.random(x.size) < flip)
    word = random.choice(["red", "green", "blue"], x.size)
    return pd.DataFrame(
        {"when": when, "x": x, "level": level, "word": word, "late": late.astype("int8")}
    )


class Loop:
    """A folder with a released version, whose requests and labels come in by hand.

    It is of a training of the same data in the folder `work`, or of one of its own.
    """

    def __init__(
        self, root: Path, data: pd.DataFrame, work: Path | None = None, **train: str
    ) -> None:
        self.root, self.train = root, train
        self.platform: Platform = make_platform(root)
        self.data = root / "data"
        self.data.mkdir()
        self.arrive(data)
        self.captures = Captures(root / "captures")
        self.captures.folder.mkdir()
        if work is None:
            self._train()
        else:
            shutil.copytree(work, self.root / "work")
        self.version = self._release()

    def arrive(self, rows: pd.DataFrame) -> None:
        """Labels come in."""
        rows.to_parquet(self.data / f"{len(list(self.data.iterdir()))}.parquet", index=False)

    def requests(self, rows: pd.DataFrame, begin: datetime | None = None) -> None:
        """The endpoint answers requests from `begin` on, now by default."""
        store = self.platform.store
        model = predictor.load(store, versions.manifest(store, "toys", self.version))
        frame = model.frame(rows)
        labels, scores = model.predict(frame)
        for first in range(0, len(frame), 100):
            part = slice(first, first + 100)
            inputs = {name: frame[name].to_numpy()[part] for name in frame}
            at = (begin or clock.now()) + timedelta(milliseconds=first)
            self.captures.add(
                Captured(f"r{first}", at, self.version, inputs, labels[part], scores[part])
            )
            self.captures.flush()

    def check(self, out: str = "out", **changes: str) -> dict[str, Any]:
        """Run the step; its window begins with the release, or the last check."""
        return steps.run("drift", self.arguments(run=out, out=str(self.out(out)), **changes))

    def arguments(self, **changes: str) -> list[str]:
        """The step's command line."""
        options = {
            **PLAIN,
            "model": "toys",
            "store": self.platform.store.uri,
            "captures": str(self.captures.folder),
            "data": str(self.data),
            "time-column": "when",
            "run": "r",
            "until": (clock.now() + timedelta(days=1)).isoformat(),
            **changes,
        }
        return [part for name, value in options.items() if value for part in (f"--{name}", value)]

    def out(self, run: str = "out") -> Path:
        """Where a run's output stands in the store."""
        return Path(self.platform.store.uri) / runs.folder("toys", run) / "outputs" / "drift"

    def report(self, out: str = "out") -> dict[str, Any]:
        return json.loads((self.out(out) / "report.json").read_text())

    def release_another(self) -> int:
        """Train and release a version on what has arrived by now."""
        self._train()
        return self._release()

    def _train(self) -> None:
        work = self.root / "work"
        common = {"model-file": "default"}
        prepare = {**common, "data": str(self.data), "task": "classification", "target": "late",
                   "time-column": "when", "split": "hash", "holdout": "0.3"}  # fmt: skip
        train = {**common, "prepare": str(work / "prepare"), **self.train}
        for name, options in (("prepare", prepare), ("train", train)):
            options = {**options, "out": str(work / name)}
            steps.run(name, [part for k, v in options.items() for part in (f"--{k}", v)])

    def _release(self) -> int:
        work = self.root / "work"
        trained = steps.summary(work / "train")
        store = self.platform.store
        metrics = {"metric": "roc_auc", "challenger": 0.79, "holdout_rows": 700}
        description = {
            "model": "toys",
            "run": f"training-{len(versions.manifests(store, 'toys'))}",
            "created": clock.text(clock.now()),
            "code": "0" * 64,
            "metrics": metrics,
            "data": {name: trained[name] for name in ("rows", "train_rows", "window")},
            **{
                name: trained[name]
                for name in ("task", "target", "inputs", "libraries", "importances")
            },
        }
        files = {
            "artifact": work / "train" / "model.joblib",
            "profile": work / "train" / "profile.json",
        }
        number = registry.register(store, Numbering(self.platform), description, files)["version"]
        release.promote(store, "toys", number, why="test", by="test")
        return number


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> Iterator[None]:
    """OpenMP's threads spin while they wait, for minutes on a busy machine."""
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a training on the data of `loop` leaves; not to be changed."""
    return Loop(tmp_path_factory.mktemp("trained"), flights(0, 60)).root / "work"


@pytest.fixture
def loop(tmp_path: Path, work: Path) -> Loop:
    return Loop(tmp_path, flights(0, 60), work)


def test_a_check_without_labels_says_so(loop: Loop) -> None:
    loop.requests(flights(60, 20))
    record = loop.check()
    assert (record["verdict"], record["rows"], record["drifted"]) == ("no_drift", 800, [])
    performance = record["performance"]
    assert (performance["status"], performance["rows"]) == ("no_labels", 800)
    report = loop.report()
    assert report["reference"]["end"] > "2026-02-28" and report["window"]["start"] is not None
    page = (loop.out() / "report.html").read_text()
    assert "have not arrived" in page and "the drift alarm is OK" in page


def test_labels_that_arrived_are_matched_by_their_inputs(loop: Loop) -> None:
    rows = flights(60, 20)
    # Ten requests came twice, but each label counts once. Text costs a number its last bits.
    loop.requests(pd.concat([rows, rows[:10]]).assign(x=lambda frame: frame["x"] * (1 + 2**-52)))
    loop.arrive(rows[:600].sample(frac=1, random_state=0))
    performance = loop.check()["performance"]
    assert (performance["status"], performance["rows"], performance["labeled"]) == (
        "no_drift",
        810,
        600,
    )
    expected = _auc(loop, rows[:600])
    assert (
        performance["value"] == pytest.approx(expected)
        and performance["low"] < expected < performance["high"]
    )


def test_labels_that_turn_are_performance_drift_and_raise_the_alarm(loop: Loop) -> None:
    rows = flights(60, 20, flip=0.4)
    loop.requests(rows)
    loop.arrive(rows)
    record = loop.check()
    assert (record["verdict"], record["drifted"]) == ("drift", ["roc_auc"])
    alarms = {alarm.name: alarm.state for alarm in local.alarms(loop.platform, "toys")}
    assert alarms["drift"] == ALARM
    assert "A retraining is asked for" in (loop.out() / "report.html").read_text()


def test_rows_that_were_learned_are_no_labels(loop: Loop) -> None:
    loop.requests(flights(0, 60)[:900])
    assert loop.check()["performance"]["status"] == "no_labels"


def test_without_a_time_column_no_label_is_known_to_be_new(loop: Loop) -> None:
    loop.requests(flights(60, 20))
    performance = loop.check(**{"time-column": ""})["performance"]
    assert performance["status"] == "no_labels" and "data.timeColumn" in performance["note"]


def test_drifted_inputs_and_too_few_rows(
    loop: Loop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    loop.requests(flights(60, 20, shift=1.0)[:150])
    small_check = loop.check("few")
    assert small_check["verdict"] == "insufficient_data"
    assert small_check["reason"].startswith("the window has 150 rows; ")
    loop.requests(flights(60, 20, shift=1.0)[150:])
    record = loop.check("many")
    assert record["verdict"] == "drift" and record["rows"] == 800
    assert set(record["drifted"]) == {"x", "prediction_score"}
    assert record["effects"]["x"] > 0.3 > record["effects"]["level"]
    page = (loop.out("many") / "report.html").read_text()
    assert "Past windows" in page and "What matters" in page
    # The head: which check this is, of what.
    for name, text in {"Stack": "local", "Run": "many", "Code": "0" * 12}.items():
        assert f"<dt>{name}</dt><dd>{text}</dd>" in page
    assert re.search(r"<dt>Checked</dt><dd>20\d\d-\d\d-\d\d \d\d:\d\d UTC</dd>", page)
    # The number decides the target, the word and the level nothing.
    manifest = versions.manifest(loop.platform.store, "toys", loop.version)
    losses = manifest["importances"]
    assert losses["x"] > 0.1 > max(abs(losses["level"]), abs(losses["word"]))
    assert f"importance {losses['x']:.4g}, effect" in page
    # The rows that it names are those of the bar that grew, which the command shows.
    examples = loop.report("many")["examples"]["x"]
    ids = examples["ids"]
    assert f"<pre>mlops -s local -m toys captures {' '.join(ids)}</pre>" in page
    shutil.copytree(loop.captures.folder, Path(loop.platform.store.uri) / "models/toys/captures")
    monkeypatch.chdir(loop.root)
    capsys.readouterr()
    assert cli.main(["captures", *ids, "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    border = re.fullmatch(r"(\S+) and more: about \d+% → \d+%", examples["says"])
    assert {row["request_id"] for row in rows} == set(ids)
    assert border and any(row["x"] >= float(border[1]) for row in rows)
    assert cli.main(["captures", ids[0]]) == 0
    assert "model_version" in capsys.readouterr().out
    assert cli.main(["captures", ids[0], "none"]) == 1
    assert "has no capture of 'none'" in capsys.readouterr().err


def test_the_report_tells_when_in_the_window_it_began(loop: Loop) -> None:
    half_past = clock.now().replace(minute=30)
    hours = [half_past - timedelta(hours=hours) for hours in range(8, 0, -1)]
    for number, hour in enumerate(hours):
        loop.requests(flights(60 + number, 5, shift=2.0 * (number > 4)), hour)
    loop.check("later", since=clock.text(hours[0] - timedelta(hours=1)))
    periods = loop.report("later")["periods"]
    assert periods["seconds"] == 3600 and sum(periods["rows"]) == 8 * 200
    pairs = zip(periods["starts"], periods["drifted"]["x"], strict=True)
    start = next(s for s, drifted in pairs if drifted)
    assert start == f"{hours[5]:%Y-%m-%dT%H}:00:00Z"
    assert (
        f"Drifts since {start[:10]} {start[11:16]} UTC"
        in (loop.out("later") / "report.html").read_text()
    )


def test_a_replaced_version_is_measured_once_its_labels_arrive(loop: Loop) -> None:
    first, rows = loop.version, flights(60, 20)
    loop.requests(rows)
    shutil.rmtree(loop.root / "work")
    loop.version = loop.release_another()
    assert loop.check("before")["earlier"] == []
    loop.arrive(rows)
    (entry,) = loop.check("after")["earlier"]
    assert (entry["version"], entry["labeled"]) == (first, len(rows))
    answers = predictor.load(
        loop.platform.store, versions.manifest(loop.platform.store, "toys", first)
    )
    scores = answers.predict(answers.frame(rows))[1]
    assert entry["value"] == pytest.approx(roc_auc_score(rows["late"], scores), abs=1e-6)
    (point,) = measurements(drift_checks(loop.platform.store, "toys").records())
    assert (point["version"], point["value"]) == (first, entry["value"])
    assert loop.check("again")["earlier"] == []


def test_parts_conclude_what_one_process_would_have(loop: Loop) -> None:
    """Though a part begins after another version was released, and at another time."""
    rows = flights(60, 20, shift=1.0)
    loop.requests(rows, clock.now() - timedelta(minutes=5))
    loop.arrive(rows[:600])
    whole = loop.check("whole", since=clock.text(clock.now() - timedelta(hours=1)))
    folder, version = loop.root / "parts", loop.version
    shared = {"until": "", "since": clock.text(clock.now() - timedelta(hours=1))}
    counts = []
    for number in (3, 1, 2):
        out = folder / str(number)
        flags = loop.arguments(**shared, run="shared", out=str(out), part=f"{number}/3")
        counts.append(steps.run("drift", flags)["rows"])
        if number == 3:
            shutil.rmtree(loop.root / "work")
            loop.release_another()
    assert sum(counts) == len(rows) and max(counts) < len(rows)
    record = loop.check("shared", **shared, parts=str(folder))
    assert record["version"] == version == whole["version"]
    fields = ("rows", "verdict", "drifted", "effects", "performance")
    assert {name: record[name] for name in fields} == {name: whole[name] for name in fields}
    assert loop.report("shared")["periods"] == loop.report("whole")["periods"]
    with pytest.raises(UserError, match=r"not those of one whole: part-1-of-3\.json, part-2"):
        shutil.rmtree(folder / "3")
        loop.check("shared", **shared, parts=str(folder))


def test_no_request_is_insufficient_data(loop: Loop) -> None:
    assert loop.check()["verdict"] == "insufficient_data"


def test_before_the_first_release_there_is_insufficient_data(tmp_path: Path) -> None:
    platform = make_platform(tmp_path)
    options = {**PLAIN, "model": "toys", "store": platform.store.uri, "captures": str(tmp_path),
             "data": str(tmp_path), "run": "r", "out": str(tmp_path / "out")}  # fmt: skip
    flags = [part for name, value in options.items() for part in (f"--{name}", value)]
    record = steps.run("drift", flags)
    assert (record["verdict"], record["version"], record["rows"]) == ("insufficient_data", None, 0)
    assert drift_checks(platform.store, "toys").last() == record
    states = {alarm.name: alarm.state for alarm in local.alarms(platform, "toys")}
    assert states["drift"] == INSUFFICIENT
    assert steps.run("drift", [*flags, "--part", "1/2"]) == {"part": "1/2", "rows": 0}


def test_days_as_blocks_keep_a_daily_level_quiet(tmp_path: Path) -> None:
    loop = Loop(tmp_path, flights(0, 60, by=40), block="when")
    loop.requests(flights(60, 20, by=40))
    since = clock.text(clock.now() - timedelta(days=1))
    with pytest.raises(UserError, match="'word', but version 1 was trained with 'when'"):
        loop.check(block="word")
    loop.check("blocks", block="when", since=since)
    assert loop.report("blocks")["features"]["x"]["test"] == "block-bootstrap"
    assert not loop.report("blocks")["features"]["level"]["drifted"]
    loop.check("rows", since=since)
    assert loop.report("rows")["features"]["x"]["test"] == "kolmogorov-smirnov"
    assert loop.report("rows")["features"]["level"]["drifted"]


def test_an_entity_as_block(tmp_path: Path) -> None:
    data, window = (
        rows.assign(plane=lambda frame: "N" + (frame["level"].rank(method="dense")).astype(str))
        for rows in (flights(0, 60, by=40), flights(60, 20, by=40))
    )
    loop = Loop(tmp_path, data, block="plane")
    loop.requests(window)
    loop.arrive(window)
    record = loop.check(block="plane")
    assert set(record["effects"]) == {"x", "level", "word", "prediction_score"}
    assert record["performance"]["labeled"] == 800


def test_a_block_that_is_no_input_is_refused_before_training(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"drift.block 'late' is neither .* allowed: x, level, w"):
        Loop(tmp_path, flights(0, 20), block="late")


@pytest.mark.parametrize("parts", [1, 3])
def test_processes_that_share_the_window_find_what_one_finds(loop: Loop, parts: int) -> None:
    minutes = [clock.now() - timedelta(minutes=minutes) for minutes in (2, 1)]
    since = clock.text(minutes[0])
    loop.requests(flights(60, 20), minutes[1])
    folder = loop.root / "shared"
    python = warm.programs() / "python"
    processes = [
        subprocess.Popen([python, "-m", "training.cli", "step", "drift", *arguments])
        for arguments in (
            loop.arguments(
                run="shared",
                since=since,
                until="",
                part=f"{number}/{parts}",
                out=str(folder / str(number)),
            )
            for number in range(1, parts + 1)
        )
    ]
    assert [process.wait() for process in processes] == [0] * parts
    loop.check("shared", until="", parts=str(folder))
    loop.check("alone", since=since)
    assert loop.report("alone") == loop.report("shared")


def _auc(loop: Loop, rows: pd.DataFrame) -> float:
    from sklearn.metrics import roc_auc_score

    store = loop.platform.store
    model = predictor.load(store, versions.manifest(store, "toys", loop.version))
    return float(roc_auc_score(rows["late"], model.predict(model.frame(rows))[1]))


BLANK_OR_CHANGED = {
    "blank labels": lambda rows: rows.assign(
        late=rows["late"].astype("Int8").where(rows.index > 9)
    ),
    "words for numbers": lambda rows: rows.assign(x=["many"] * len(rows)),
    "numbers for words": lambda rows: rows.assign(word=1.5),
    "a new column": lambda rows: rows.assign(more=1),
    "a column that is gone": lambda rows: rows.drop(columns="level"),
    "a time that is none": lambda rows: rows.assign(when="soon"),
}


@pytest.mark.parametrize("name", BLANK_OR_CHANGED)
def test_a_labeled_table_that_changed_stops_no_check(loop: Loop, name: str) -> None:
    rows = flights(60, 20)
    loop.requests(rows)
    loop.arrive(BLANK_OR_CHANGED[name](rows))
    record = loop.check()
    assert record["verdict"] == "no_drift" and record["rows"] == 800
    if name == "blank labels":
        assert record["performance"]["labeled"] == 790
    elif name == "a new column":
        assert record["performance"]["labeled"] == 800
    else:
        assert record["performance"]["value"] is None


def test_reference_and_window_in_every_form_of_missing_truth(tmp_path: Path) -> None:
    """A label of a column of truth values is found, whether or not one of them is missing."""
    rows = flights(0, 60).assign(flag=lambda frame: frame["x"] > 0)
    rows["flag"] = rows["flag"].astype("boolean").where(rows.index != 5)
    loop = Loop(tmp_path, rows)
    later = flights(60, 20).assign(flag=lambda frame: frame["x"] > 0)
    loop.requests(later)
    loop.arrive(later)
    assert loop.check()["performance"]["labeled"] == 800
