"""The whole loop over public tables: up, retrain, serve, requests, drift check, rollback.

    make bench-tables

`bench/tables/requirements.txt` names packages that come with tables; they are installed into a
folder of their own, and their CSV files taken in turns, one of each package. Several at a time are
the models of one stack that the real engine brings up; everything after is the real command line
and its server. A training has half of a table's rows, the next the file as it is. Requests are rows
of the table: as JSON, and as the file's own lines, all columns; then the numeric column of most
values is shifted by two standard deviations. What the reader refuses is told before the stack is
up. Writes docs/tables.md.
"""

from __future__ import annotations

import argparse
import platform
import re
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd

from bench.tables.run import choose
from tests.project import REPOSITORY, Project
from tests.serving.servers import Server, until
from training import table
from training.errors import UserError
from training.platform import Platform, platform_at
from training.table_files import csv_delimiter, encoding_of, format_of

AT_A_TIME = 10
MIN_ROWS, MOST_ROWS = 300, 250_000
FIRST_SHARE = 0.5
MOST_REQUEST_ROWS = 400
MOST_CSV_ROWS = 20
# Known to everybody, or others' results rather than tables.
PASSED_OVER = re.compile("iris|titanic|penguins|diamonds|mnist|digits|/tests/|/results/")
PAGE = REPOSITORY / "docs" / "tables.md"
# What came of a table.
THROUGH, STOPPED, REFUSED, FAILED = "through", "no better model", "refused", "failed"


@dataclass
class Table:
    """A table, the model it makes, and what came of each step."""

    name: str
    path: Path
    rows: int
    data: dict[str, Any] = field(default_factory=dict)
    frame: pd.DataFrame = field(default_factory=pd.DataFrame)
    outcomes: dict[str, str] = field(default_factory=dict)
    result: str = ""
    seconds: float = 0.0

    @property
    def model(self) -> str:
        """Its name as a model of a stack."""
        stem = re.sub(r"[^a-z0-9]+", "-", self.path.name.partition(".")[0].lower()).strip("-")
        return f"t-{stem}"[:28].rstrip("-")

    @property
    def file(self) -> str:
        """Its file's name in the project, with the endings it had."""
        return self.model + "".join(self.path.suffixes[-2:] if "." in self.path.stem else
                                    self.path.suffixes)  # fmt: skip

    def raw(self) -> pd.DataFrame:
        """The file's values as they are written."""
        return pd.read_csv(
            self.path, sep=csv_delimiter(self.path), encoding=encoding_of(self.path),
            dtype=str, keep_default_na=False,
        )  # fmt: skip

    def line(self) -> str:
        """The table's line in the result."""
        cells = [self.name, f"{self.rows:,}", *self.outcomes.values(), f"{self.seconds:.0f}"]
        return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def main() -> None:
    """Run the loop over the tables of a folder, print a line for each and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--most", type=int, default=60, help="tables that the reader takes")
    parser.add_argument("--only", help="pattern of tables' names; the page is not written")
    args = parser.parse_args()
    tables: list[Table] = []
    refused: list[Table] = []
    for item in _tables(args.folder, args.only or ""):
        if len(tables) == args.most:
            break
        _open(item)
        (refused if item.result == REFUSED else tables).append(item)
    for start in range(0, len(tables), AT_A_TIME):
        _stack(tables[start : start + AT_A_TIME])
    if not args.only:
        PAGE.write_text(_page(tables, refused))


def _tables(folder: Path, only: str) -> Iterator[Table]:
    """The folder's tables of some rows, one of each package in turns, none twice."""
    packages: dict[str, list[Path]] = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_file() and re.search(only, name) and not PASSED_OVER.search(f"/{name.lower()}"):
            form = format_of(path)
            if form and form[0] == "csv":
                packages.setdefault(path.relative_to(folder).parts[0], []).append(path)
    models: set[str] = set()
    for number in range(max(map(len, packages.values()), default=0)):
        for paths in packages.values():
            for path in paths[number : number + 1]:
                item = Table(str(path.relative_to(folder)), path, _rows(path))
                if MIN_ROWS <= item.rows <= MOST_ROWS and item.model not in models:
                    models.add(item.model)
                    yield item


def _rows(path: Path) -> int:
    """Rows of a file, for a first choice; one that cannot be read is chosen too, to be refused."""
    try:
        return table.rows(path)
    except UserError:
        return MIN_ROWS


def _open(item: Table) -> None:
    """Read the table and choose what is learned of it, or note what it is refused for."""
    try:
        data = table.read(item.path)
        target, columns = choose(data)
    except UserError as error:
        reason = str(error).splitlines()[0].replace(str(item.path), item.name)[:200]
        item.result, item.outcomes = REFUSED, {"refused": reason}
        return
    item.data = {"target": target, "columns": columns}
    item.frame, item.rows = data.frame, len(data.frame)


def _stack(tables: Sequence[Table]) -> None:
    """Bring a stack of these models up, and go round the loop with each."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as name:
        project = Project.make(Path(name) / "project")
        models = {}
        for item in tables:
            half = _half(item.raw())
            half.to_csv(project.path / item.file, index=False, sep=csv_delimiter(item.path))
            models[item.model] = {"data": {**item.data, "location": item.file}}
        project.stack("local", {
            "target": "local", "approval": "automatic", "models": models,
            "retraining": {"schedule": None, "onDrift": False},
            "drift": {"schedule": None, "minRows": 50}, "split": {"holdout": 0.3},
        })  # fmt: skip
        project.up("local")
        platform_here = platform_at(".mlops/local", project.path)
        server = Server(platform_here, "--no-schedules")
        try:
            for item in tables:
                _loop(project, platform_here, server, item)
        finally:
            server.stop()


def _loop(project: Project, platform_here: Platform, server: Server, item: Table) -> None:
    start = time.monotonic()
    item.outcomes = dict.fromkeys(
        ("trained", "unshifted", "formats", "shifted", "all rows", "rollback"), ""
    )
    try:
        item.result = _steps(project, server, item)
    except Exception as error:
        step = next((name for name, text in item.outcomes.items() if not text), "rollback")
        last = str(error).strip().splitlines()[-1]
        is_refusal = step == "trained" and last.startswith("error: step 'prepare' failed: ")
        item.result = REFUSED if is_refusal else FAILED
        text = last.removeprefix("error: ").partition(" (log")[0][:200]
        item.outcomes[step] = text if is_refusal else f"**{text}**"
    item.seconds = time.monotonic() - start
    print(item.line(), flush=True)


def _steps(project: Project, server: Server, item: Table) -> str:
    of_model = ("-m", item.model)
    output = project.mlops(*of_model, "retrain").strip().splitlines()[-1]
    if not output.startswith("version 1"):  # no better than the baseline
        item.outcomes["trained"] = output
        return STOPPED
    path = f"/models/{item.model}"
    until(lambda: server.get(f"{path}/version")[1]["version"] == 1)
    version = project.json(*of_model, "versions", "1")
    item.outcomes["trained"] = (
        f"{version['task']} of {item.data['target']}: {version['metrics']['metric']} "
        f"{version['metrics']['challenger']:.3f}"
    )
    inputs = [column["name"] for column in version["inputs"]]
    # The version's scores of rows that it has learned from are others than those of new ones.
    new = item.frame.drop(index=_half(item.frame).index)
    sample = new.sample(min(MOST_REQUEST_ROWS, len(new)), random_state=1)
    rows, texts = sample[inputs], item.raw().iloc[sample.index]
    answers = _post(server, path, rows)
    item.outcomes["unshifted"] = _verdict(project, item)
    # After the check: rows that are captured twice would count as twice the evidence.
    item.outcomes["formats"] = _compare_formats(
        server, path, answers, texts, csv_delimiter(item.path)
    )
    numeric = [c["name"] for c in version["inputs"] if c["kind"] == "numeric"]
    if numeric:
        name = max(numeric, key=lambda column: (item.frame[column].nunique(), column))
        moved = rows.assign(**{name: rows[name] + 2 * item.frame[name].std()})
        _post(server, path, moved)
        item.outcomes["shifted"] = _verdict(project, item)
        if item.outcomes["shifted"] != "drift":
            raise RuntimeError(f"{item.outcomes['shifted']} though {name} is shifted")
    else:
        item.outcomes["shifted"] = "nothing to shift"
    shutil.copy(item.path, project.path / item.file)
    output = project.mlops(*of_model, "retrain").strip().splitlines()[-1]
    released = output.startswith("version 2")
    item.outcomes["all rows"] = "version 2" if released else "refused by the gate"
    if not released:
        item.outcomes["rollback"] = "nothing to go back from"
        return THROUGH
    until(lambda: server.get(f"{path}/version")[1]["version"] == 2)
    project.mlops(*of_model, "rollback", "--why", "the loop")
    until(lambda: server.get(f"{path}/version")[1]["version"] == 1)
    item.outcomes["rollback"] = "version 1"
    return THROUGH


def _half(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of the first training."""
    return rows.sample(frac=FIRST_SHARE, random_state=0)


def _compare_formats(
    server: Server, path: str, by_json: dict[str, Any], texts: pd.DataFrame, delimiter: str
) -> str:
    """Have some of the rows predicted as the file's lines; whether the answers agree."""
    body = texts.iloc[:MOST_CSV_ROWS].to_csv(index=False, sep=delimiter).encode()
    status, by_csv = server.post(body, f"{path}/invocations", "text/csv")
    if status != 200:
        raise RuntimeError(f"the file's own lines: {by_csv}")
    until(lambda: server.get(f"{path}/version")[1]["pending_captures"] == 0)
    if by_json["predictions"][:MOST_CSV_ROWS] != by_csv["predictions"]:
        raise RuntimeError("JSON and CSV are answered differently")
    difference = np.abs(np.subtract(by_json["scores"][:MOST_CSV_ROWS], by_csv["scores"])).max()
    return f"yes ({difference:.0e})" if difference else "yes"


def _post(server: Server, path: str, rows: pd.DataFrame) -> dict[str, Any]:
    """Have rows predicted in JSON."""
    plain = rows.astype(object).where(rows.notna(), None)
    # Not by pandas' `to_json`, which rounds to 15 digits.
    instances = plain.to_dict("records")
    status, answer = server.post({"instances": instances}, f"{path}/invocations")
    if status != 200:
        raise RuntimeError(f"JSON: {answer}")
    until(lambda: server.get(f"{path}/version")[1]["pending_captures"] == 0)
    return answer


def _verdict(project: Project, item: Table) -> str:
    return project.json("-m", item.model, "drift")["verdict"]


def _page(tables: Sequence[Table], refused: Sequence[Table]) -> str:
    """docs/tables.md: the counts and a line for each table."""

    def count(result: str) -> int:
        return sum(item.result == result for item in tables)

    alarms = sum(t.outcomes.get("unshifted") == "drift" for t in tables)
    lines = [
        "# Public tables",
        "",
        f"Made by `make bench-tables` on {platform.machine()}, Python {platform.python_version()}: "
        "tables of packages (`bench/tables/requirements.txt`), one of each package in turns, of "
        f"{MIN_ROWS} to {MOST_ROWS:,} rows, nothing about them set but the target (the last column "
        "that can be one) and free text ignored. Each goes through `up`, training with half of "
        "its rows, the endpoint, requests with rows of the other half, in JSON and as the file's "
        "own lines, a drift check of them, one with a column shifted by two standard deviations, "
        "training with "
        "the file as it is, and rollback.",
        "",
        f"{count(THROUGH)} of {len(tables)} tables went all the way, {count(STOPPED)} gave no "
        f"model better than the baseline, {count(REFUSED)} were refused by the training in a "
        f"sentence, {count(FAILED)} failed. {alarms} checks of {count(THROUGH)} without a shift "
        "told drift (at alpha 0.05).",
        "",
        "| table | rows | trained | unshifted | JSON = CSV | shifted | all rows | rollback | s |",
        "|---|---|---|---|---|---|---|---|---|", *(table.line() for table in tables), "",
    ]  # fmt: skip
    if refused:
        lines += [
            "Refused by the reader before anything is up:", "", "| table | sentence |", "|---|---|",
            *(f"| {t.name} | {t.outcomes['refused'].replace('|', '/')} |" for t in refused), "",
        ]  # fmt: skip
    return "\n".join(lines)


if __name__ == "__main__":
    main()
