"""What each target lacks that another has, in words: the only hand-written part of the page.

A capability that is not named lacks nothing.
"""

from __future__ import annotations

LACKS = {
    "local": {
        "registry": "encryption of its own, other computers",
        "pipeline": "other computers: steps run here, one after another",
        "endpoint": "more than one process",
        "monitoring": "e-mail; alarms and pages are those of `mlops serve`, while it runs",
        "retraining": "a scheduler of its own: schedules are followed while `mlops serve` runs",
        "identity": "all of it: who may read the folder may do everything",
    },
    "aws": {
        "pipeline": "steps that are reused: data and champion change under one address",
        "endpoint": "an endpoint without a machine: before the first release one answers 503; a "
        "canary with one instance",
        "monitoring": "job logs per stack: they are the account's, and one stack keeps "
        "them (`ownsJobLogs`)",
    },
    "azure": {
        "pipeline": "conditions between steps: all run, and end at once when not wanted",
        "monitoring": "alarms that look back more than two days, and alarms without data",
        "retraining": "day of month and month in a schedule; an event on an alarm: the drift "
        "check starts the training itself",
        "identity": "rights on the team's own data: give them to the steps yourself",
    },
    "gcp": {
        "pipeline": "a resource for a definition: specs are objects in the store; a limit to the "
        "time a run takes",
        "endpoint": "canaries and rollback by the service: the release shifts the traffic, watches "
        "and goes back; one that is killed in between leaves its share to the next",
        "monitoring": "rights to make a budget: they are the billing account's, whose owner has to "
        "give them to whoever deploys",
        "retraining": "changing what a schedule runs: it is replaced",
    },
}
