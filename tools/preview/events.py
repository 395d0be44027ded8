"""A stack's preview from the engine's event log."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from tools.preview import engine
from tools.preview.differences import differences, plain
from tools.preview.model import OPERATIONS, Change, Finding, Resource, Setting
from tools.preview.pipelines import step_changes, without_steps

# The engine's own resources, and components, which stand for nothing of their own.
ENGINE = "pulumi:"
COMPONENT = "mlops:index:"
STACK = "pulumi:pulumi:Stack"
DIGEST = "digest"
# Names of code are at least so much of its digest.
HEXADECIMAL = re.compile(r"\b[0-9a-f]{12,64}\b")

Event = dict[str, Any]


@dataclass(frozen=True)
class EventSummary:
    """The content of an event log."""

    changes: tuple[Change, ...]
    before: tuple[Resource, ...]
    after: tuple[Resource, ...]
    code: tuple[str | None, str | None]
    findings: tuple[Finding, ...]
    errors: tuple[str, ...]


def read(events: list[Event]) -> EventSummary:
    """Everything the log says of the stack."""
    steps = list(_steps(events))
    code = _code(events)
    changes = [_change(step, code) for step in steps if step["op"] in OPERATIONS]
    order = {operation: rank for rank, operation in enumerate(OPERATIONS)}
    return EventSummary(
        changes=tuple(sorted(changes, key=lambda c: (order[c.operation], c.type, c.name))),
        before=tuple(_resources(steps, "old")),
        after=tuple(_resources(steps, "new")),
        code=code,
        findings=tuple(
            sorted(set(_findings(events)), key=lambda f: (f.policy, f.resource, f.message))
        ),
        errors=engine.errors(events),
    )


def short_type(token: str) -> str:
    """`aws:s3/bucket:Bucket` as `s3.Bucket`, `pulumi-python:dynamic/local:Folder` as
    `local.Folder`."""
    _, module, name = token.split(":", 2)
    parts = module.split("/")
    service = parts[-1] if token.startswith("pulumi-python:") else parts[0]
    return f"{service}.{name}"


def _steps(events: Iterable[Event]) -> Iterator[dict[str, Any]]:
    for event in events:
        step = event.get("resourcePreEvent", {}).get("metadata")
        if step and not step["type"].startswith((ENGINE, COMPONENT)):
            yield step


def _change(step: dict[str, Any], code: tuple[str | None, str | None]) -> Change:
    before, after = _inputs(step, "old"), _inputs(step, "new")
    is_change = step["op"] in ("update", "replace")
    return Change(
        operation=step["op"],
        type=short_type(step["type"]),
        name=_name(step["urn"]),
        settings=tuple(_by_setting(before, after, code)) if is_change else (),
        steps=step_changes(_same_code(before, code), after) if is_change else (),
        reasons=tuple(sorted(step.get("keys") or ())) if step["op"] == "replace" else (),
        retained=bool((step.get("old") or {}).get("retainOnDelete")),
    )


def _by_setting(before: Any, after: Any, code: tuple[str | None, str | None]) -> Iterator[Setting]:
    """Differences beside pipeline steps; the digest of the model code is shown once, elsewhere."""
    yield from differences(without_steps(_same_code(before, code)), without_steps(after))


def _same_code(value: Any, code: tuple[str | None, str | None]) -> Any:
    """A value with the old digest of the model code replaced by the new one."""
    before, after = code
    if not before or not after or before == after:
        return value
    if isinstance(value, dict):
        return {key: _same_code(item, code) for key, item in value.items()}
    if isinstance(value, list):
        return [_same_code(item, code) for item in value]
    if isinstance(value, str):
        return HEXADECIMAL.sub(lambda m: _renewed(m.group(), before, after), value)
    return value


def _renewed(text: str, before: str, after: str) -> str:
    """A digest, or the beginning of one, that names the old code: of the new code instead."""
    return after[: len(text)] if before.startswith(text) else text


def _resources(steps: Iterable[dict[str, Any]], side: str) -> Iterator[Resource]:
    for step in steps:
        if step.get(side) and step["op"] in (*OPERATIONS, "same"):
            inputs = plain(_inputs(step, side))
            yield Resource(short_type(step["type"]), _name(step["urn"]), inputs)


def _inputs(step: dict[str, Any], side: str) -> dict[str, Any]:
    """The inputs on one side, without the names that the provider chose."""
    inputs = (step.get(side) or {}).get("inputs") or {}
    defaults = inputs.get("__defaults", ())
    return {key: value for key, value in inputs.items() if key not in defaults}


def _name(urn: str) -> str:
    return urn.rsplit("::", 1)[-1]


def _code(events: Iterable[Event]) -> tuple[str | None, str | None]:
    """The digest of the model code, an output of the stack, before and after."""
    digests: tuple[str | None, str | None] = (None, None)
    for event in events:
        step = event.get("resOutputsEvent", {}).get("metadata")
        if step and step["type"] == STACK:
            sides = ((step.get(side) or {}).get("outputs") or {} for side in ("old", "new"))
            old, new = (outputs.get(DIGEST) for outputs in sides)
            digests = (old, new)
    return digests


def _findings(events: Iterable[Event]) -> Iterator[Finding]:
    for event in events:
        policy = event.get("policyEvent")
        if policy:
            resource = _name(policy.get("resourceUrn", ""))
            # The policy's description, then what it has found.
            sentence = " ".join(policy["message"].split("\n", 1)[-1].split())
            yield Finding(
                policy=policy["policyName"],
                mandatory=policy["enforcementLevel"] == "mandatory",
                resource=resource,
                message=sentence.removeprefix(f"{resource}: "),
            )
