"""Fields that targets of EventBridge's rules and of Scheduler's schedules share."""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_simcloud.failures import Failure, excerpt
from pulumi_simcloud.kinds import Inputs, Rule
from pulumi_simcloud.property_values import select
from pulumi_simcloud.rules.basic import PathRule, check


def of_target(arn_parts: dict[str, str], arn_path: str, requirements: dict[str, str]) -> Rule:
    """Parameters that go with one kind of target, which is seen in its ARN."""
    prefix = arn_path.rpartition(".")[0]

    def rule(inputs: Inputs) -> Iterator[Failure]:
        arn = next((value for _, value in select(inputs, arn_path)), None)
        if not isinstance(arn, str):
            return
        for name, part in arn_parts.items():
            path = f"{prefix}.{name}" if prefix else name
            present = any(value is not None for _, value in select(inputs, path))
            if present and part not in arn:
                yield Failure(path, f"not with the target {excerpt(arn)}")
            if not present and part in arn and name in requirements:
                yield Failure(path, f"missing: needed with the target {excerpt(arn)}")

    return PathRule((*(f"{prefix}.{name}".strip(".") for name in arn_parts), arn_path), rule)


def message_group(path: str, arn_path: str) -> Rule:
    """A FIFO queue's messages have a group, and only theirs (SqsParameters)."""

    def rule(inputs: Inputs) -> Iterator[Failure]:
        arn = next((value for _, value in select(inputs, arn_path)), None)
        if not isinstance(arn, str) or ":sqs:" not in arn:
            return
        if arn.endswith(".fifo") and not any(True for _ in select(inputs, path)):
            yield Failure(path, "missing: needed for a FIFO queue")

    return PathRule((path, arn_path), rule)


def no_fifo(path: str) -> Rule:
    """What is not delivered goes to a standard queue.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
    """
    return check(
        path,
        lambda value: (
            "a dead-letter queue is a standard one, no FIFO queue"
            if str(value).endswith(".fifo")
            else None
        ),
    )
