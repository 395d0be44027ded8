"""The queries of alarms, run over rows such as Azure writes: which of them make an alarm fire.

Rows have the columns of Azure Monitor's table reference (`pulumi_simcloud`), and the values that
learn.microsoft.com, "Monitor online endpoints" and "Troubleshoot online endpoints", names.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from string import Template
from typing import Any

import pytest
from pulumi_simcloud.rules import kql

from components.monitoring.azure_alarms import DOWN, DRIFT, ERRORS, MISSED

pytestmark = pytest.mark.skipif(not kql.AVAILABLE, reason="duckdb-kql needs Python 3.11")

NOW = datetime.now(timezone.utc).replace(tzinfo=None)
VALUES = {"stack": "azure-dev", "model": "churn", "endpoint": "mlops-azure-dev-churn1a2b3c4d",
          "hours": 36}  # fmt: skip
PROPERTIES = {"stack": "azure-dev", "model": "churn"}
OTHER_PROPERTIES = {"stack": "azure-dev", "model": "churn-late"}
IDENTITY = "/subscriptions/s/resourcegroups/g/providers/microsoft.machinelearningservices"


def answer(query: str, table: str, *rows: dict[str, Any]) -> Any:
    """The one number that a query finds in a table with these rows; None if there is none."""
    import duckdb_kql

    database = duckdb_kql.connect()
    columns = kql.tables()[table]
    definitions = ", ".join(f'"{name}" {kql.TYPES[kind]}' for name, kind in columns.items())
    database.sql(f'CREATE TABLE "{table}" ({definitions})')
    for row in rows:
        names = ", ".join(f'"{name}"' for name in row)
        values = [json.dumps(value) if isinstance(value, dict) else value for value in row.values()]
        marks = ", ".join("?" for _ in row)
        database.execute(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', values)
    ((number,),) = duckdb_kql.query(database, Template(query).substitute(VALUES)).fetchall()
    return number


def metric(
    name: str, value: float, hours: float = 1, place: dict[str, str] = PROPERTIES
) -> dict[str, Any]:
    """What a drift check publishes, as Application Insights writes it."""
    moment = NOW - timedelta(hours=hours)
    return {"TimeGenerated": moment, "Name": name, "Sum": value, "Properties": place}


def test_the_newest_check_of_the_model_says_whether_there_is_drift() -> None:
    name = "drifted_features"
    rows = (metric(name, 0.0, 30), metric(name, 2.0, 6), metric(name, 9.0, 1, OTHER_PROPERTIES))
    assert answer(DRIFT, "AppMetrics", *rows) == 2
    assert answer(DRIFT, "AppMetrics", *rows, metric(name, 0.0, 2)) == 0
    assert not answer(DRIFT, "AppMetrics", metric("drift_effect", 1.0))


def test_a_check_is_missed_when_the_last_is_older_than_the_setting() -> None:
    name = "drift_check_completed"
    assert answer(MISSED, "AppMetrics", metric(name, 1.0, 35)) == 1
    assert not answer(
        MISSED, "AppMetrics", metric(name, 1.0, 37), metric(name, 1.0, 1, OTHER_PROPERTIES)
    )


def request(code: int, model: int | None = None, endpoint: str | None = None) -> dict[str, Any]:
    """A request as the endpoint logs it: the answer's status and the container's own."""
    name = endpoint or VALUES["endpoint"]
    return {"EndpointName": name, "ResponseCode": code, "ModelStatusCode": model}


@pytest.mark.parametrize(
    ("code", "model", "fails"),
    [
        (200, 200, False),
        # A row that the model does not take: the client's mistake.
        (424, 400, False),
        # A model that raises.
        (424, 500, True),
        (424, 503, True),
        # No instance, an instance that does not answer, and one that takes too long.
        (502, None, True),
        (503, None, True),
        (408, None, True),
        # More requests at once than are let through.
        (429, None, False),
    ],
)
def test_an_answer_counts_as_failed_by_the_model_s_status_too(
    code: int, model: int | None, fails: bool
) -> None:
    table = "AmlOnlineEndpointTrafficLog"
    rows = [request(200, 200)] * 3 + [request(code, model), request(503, None, "another")]
    assert answer(ERRORS, table, *rows) == pytest.approx(0.25 if fails else 0.0)


def test_without_requests_there_are_no_errors() -> None:
    assert answer(ERRORS, "AmlOnlineEndpointTrafficLog") == 0


@pytest.mark.parametrize(
    ("event", "down"),
    [("BackOff", 1), ("LivenessProbeFailed", 1), ("ReadinessProbeFailed", 0), ("Started", 0)],
)
def test_a_container_that_is_started_again_and_again_is_down(event: str, down: int) -> None:
    place = f"{IDENTITY}/workspaces/w/onlineendpoints/{VALUES['endpoint']}"
    rows = [{"Name": event, "_ResourceId": place}, {"Name": event, "_ResourceId": f"{place}x"}]
    assert answer(DOWN, "AmlOnlineEndpointEventLog", *rows) == down
