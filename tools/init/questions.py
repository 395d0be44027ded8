"""Questions about a new stack, and the key of its file that each answer goes to."""

from __future__ import annotations

from components import targets
from components.targets import LOCAL, Question

# Asked for every target, and what only a cloud has.
EVERYWHERE = (
    Question("model", "name of the model", "model", default="model", required=True),
    Question(
        "data", "labeled table: a .csv or .parquet file or a folder of them (on a cloud, its URL)",
        "data.location", required=True,
    ),
    Question("target-column", "column to predict", "data.target", required=True),
    Question(
        "task", "classification or regression", "data.task", default="classification",
        required=True,
    ),
)  # fmt: skip
EMAILS = Question(
    "emails", "e-mails that hear of alarms, with commas", "alerts.emails", several=True
)
WEBHOOKS = Question(
    "webhooks",
    "webhooks that hear of alarms, with commas (env:NAME for a secret one)",
    "alerts.webhooks",
    several=True,
)
BUDGET = Question("budget", "monthly budget that raises an alarm", "budget.monthly")


def questions_for(target: str) -> list[Question]:
    """The questions about a stack on `target`, in order."""
    questions = [*targets.load(target).questions, *EVERYWHERE]
    return [*questions, WEBHOOKS] if target == LOCAL else [*questions, EMAILS, WEBHOOKS, BUDGET]


def every() -> list[Question]:
    """The questions of all targets; one that several ask in their own words comes several times."""
    return [
        *(question for target in targets.every() for question in target.questions),
        *EVERYWHERE, EMAILS, WEBHOOKS, BUDGET,
    ]  # fmt: skip
