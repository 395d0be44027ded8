"""Answers of BigQuery's queries, as Arrow.

A query is run over REST. Its answer, a table that nobody else sees and that is gone after a day, is
read by the Storage Read API, as Google's own client library does. That API can read a table without
a query too, but not always what was logged within the last hour or two
(https://github.com/GoogleCloudDataproc/spark-bigquery-connector/issues/95); a query does
(https://cloud.google.com/bigquery/docs/streaming-data-into-bigquery#dataavailability).

With ``MLOPS_GCP_STORAGE_GATEWAY`` set, a server that stands in for the Storage Read API, which is
gRPC, is asked there without a credential.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from training.clients import gcp, http

if TYPE_CHECKING:
    import pyarrow as pa

STORAGE_GATEWAY = "MLOPS_GCP_STORAGE_GATEWAY"
API = "https://bigquery.googleapis.com/bigquery/v2/projects"


def query(project: str, text: str) -> Iterator[pa.RecordBatch]:
    """The rows that a query selects, in any order.

    Raises GoogleError for what is refused, and UnreachableError without an answer in the time there
    is. A stream that breaks off is taken up by the library at the row where it was.
    """
    request = {"query": text, "useLegacySql": False, "maxResults": 0}
    answer = json.loads(gcp.call("POST", f"{API}/{project}/queries", request))
    job = answer["jobReference"]
    while not answer["jobComplete"]:
        # Waits for some seconds.
        address = f"{API}/{project}/queries/{job['jobId']}"
        answer = gcp.get(address, location=job["location"], maxResults=0)
    if int(answer["totalRows"]) == 0:
        return
    described = gcp.get(f"{API}/{project}/jobs/{job['jobId']}", location=job["location"])
    table = described["configuration"]["query"]["destinationTable"]
    yield from _read_rows(
        project,
        f"projects/{table['projectId']}/datasets/{table['datasetId']}/tables/{table['tableId']}",
    )


def _read_rows(project: str, table: str) -> Iterator[pa.RecordBatch]:
    """The rows of a table, by one stream of the Storage Read API.

    The API is on wherever BigQuery's is: https://cloud.google.com/bigquery/docs/reference/storage.
    A process that has loaded Pulumi cannot load the library: both define ``google.rpc.Status``.
    """
    import pyarrow as pa
    from google.api_core import exceptions, retry
    from google.cloud.bigquery_storage_v1 import types
    from pyarrow import ipc

    session = types.ReadSession(table=table, data_format=types.DataFormat.ARROW)
    # The library's own deadline for a stream that is not there is a day.
    read_retry = retry.Retry(
        retry.if_exception_type(exceptions.ServiceUnavailable, exceptions.DeadlineExceeded),
        initial=http.FIRST_PAUSE_SECONDS,
        maximum=http.LONGEST_PAUSE_SECONDS,
        timeout=http.DEADLINE_SECONDS,
    )
    try:
        with _client() as client:
            opened = client.create_read_session(
                parent=f"projects/{project}",
                read_session=session,
                max_stream_count=1,
                retry=read_retry,
            )
            schema = ipc.read_schema(pa.py_buffer(opened.arrow_schema.serialized_schema))
            # None, if there is nothing to read.
            for stream in opened.streams:
                for answer in client.read_rows(stream.name, retry=read_retry):
                    content = answer.arrow_record_batch.serialized_record_batch
                    yield ipc.read_record_batch(pa.py_buffer(content), schema)
    except exceptions.RetryError as error:
        seconds = http.DEADLINE_SECONDS
        raise http.UnreachableError(
            f"no answer from BigQuery to read {table} in {seconds:g} s: {error.cause}"
        ) from None
    except exceptions.GoogleAPICallError as error:
        code = error.grpc_status_code.name if error.grpc_status_code else ""
        status, reason = int(error.code or 500), str(error.message)
        raise gcp.GoogleError("BigQuery", "to read", table, status, code, reason) from None


def _client() -> Any:
    """A client of the Storage Read API, to be closed."""
    import grpc
    from google.cloud.bigquery_storage_v1 import BigQueryReadClient
    from google.cloud.bigquery_storage_v1.services.big_query_read import transports

    gateway = os.environ.get(STORAGE_GATEWAY)
    if gateway is None:
        return BigQueryReadClient(credentials=gcp.application_credentials())
    channel = grpc.insecure_channel(gateway)
    return BigQueryReadClient(transport=transports.BigQueryReadGrpcTransport(channel=channel))
