"""The workflow that starts a retraining on a drift alarm: a pure function, its source.

The spec is read from the store, since a workflow's source may have 128 KB only.
Syntax: https://cloud.google.com/workflows/docs/reference/syntax
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]


def workflow(parent: str, bucket: str, spec: str, job: Mapping[str, Any]) -> Json:
    """Starts `job` with the spec at the key `spec`, once an incident has opened."""
    region = parent.split("/")[3]
    runtime = {**job["runtimeConfig"], "parameterValues": {"trigger": "drift"}}
    steps = [
        {
            "read_incident": {
                "assign": [
                    {
                        "message": "${json.decode(text.decode(base64.decode("
                        "event.data.message.data)))}"
                    }
                ]
            }
        },
        {
            "only_opened": {
                "switch": [
                    {"condition": '${message.incident.state != "open"}', "next": "end"},
                ]
            }
        },
        {
            "read_spec": {
                "call": "googleapis.storage.v1.objects.get",
                "args": {
                    "bucket": bucket,
                    "object": f'${{text.url_encode("{spec}")}}',
                    "alt": "media",
                },
                "result": "spec",
            }
        },
        {
            "start": {
                "call": "http.post",
                "args": {
                    "url": f"https://{region}-aiplatform.googleapis.com/v1/{parent}/pipelineJobs",
                    # The pipeline's name begins the run's; a message that comes twice starts one.
                    "query": {
                        "pipelineJobId": f'${{"{job["displayName"]}-" + '
                        "event.data.message.messageId}"
                    },
                    "auth": {"type": "OAuth2"},
                    "body": {**job, "pipelineSpec": "${spec}", "runtimeConfig": runtime},
                },
                "result": "started",
            }
        },
        {"told": {"return": "${started.body.name}"}},
    ]
    return {"main": {"params": ["event"], "steps": steps}}
