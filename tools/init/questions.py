"""What a new stack has to know, per target, and where each answer goes in its file."""

from __future__ import annotations

from dataclasses import dataclass

LOCAL, AWS, AZURE, GCP = "local", "aws", "azure", "gcp"
TARGETS = (LOCAL, AWS, AZURE, GCP)
CLOUDS = (AWS, AZURE, GCP)


@dataclass(frozen=True)
class Question:
    """One answer: its flag, the key it is written under, and for which targets it is asked.

    `key` is dotted; a key without a colon stands under `mlops:`. An empty answer takes the
    default; without one it leaves the key out, unless it is `needed`.
    """

    flag: str
    text: str
    key: str
    targets: tuple[str, ...] = TARGETS
    default: str = ""
    needed: bool = False
    several: bool = False


QUESTIONS = (
    Question("region", "region", "aws:region", (AWS,), "eu-central-1", needed=True),
    Question("region", "location", "azure-native:location", (AZURE,), "westeurope", needed=True),
    Question("project", "Google Cloud project", "gcp:project", (GCP,), needed=True),
    Question("region", "region", "gcp:region", (GCP,), "europe-west1", needed=True),
    Question("model", "name of the model", "model", default="model", needed=True),
    Question(
        "data", "labeled table: a .csv or .parquet file or a folder of them (on a cloud, its URL)",
        "data.location", needed=True,
    ),
    Question("target-column", "column to predict", "data.target", needed=True),
    Question(
        "task", "classification or regression", "data.task", default="classification", needed=True
    ),
    Question("emails", "e-mails that hear of alarms, with commas", "alerts.emails", CLOUDS,
             several=True),
    Question("webhooks", "webhooks that hear of alarms, with commas (env:NAME for a secret one)",
             "alerts.webhooks", several=True),
    Question("budget", "monthly budget that raises an alarm", "budget.monthly", CLOUDS),
)  # fmt: skip


def asked(target: str) -> list[Question]:
    """The questions of a target, in order."""
    return [question for question in QUESTIONS if target in question.targets]
