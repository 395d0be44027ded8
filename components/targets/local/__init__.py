"""This computer: a folder, MLflow on SQLite, and one server process, `mlops serve`."""

from components.targets import LOCAL, Target

TARGET = Target(
    name=LOCAL,
    stacks=("local",),
    own_resources=True,
    exclusive=frozenset(
        {
            "endpoint.canaryWaitMinutes",
            "endpoint.captureDurable",
            "endpoint.workers",
            "endpoint.keepPreviousMinutes",
            "endpoint.mirrorPercent",
            "endpoint.port",
        }
    ),
    # Nothing has to be waited for in a demonstration.
    canary_minutes=0,
    signal_minutes=0,
    limitations={
        "registry": "encryption of its own, other computers",
        "pipeline": "other computers: steps run here, one after another",
        "endpoint": "more than one process",
        "monitoring": "e-mail; alarms and pages are those of `mlops serve`, while it runs",
        "retraining": "a scheduler of its own: schedules are followed while `mlops serve` runs",
        "identity": "all of it: who may read the folder may do everything",
    },
)
